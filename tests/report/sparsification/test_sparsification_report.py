"""Runs side by side: what is shown is what was counted, and accuracies are those of the runs' own results."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import OutputExists
from facerep.files.rows import Features
from facerep.report.page.page import section_of
from facerep.report.sparsification.sparsification import FILES, report_of_runs, report_of_steps, structure
from facerep.report.target import Target, show
from facerep.report.verification import verification
from facerep.results.to_json import to_json
from facerep.studies.sparsification.side_by_side import Runs, judged_by_all
from facerep.studies.sparsification.sizes import Sized, Speed
from facerep.studies.verification.verify import verify
from facerep.training.sparsification.run import Step
from facerep.training.sparsification.sparsify import Sparsified


def network(run, weights, kept=(), held_out=(0.9, 0.85, 0.94)):
    return Sized(run, "tiny", kept, weights, 1000, 4 * weights, False, Speed(500, 480, 510), held_out)


def judged(noise):
    rng = np.random.default_rng(0)
    people = np.repeat(np.array(list("abcdef"), dtype=object), 4)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    centres = np.repeat(rng.normal(size=(6, 12)), 4, axis=0)
    values = (centres + noise * rng.normal(size=centres.shape)).astype(np.float32)
    return verify(Features(values=values, names=names, people=people))


def put(result, folder):
    Target(folder, verification.FILES).deliver(verification.report_of(result))


def show_runs(networks, *, json, folder):
    names = tuple(one.run.name for one in networks)
    target = Target(folder, FILES, json=json)
    target.deliver(report_of_runs(Runs(names, tuple(networks), judged_by_all([one.run for one in networks], seed=0))))


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Two runs with the same verification result in their folders, one of them with another beside it."""
    root = tmp_path_factory.mktemp("runs")
    for name, noise in (("dense", 1.0), ("sparse", 0.4)):
        put(judged(noise), root / name / "view2")
    put(judged(0.5), root / "sparse" / "view1")
    (root / "dense" / "other").mkdir()
    (root / "dense" / "other" / "result.json").write_text("{}")
    return root


@pytest.fixture
def networks(runs):
    return network(runs / "dense", 1000), network(runs / "sparse", 125, (("feature", 1 / 16), ("conv4", 0.4)))


def test_what_all_runs_have_is_told_and_what_one_lacks_is_not(networks, runs, tmp_path, capsys):
    show_runs(networks, json=False, folder=tmp_path / "report")
    said = capsys.readouterr().out
    assert "view2: " in said
    assert "view1" not in said
    assert "sparse: feature 1/16, conv4 40 %" in said
    assert "0.125" in said
    told = json.loads((tmp_path / "report" / "result.json").read_text())
    for place, name in enumerate(("dense", "sparse")):
        stored = json.loads((runs / name / "view2" / "result.json").read_text())
        assert told["rows"][place]["verification"]["view2"]["accuracy"] == stored["accuracy"]
    with (tmp_path / "report" / "networks.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["run"] for line in lines] == ["dense", "sparse"]
    assert [(line["weights"], line["share"], line["bytes"]) for line in lines] == [
        ("1000", "1.0", "4000"),
        ("125", "0.125", "500"),
    ]
    difference = told["rows"][1]["verification"]["view2"]["difference"]
    assert float(lines[1]["view2 difference"]) == difference["value"]
    assert float(lines[1]["view2 accuracy"]) - float(lines[0]["view2 accuracy"]) == pytest.approx(difference["value"])
    assert lines[0]["view2 difference"] == ""


def test_times_are_kept_apart_so_that_the_result_has_the_same_bytes_again(networks, tmp_path, capsys):
    slower = [Sized(**{**vars(one), "speed": Speed(50, 40, 60)}) for one in networks]
    for name, rows in (("one", networks), ("again", slower)):
        show_runs(rows, json=True, folder=tmp_path / name)
    files = [(tmp_path / name / "result.json").read_bytes() for name in ("one", "again")]
    assert files[0] == files[1]
    assert json.loads((tmp_path / "again" / "timings.json").read_text())["dense"]["median"] == 50
    assert '"times"' in capsys.readouterr().out


def test_the_figure_is_a_picture_and_the_folder_is_one_that_a_page_takes(networks, tmp_path):
    show_runs(networks, json=False, folder=tmp_path / "report")
    with Image.open(tmp_path / "report" / "sparsification.png") as picture:
        assert picture.size[0] > 800
    assert "12.5 % of weights" in (tmp_path / "report" / "sparsification.svg").read_text(encoding="utf-8")
    section = section_of(tmp_path / "report" / "result.json", "report")
    assert len(section.tables[-1].rows) == 2
    assert len(section.figures) == 1


def test_runs_without_results_are_told_by_their_held_out_accuracy(tmp_path, capsys):
    rows = (network(tmp_path / "a", 1000), network(tmp_path / "b", 125, held_out=None))
    show_runs(rows, json=False, folder=tmp_path / "report")
    said = capsys.readouterr().out
    assert "90.00 [85.0, 94.0]" in said
    assert "not told" in said
    assert "use `facerep verify` to compare" in said
    assert not (tmp_path / "report" / "sparsification.png").exists()


def test_a_report_that_exists_is_refused(networks, tmp_path):
    (tmp_path / "networks.csv").write_text("mine")
    with pytest.raises(OutputExists):
        show_runs(networks, json=False, folder=tmp_path)
    assert (tmp_path / "networks.csv").read_text() == "mine"


def test_steps_are_told_with_their_networks(networks, capsys):
    steps = (Step("feature", 20, 320, 0.1474, 0.4936),)
    done = Sparsified(networks[1].run, steps, tuple(one.run for one in networks))
    show(report_of_steps(done, networks), json=False)
    said = [[cell.strip() for cell in line.split("|")] for line in capsys.readouterr().out.splitlines()]
    assert ["feature", "20 of 320", "0.147", "0.494"] in said
    show(report_of_steps(done, networks), json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == [to_json(steps[0])]
    assert [one["weights"] for one in told["networks"]] == [1000, 125]


def test_shares_are_written_as_people_ask_for_them():
    kept = (("a", 1 / 256), ("b", 53 / 864), ("c", 0.5), ("d", 0.4))
    assert structure(network(Path("x"), 1, kept)) == "a 1/256, b 1/16, c 1/2, d 40 %"
    assert structure(network(Path("x"), 1)) == "all"
