"""Attributes as reports: the table of a system, its answers and its file; the attributes of new faces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.report.cells import points, with_interval
from facerep.report.report import Csv, Drawing, File, Report, Table
from facerep.results.figures import Measure, Rate
from facerep.studies.attributes.model_file import NAME, AttributeModel, AttributeScores, write_model
from facerep.studies.attributes.result import LABEL, AttributeAnswers, AttributeResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = (NAME, "result.json", "predictions.csv", "attributes.csv", "attributes.png", "attributes.svg")
COLUMNS = (
    "attribute", "train_yes", "train_no", "cost", "accuracy", "accuracy_low", "accuracy_high", "count", "of",
    "balanced", "balanced_low", "balanced_high", "yes", "no", "majority", "guess",
)  # fmt: skip
REPORTED = {
    "hog": ("FaceTracer (HOG + SVM)", 81, 74),
    "scratch": ("network from scratch with attributes", 83, 79),
    "features": ("DeepID2 features directly", 84, 82),
    "fine-tuned": ("DeepID2 + fine-tuning", 87, 84),
    "joint": ("recognition and attributes together: no help", None, None),
}
"""Mean accuracies in per cent that Wang's lecture reports: name there, CelebA, LFWA (None: none); by kind of system."""

_FEW = 20
"""Up to so many faces have a line each; the answers for more are counted."""


def report_of(result: AttributeResult, model: AttributeModel) -> Report:
    """Attributes of one system as a report."""
    answers = result.answers
    columns = ["face", "person", *answers.attributes, *(LABEL + name for name in answers.attributes)]
    return Report(
        result=result,
        shown=[_table(result)],
        files={
            NAME: File(lambda path: write_model(model, path)),
            "predictions.csv": Csv(columns, lambda: _predictions(answers)),
            "attributes.csv": Csv(COLUMNS, lambda: _numbers(result)),
            "attributes": Drawing(lambda: _figure(result)),
        },
        warnings=result.warnings,
    )


def _figure(result: AttributeResult) -> Figure:
    from facerep.report.attributes import figures  # matplotlib takes a while to import

    return figures.of_result(result)


def report_of_scores(predicted: AttributeScores) -> Report:
    """Attributes of new faces as a report: which they have; in a file their scores."""
    columns = ["face", *predicted.attributes]
    return Report(
        result=predicted,
        shown=list(_predicted(predicted)),
        files={"scores.csv": Csv(columns, lambda: _scores(predicted))},
        warnings=predicted.warnings,
    )


def _scores(predicted: AttributeScores) -> Iterator[list[object]]:
    for face, scores in zip(predicted.faces, predicted.scores.tolist(), strict=True):
        yield [face, *scores]


def _predicted(predicted: AttributeScores) -> Iterator[str | Table]:
    yes, n = predicted.scores > 0, len(predicted.faces)
    if n <= _FEW:
        for face, has in zip(predicted.faces, yes, strict=True):
            names = [name for name, one in zip(predicted.attributes, has, strict=True) if one]
            yield f"{face}: {', '.join(names) or 'none'}"
        return
    shares = zip(predicted.attributes, yes.sum(axis=0), strict=True)
    rows = [[name, f"{count:,}", f"{100 * count / n:.1f} %"] for name, count in shares]
    yield Table(["attribute", "faces with it", "share"], rows, f"{counted(n, 'face')}, by {predicted.model}")


def _predictions(answers: AttributeAnswers) -> Iterator[list[object]]:
    """One row a test face: its scores, which read back as the same numbers, then its labels."""
    columns = answers.faces, answers.people, answers.scores.tolist(), answers.labels.tolist()
    for face, person, scores, labels in zip(*columns, strict=True):
        yield [face, person, *scores, *labels]


def _numbers(result: AttributeResult) -> Iterator[list[object]]:
    for row in result.rows:
        of_all, both = row.accuracy, row.balanced
        figures = [
            row.train_yes, row.train_no, row.cost, of_all.value, of_all.low, of_all.high, of_all.count, of_all.of,
            both.value, both.low, both.high, row.yes.value, row.no.value, row.majority.value,
        ]  # fmt: skip
        yield [row.name, *figures, row.guess]


def _table(result: AttributeResult) -> Table:
    rows = [
        [row.name, with_interval(row.accuracy, 1), with_interval(row.balanced, 1), _bare(row.majority)]
        for row in result.rows
    ]
    rows.append(
        [
            f"mean of {len(rows)}",
            with_interval(result.accuracy, 1),
            with_interval(result.balanced, 1),
            _bare(result.majority),
        ]
    )
    faces = {name: counted(count, "face") for name, count in result.labelling.splits.faces.items()}
    title = f"{result.system}: " + ", ".join(f"{name} {count}" for name, count in faces.items())
    name, celeba, _ = REPORTED[result.kind]
    seen = result.seen
    known = "not known" if seen.people is None else f"{seen.people:,} ({seen.by})"
    shared = result.labelling.splits.shared
    notes = [
        f"in per cent, on test faces only, in brackets 95 % intervals; mean: {result.accuracy.interval}",
        f"over the majority guess: {points(result.gain)} points",
        f"parts by {result.labelling.splits.by}; test people also in train or validation: "
        f"{'not known' if shared is None else shared}; "
        f"test people seen by the recognition network: {known}",
        f"reported for {name}" + (f": {celeba} on CelebA's test part, other faces than these" if celeba else ""),
    ]
    return Table(["attribute", "accuracy", "balanced", "majority"], rows, title, notes)


def _bare(measure: Rate | Measure) -> str:
    return f"{100 * measure.value:.1f}"
