"""What a verification result looks like on paper: table, JSON, CSV and figures."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from facerep.console import console
from facerep.errors import BadInput, OutputExists, Stopped, Usage
from facerep.files.csv_file import cell, plain_cell
from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.files.unfinished import visible
from facerep.pairs.score_file import read_scores
from facerep.report.drawing import STEPS, thin
from facerep.report.page.page import section_of
from facerep.report.side_by_side import side_by_side
from facerep.report.target import Target
from facerep.report.verification import curves
from facerep.report.verification.verification import FILES, report_of
from facerep.results.kinds import VERIFICATION
from facerep.results.read import read_result
from facerep.results.to_json import to_json
from facerep.studies.verification.verify import verify

NAMES = ["=cmd()/1.png", "+a/2.png", "ana, b/3.png", "'tis/4.png", 'Zoë "Z"/5.png', "-f/6.png", "@g/7.png", "h/8.png"]


class Dot:
    name = "cosine"

    def score(self, a, b):
        return (a.astype(np.float64) * b).sum(1)

    def matrix(self, a, b):
        return a.astype(np.float64) @ b.T.astype(np.float64)


def show(result, *, json=False, folder=None, overwrite=False):
    return Target(folder, FILES, overwrite=overwrite, json=json).deliver(report_of(result))


def compare(results, *, json=False, folder=None, overwrite=False):
    files, report = side_by_side(results, seed=0)
    return Target(folder, files, overwrite=overwrite, json=json).deliver(report())


def judged(noise=1.0, names=None, **options):
    rng = np.random.default_rng(0)
    people = np.repeat(np.array(["=p", "b", "c", "d", "e", "f"], dtype=object), 4)
    names = np.array(names or [f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    people = people[: len(names)]
    centres = np.repeat(rng.normal(size=(6, 12)), 4, axis=0)[: len(names)]
    values = (centres + noise * rng.normal(size=centres.shape)).astype(np.float32)
    return verify(Features(values=values, names=names, people=people), scorer=Dot(), **options)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two results of the same pairs, written."""
    root = tmp_path_factory.mktemp("results")
    show(judged(1.0), json=True, folder=root / "one")
    show(judged(0.4), json=True, folder=root / "two")
    return root


def test_everything_is_written_and_reads_back_as_it_was(folders):
    result = judged(1.0)
    names = sorted(path.name for path in visible((folders / "one").iterdir()))
    assert names == ["command.json", "det.png", "det.svg", "result.json", "roc.png", "roc.svg", "scores.csv"]
    assert read_result(folders / "one" / "result.json", VERIFICATION) == json.loads(json.dumps(to_json(result)))
    pairs = read_scores(folders / "one" / "scores.csv")
    np.testing.assert_array_equal(pairs.score, result.scores.value)
    np.testing.assert_array_equal(pairs.same, result.scores.same)
    np.testing.assert_array_equal(pairs.right, result.scores.accepted == result.scores.same)
    np.testing.assert_array_equal(pairs.people[0], result.scores.people[result.scores.left])


def test_the_same_result_gives_the_same_bytes(folders, tmp_path):
    show(judged(1.0), json=True, folder=tmp_path / "again")
    for path in set((folders / "one").iterdir()) - {folders / "one" / "command.json"}:  # it has the time
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_names_that_a_spreadsheet_would_run_are_guarded_and_read_back(tmp_path, capsys):
    result = judged(names=NAMES, far=[0.5])
    show(result, json=True, folder=tmp_path)
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert not any(text.startswith(("=", "+", "-", "@")) for row in rows for text in row[:4])
    pairs = read_scores(tmp_path / "scores.csv")
    assert set(pairs.faces.ravel()) == set(NAMES)
    assert all(plain_cell(next(csv.reader([cell(name)]))[0]) == name for name in NAMES)
    assert json.loads(capsys.readouterr().out)["counts"]["genuine"] == 12


