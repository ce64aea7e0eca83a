"""Files of attribute results: what is written reads back, and what does not belong together is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.report.attributes.attributes import FILES, report_of
from facerep.report.cells import points, with_interval
from facerep.report.side_by_side import side_by_side
from facerep.report.target import Target
from facerep.results.figures import Measure
from facerep.studies.attributes import side_by_side as study
from facerep.studies.attributes.labelling import Labelling
from facerep.studies.attributes.model_file import AttributeModel
from facerep.studies.attributes.result import AttributeAnswers, AttributeResult, judge
from facerep.studies.attributes.side_by_side import read_answers
from facerep.studies.attributes.splits import SeenPeople, Splits

NAMES = ("Male", "=odd,name", "sex=m")
FACES = np.array(["a/1.png", "=b/2.png", "c,3.png", "d/4.png", "e/5.png", "f/6.png"], object)
LABELS = np.array([[1, -1, 1], [-1, 1, -1], [1, 1, 1], [-1, -1, -1], [1, -1, 0], [-1, 1, 1]], np.int8)


def result(labels: np.ndarray = LABELS, faces: np.ndarray = FACES, seed: int = 0) -> AttributeResult:
    scores = np.random.default_rng(seed).normal(size=labels.shape)
    people = np.array([f"p{row // 2}" for row in range(len(faces))], object)
    n = len(labels)
    splits = Splits(np.arange(n), np.zeros(0, int), np.arange(n, 2 * n), "a test", {}, 0)
    labelling = Labelling(NAMES, np.concatenate([labels, labels]), splits, (), "a test", ())
    answers = AttributeAnswers(faces, people, NAMES, scores, labels)
    return judge(answers, labelling, [0.1] * 3, kind="features", system="s", features={}, seen=SeenPeople("", None))


def written(folder: Path, told: AttributeResult) -> Path:
    shape = {"mean": np.zeros(2), "scale": np.ones(2), "bias": np.zeros(3), "cost": np.ones(3)}
    model = AttributeModel(names=NAMES, weights=np.zeros((3, 2)), how="none", **shape)
    Target(folder, FILES).deliver(report_of(told, model))
    return folder


def compare(results: list[Path]) -> None:
    files, report = side_by_side(results, seed=0)
    Target(None, files).deliver(report())


def test_predictions_read_back_as_they_were(tmp_path: Path) -> None:
    told = result()
    found = read_answers(written(tmp_path / "out", told) / "predictions.csv")
    assert found.attributes == NAMES
    assert found.faces.tolist() == FACES.tolist()
    assert found.people.tolist() == told.answers.people.tolist()
    assert np.array_equal(found.scores, told.answers.scores)
    assert np.array_equal(found.labels, LABELS)


def test_results_are_compared_on_the_faces_that_all_have(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    one = written(tmp_path / "one", result())
    two = written(tmp_path / "two", result(LABELS[:5], FACES[:5], seed=1))
    compare([one, two])
    said = capsys.readouterr()
    assert "5 test faces of 3 people" in said.out
    assert "compared on the 5 test faces that all results have" in said.err


def test_results_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one = written(tmp_path / "one", result())
    other = written(tmp_path / "other", result(faces=np.array([f"x{row}" for row in range(6)], object)))
    with pytest.raises(BadInput, match="results share no test face"):
        compare([one, other])
    turned = written(tmp_path / "turned", result(labels=-LABELS))
    with pytest.raises(BadInput, match="labels differ from those of the first result"):
        compare([one, turned])
    few = written(tmp_path / "few", result(LABELS[[0, 1, 2, 5]], FACES[[0, 1, 2, 5]]))
    rest = written(tmp_path / "rest", result(LABELS[[0, 2, 3, 4]], FACES[[0, 2, 3, 4]]))
    with pytest.raises(BadInput, match="on the 2 test faces that all results have Male has one answer only"):
        compare([few, rest])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("result.json", "{}", "not a result of `facerep attributes fit`"),
        ("result.json", "[", "not a JSON file"),
        ("result.json", '{"format": "facerep/attributes", "version": 9}', "version is 9, 1 is read"),
        ("predictions.csv", "left,right\n", "not a predictions.csv"),
        ("predictions.csv", "face,person,Male,label:Male\na,b,many,1\n", "a line is malformed"),
        ("predictions.csv", "face,person,Male,label:Male\na\n", "a line is malformed"),
    ],
)
def test_damaged_results_are_one_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    one = written(tmp_path / "one", result())
    (one / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        study.compare([one])


def test_figures_for_the_eye() -> None:
    assert with_interval(Measure(0.88557, 0.8829, 0.88815, ""), 1) == "88.6 [88.3, 88.8]"
    assert points(Measure(0.0059, 0.0045, 0.0073, "")) == "+0.59 [+0.45, +0.73] !"
    assert points(Measure(-0.0059, -0.0173, 0.0055, "")) == "-0.59 [-1.73, +0.55]"
