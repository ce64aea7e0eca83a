"""`facerep verify` beyond one list: thresholds of another set, groups, trials, all pairs that are not kept."""

import json
import re

import numpy as np
import pytest

from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.files.unfinished import visible
from facerep.pairs import choice as chosen_pairs


def make_features(path, seed=0, persons=12, each=6, **labels):
    rng = np.random.default_rng(seed)
    people = np.repeat([f"p{k}" for k in range(persons)], each).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    values = np.repeat(rng.normal(size=(persons, 16)), each, axis=0) + 1.2 * rng.normal(size=(len(people), 16))
    held = {name: np.asarray(column) for name, column in labels.items()}
    write_features(Features(values=values.astype(np.float32), names=names, people=people, labels=held), path)
    return names, people


def test_a_threshold_of_another_set_is_applied_and_both_rates_are_shown(here, tmp_path):
    make_features(tmp_path / "dev.h5", seed=1)
    make_features(tmp_path / "test.h5", seed=2)
    dev = here("verify", "dev.h5", "--far", "0.1,0.01", "--json")  # what -o writes, without the figures
    assert dev.code == 0
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "result.json").write_text(dev.stdout, encoding="utf-8")
    run = here("verify", "test.h5", "--threshold-from", "dev/result.json", "--at-far", "0.01")
    assert run.code == 0
    assert "threshold taken from dev/result.json (all pairs): FAR at most 0.01" in run.stdout
    assert re.search(r"FAR there 0\.97 % \(.*; 23 of 2,376\), here 1\.09 % \(.*; 26 of 2,376\)", run.stdout)
    missing = here("verify", "test.h5", "--threshold-from", "dev", "--at-far", "0.05")
    assert missing.code == 1
    assert missing.error.endswith("it has 0.1, 0.01; give verify --far")
    other = here("verify", "test.h5", "--metric", "euclidean", "--threshold-from", "dev")
    assert other.code == 1
    assert "metric differs" in other.error


def test_groups_are_shown_with_their_ratios(here, tmp_path):
    make_features(tmp_path / "f.h5", sex=np.repeat(["m", "f"], 36))
    run = here("verify", "f.h5", "--group", "sex", "--at-far", "0.05")
    assert run.code == 0
    assert "by sex, both faces in the group, at threshold" in run.stdout
    assert "ratio to f" in run.stdout
    assert "m: FNMR" in run.stdout
    assert "pairs across groups: 0 genuine, 1,296 impostor" in run.stdout
    (tmp_path / "sex.csv").write_text("person,sex\n" + "".join(f"p{k},{'mf'[k % 2]}\n" for k in range(12)))
    table = here("verify", "f.h5", "--group", "sex", "--labels", "sex.csv", "--json")
    assert json.loads(table.stdout)["groups"]["label"] == "sex of sex.csv"
    absent = here("verify", "f.h5", "--group", "age")
    assert absent.code == 1
    assert "it has people, sex; or give a table with --labels" in absent.error


def test_all_pairs_that_are_not_kept_have_figures_and_no_scores(here, tmp_path, monkeypatch):
    make_features(tmp_path / "f.h5")
    kept = json.loads(here("verify", "f.h5", "--json").stdout)
    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 100)
    run = here("verify", "f.h5", "--pairs", "all", "-o", "out", "--device", "cpu", "--json")
    assert run.code == 0
    assert "scores.csv is left out: 2,556 pairs" in run.stderr
    assert sorted(path.name for path in visible((tmp_path / "out").iterdir())) == [
        "command.json", "det.png", "det.svg", "result.json", "roc.png", "roc.svg",
    ]  # fmt: skip
    streamed = json.loads(run.stdout)
    assert streamed["counts"] == kept["counts"]
    assert streamed["accuracy"]["value"] == pytest.approx(kept["accuracy"]["value"], abs=1e-3)
    assert streamed["software"]["numpy"] == np.__version__


def test_the_trials_of_a_blufr_list_are_judged(here, tmp_path):
    names, people = make_features(tmp_path / "f.h5")
    rng = np.random.default_rng(0)
    lines = [
        f"{name},{person},-,{''.join(rng.permutation(['T', 'G', 'P', 'P']))}"
        for name, person in zip(names, people, strict=True)
    ]
    (tmp_path / "blufr.csv").write_text("\n".join(["file,label,dev,trials", *lines]) + "\n")
    run = here("verify", "f.h5", "--pairs", "blufr.csv", "--far", "0.05", "-o", "out")
    assert run.code == 0
    assert "f.h5, cosine, blufr: TAR at FAR 5 %" in run.stdout
    assert "mean - s" in run.stdout
    told = json.loads((tmp_path / "out" / "trials.json").read_text())
    assert len(told["trials"]) == 4
    assert here("verify", "f.h5", "--pairs", "blufr.csv", "-o", "out").error.startswith("error: output exists")
    wrong = here("verify", "f.h5", "--pairs", "blufr.csv", "--group", "sex", "--pooled")
    assert wrong.code == 2
    assert "leave --group, --pooled out" in wrong.error


def test_a_table_in_a_pipe_has_no_trailing_blanks_and_bits_are_counted(here, tmp_path):
    make_features(tmp_path / "f.h5")
    assert here("binarize", "f.h5", "--threshold", "zero", "-o", "codes.h5").code == 0
    run = here("verify", "codes.h5", "--at-far", "0.05")
    assert run.code == 0
    assert not any(line != line.rstrip() for line in run.stdout.splitlines())
    assert re.search(r"TAR where at most \d bits? differs? ", run.stdout)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--at-far", "2"), "--at-far wants a fraction above 0 and at most 1, got 2"),
        (("--threshold", "0.5", "--at-far", "0.1"), "--threshold excludes"),
        (("--labels", "x.csv"), "name it with --group"),
        (("--device", "cuda"), "scored on the CPU"),
    ],
)
def test_options_that_contradict_each_other_are_usage_errors(here, tmp_path, arguments, why):
    make_features(tmp_path / "f.h5", persons=4)
    run = here("verify", "f.h5", *arguments)
    assert run.code == 2
    assert why in run.error
    assert run.stdout == ""


def test_a_cluster_is_for_all_pairs_of_codes(here, tmp_path, monkeypatch):
    make_features(tmp_path / "f.h5")
    assert here("binarize", "f.h5", "--threshold", "median", "-o", "c.h5").code == 0
    monkeypatch.setattr("facerep.ray_cluster.RayCluster.__post_init__", lambda _machines: None)  # no ray is needed here
    for words, error in (
        (("f.h5", "--address", "head:1"), "--address means nothing without --engine ray"),
        (("f.h5", "--engine", "ray"), "--engine ray is for all pairs of many codes; cosine is scored here"),
        (("c.h5", "--engine", "ray"), "--engine ray is for all pairs of many codes; these few are scored here"),
    ):
        run = here("verify", *words, "--pairs", "all")
        assert (run.code, run.stdout) == (2, "")
        assert run.error.startswith(f"error: {error}")


def test_memory_is_for_all_pairs_and_changes_no_rate(here, tmp_path, monkeypatch):
    make_features(tmp_path / "f.h5")
    run = here("verify", "f.h5", "--sample", 9, "--memory", "1kb")
    assert (run.code, run.stdout) == (2, "")
    assert run.error.startswith(
        "error: --memory is for all pairs: of a list or a sample the faces that stand in a pair"
    )
    monkeypatch.setattr(chosen_pairs, "MOST_LISTED", 0)
    assert here("verify", "f.h5", "--memory", "1kb").stdout == here("verify", "f.h5").stdout