def test_figures_are_pictures_and_the_vector_form_holds_its_text(folders):
    for name in ("roc", "det"):
        with Image.open(folders / "one" / f"{name}.png") as picture:
            assert picture.size[0] > 800
        assert "false accept rate" in (folders / "one" / f"{name}.svg").read_text(encoding="utf-8")


def test_a_thinned_curve_keeps_its_ends_and_never_rises_above_the_whole():
    rng = np.random.default_rng(0)
    far = np.arange(1, 50_001) / 50_000
    tar = np.sort(rng.random(50_000))
    x, y = thin(far, tar, 0.5 / 50_000)
    assert len(x) < STEPS + 2
    assert (x[-1], y[-1]) == (far[-1], tar[-1])
    whole = tar[np.searchsorted(far, x[1:])]
    np.testing.assert_array_equal(y[1:], whole)


def test_an_existing_output_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "roc.svg").write_text("mine")
    with pytest.raises(OutputExists, match=r"roc\.svg"):
        Target(tmp_path, FILES, overwrite=False)
    with pytest.raises(BadInput, match="not a file of facerep's, it is not replaced"):
        Target(tmp_path, FILES, overwrite=True)
    with pytest.raises(OutputExists):
        show(judged(), json=True, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["roc.svg"]
    with pytest.raises(BadInput, match="a folder is written"):
        Target(tmp_path / "roc.svg", FILES, overwrite=True)


def test_too_many_pairs_leave_scores_out_and_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("facerep.report.verification.verification.MOST_ROWS", 100)
    written = show(judged(), json=True, folder=tmp_path)
    assert "scores.csv" not in [path.name for path in written]
    assert "276 pairs, at most 100 are written; draw some with --sample" in capsys.readouterr().err


def test_the_table_names_its_intervals_and_where_the_threshold_comes_from(capsys):
    console.said.clear()  # a warning is said once a process
    show(judged(far=[0.1, 0.001]))
    out = capsys.readouterr()
    assert "TAR at FAR 10 %" in out.out
    assert "refused" in out.out
    assert "variance adjusted for shared people" in out.out
    assert "threshold was chosen on these pairs" in out.out
    assert "warning: FAR 0.001 refused: 240 impostor pairs, 1000 are wanted" in out.err


def test_results_side_by_side_carry_a_paired_difference_and_a_figure(folders, tmp_path, capsys):
    written = compare([folders / "one", folders / "two" / "result.json"], folder=tmp_path / "c")
    assert [path.name for path in written] == ["comparison.json", "roc.png", "roc.svg"]
    table = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    one, two = table["rows"]
    assert (one["name"], two["name"]) == ("one", "two")
    assert one["difference"] is None
    assert two["difference"]["value"] == pytest.approx(two["accuracy"]["value"] - one["accuracy"]["value"])
    assert two["difference"]["method"] == "paired bootstrap over people"
    out = capsys.readouterr().out
    assert "the order of the rows is not significant unless a paired test says so" in out
    with pytest.raises(OutputExists):
        compare([folders / "one"], folder=tmp_path / "c")


def test_results_on_other_pairs_are_not_tested_against_each_other(folders, tmp_path, capsys):
    show(judged(sample=20), json=True, folder=tmp_path / "other")
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "result.json").write_bytes((folders / "one" / "result.json").read_bytes())
    capsys.readouterr()
    compare([folders / "one", tmp_path / "other", tmp_path / "bare"], folder=tmp_path / "c")
    out = capsys.readouterr()
    assert out.out.count("other pairs") == 1
    assert out.out.count("scores not kept") == 1
    assert "do not share one protocol" in out.out
    assert "bare has no scores.csv" in out.err


def test_the_same_pairs_in_another_order_or_turned_round_are_the_same_pairs(folders, tmp_path, capsys):
    shutil.copytree(folders / "two", tmp_path / "turned")
    head, *lines = (tmp_path / "turned" / "scores.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in reversed(lines)]
    turned = [",".join([*row[2:4], *row[:2], *row[4:]]) for row in rows]
    (tmp_path / "turned" / "scores.csv").write_text("\n".join([head, *turned]) + "\n", encoding="utf-8")
    compare([folders / "one", folders / "two", tmp_path / "turned"], json=True)
    _, two, other = json.loads(capsys.readouterr().out)["rows"]
    counted = {"first_only", "second_only", "value", "method"}
    assert {key: two["difference"][key] for key in counted} == {key: other["difference"][key] for key in counted}


def test_a_file_that_is_no_result_is_refused(tmp_path):
    for text, why in (("{", "not a JSON"), ("[]", "not a result"), ('{"format": "facerep/verification"}', "version")):
        (tmp_path / "result.json").write_text(text)
        with pytest.raises(BadInput, match=why):
            compare([tmp_path])
    with pytest.raises(BadInput, match="no such result"):
        compare([tmp_path / "absent.json"])
    with pytest.raises(Usage):
        compare([])


def test_a_perfect_system_and_a_given_infinite_threshold_can_be_drawn(tmp_path):
    result = judged(0.001, threshold=float("inf"), far=[0.1])
    assert result.eer.rate.value <= 0.5
    show(result, json=True, folder=tmp_path)
    assert json.loads((tmp_path / "result.json").read_text())["threshold"]["value"] == "inf"


def test_folds_are_shown_with_their_standard_error(capsys):
    rng = np.random.default_rng(0)
    names = np.array([f"{k}" for k in range(40)], dtype=object)
    people = np.repeat([f"p{k}" for k in range(10)], 4).astype(object)
    values = rng.normal(size=(40, 8)).astype(np.float32)
    left = np.arange(0, 40, 2)
    right = np.where(np.arange(20) % 2, (left + 7) % 40, left + 1)
    pairs = PairList(
        name="view2", left=names[left], right=names[right], same=people[left] == people[right],
        fold=np.arange(20) // 10,
    )  # fmt: skip
    features = Features(values=values, names=names, people=people, protocols={"view2": pairs})
    show(verify(features, scorer=Dot()))
    out = capsys.readouterr().out
    assert "accuracy, mean of folds" in out
    assert "(standard error)" in out


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_what_is_stopped_while_it_is_written_leaves_nothing_new_and_the_result_of_before_as_it_was(
    tmp_path, monkeypatch
):
    def stop(_):
        raise Stopped(2)

    result = judged()
    for folder, overwrite in (("new", False), ("old", True)):
        if overwrite:
            show(judged(0.5), folder=tmp_path / folder)
        before = held(tmp_path / folder)
        with monkeypatch.context() as patch:
            patch.setattr(curves, "roc", stop)
            with pytest.raises(Stopped):
                show(result, folder=tmp_path / folder, overwrite=overwrite)
        assert held(tmp_path / folder) == before
        assert (tmp_path / folder).exists() == overwrite
    show(result, folder=tmp_path / "new")


def test_scores_of_other_pairs_and_results_of_other_versions_are_not_compared(tmp_path):
    for name in ("one", "two"):
        show(judged(), folder=tmp_path / name)
    scores = tmp_path / "two" / "scores.csv"
    scores.write_text("\n".join(scores.read_text(encoding="utf-8").splitlines()[:-5]) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"scores.csv has .* genuine and .* impostor pairs, the result .*two; run"):
        compare([tmp_path / "one", tmp_path / "two"])
    told = json.loads((tmp_path / "one" / "result.json").read_text(encoding="utf-8"))
    (tmp_path / "one" / "result.json").write_text(json.dumps({**told, "version": 99}), encoding="utf-8")
    with pytest.raises(BadInput, match="version is 99, 1 is read"):
        section_of(tmp_path / "one" / "result.json", "one")
