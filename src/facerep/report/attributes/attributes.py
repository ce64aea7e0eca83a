"""What `attributes` shows: a table or JSON; in a folder result.json, CSV files, a figure, and the attribute file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from facerep.console import console, counted
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.results.figures import Rate
from facerep.results.to_json import to_json
from facerep.studies.attributes.model_file import NAME, AttributeModel, Predicted, write_model
from facerep.studies.attributes.result import LECTURE, Answers, AttributeResult, Measure

FILES = (NAME, "result.json", "predictions.csv", "attributes.csv", "attributes.png", "attributes.svg")
LABEL = "label:"
"""Before the name of an attribute: the column of its labels in predictions.csv."""
COLUMNS = (
    "attribute", "train_yes", "train_no", "cost", "accuracy", "accuracy_low", "accuracy_high", "count", "of",
    "balanced", "balanced_low", "balanced_high", "yes", "no", "majority", "guess",
)  # fmt: skip
_FEW = 20
"""Up to so many faces have a line each; the answers for more are counted."""


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(
    result: AttributeResult, model: AttributeModel, *, json: bool = False, folder: Path | None = None,
    overwrite: bool = False,
) -> list[Path]:  # fmt: skip
    """Print a result and, given a folder, write its files there; the paths written are given back."""
    files = partial(write, result, model)
    return show_result(
        result, table=partial(_table, result), write=files, files=FILES, json=json, folder=folder, overwrite=overwrite
    )


def write(result: AttributeResult, model: AttributeModel, folder: Path) -> list[Path]:
    """Write the attribute file, the CSV files, the figure as PNG and SVG, and result.json."""
    from facerep.report.attributes import figures

    write_model(model, folder / NAME)
    answers = result.answers
    header = ["face", "person", *answers.attributes, *(LABEL + name for name in answers.attributes)]
    write_csv(folder / "predictions.csv", header, _predictions(answers))
    write_csv(folder / "attributes.csv", COLUMNS, _numbers(result))
    written = write_figure(figures.of_result(result), folder / "attributes")
    named = [folder / name for name in (NAME, "predictions.csv", "attributes.csv")]
    return write_result(folder, result, [*named, *written])


def show_predicted(predicted: Predicted, *, json: bool, path: Path | None, overwrite: bool) -> None:
    """Print which attributes the faces have, and write their scores as CSV where a path is given."""
    for warning in predicted.warnings:
        console.warn(warning)
    if path is not None:
        rows = ([face, *scores] for face, scores in zip(predicted.faces, predicted.scores.tolist(), strict=True))
        write_csv(path, ["face", *predicted.attributes], rows, overwrite=overwrite)
    if json:
        console.json(to_json(predicted))
        return
    yes, n = predicted.scores > 0, len(predicted.faces)
    if n <= _FEW:
        for face, has in zip(predicted.faces, yes, strict=True):
            names = [name for name, one in zip(predicted.attributes, has, strict=True) if one]
            console.result(f"{face}: {', '.join(names) or 'none'}")
        return
    counts = yes.sum(axis=0)
    rows = [
        [name, f"{count:,}", f"{100 * count / n:.1f} %"]
        for name, count in zip(predicted.attributes, counts, strict=True)
    ]
    console.table(f"{counted(n, 'face')}, by {predicted.model}", ["attribute", "faces with it", "share"], rows)


def share(measure: Rate | Measure) -> str:
    """A figure with its interval, in per cent: `88.6 [88.3, 88.8]`."""
    return f"{100 * measure.value:.1f} [{100 * measure.low:.1f}, {100 * measure.high:.1f}]"


def points(measure: Measure) -> str:
    """A difference in points with its interval; ! where the interval leaves out 0."""
    mark = " !" if measure.significant else ""
    return f"{100 * measure.value:+.2f} [{100 * measure.low:+.2f}, {100 * measure.high:+.2f}]{mark}"


def _predictions(answers: Answers) -> Iterator[list[object]]:
    """One row a test face: its scores, which read back as the same numbers, then its labels."""
    columns = answers.faces, answers.people, answers.scores.tolist(), answers.labels.tolist()
    for face, person, scores, labels in zip(*columns, strict=True):
        yield [face, person, *scores, *labels]


def _numbers(result: AttributeResult) -> Iterator[list[object]]:
    for row in result.rows:
        found, both = row.accuracy, row.balanced
        figures = [
            row.train_yes, row.train_no, row.cost, found.value, found.low, found.high, found.count, found.of,
            both.value, both.low, both.high, row.yes.value, row.no.value, row.majority.value,
        ]  # fmt: skip
        yield [row.name, *figures, row.guess]


def _table(result: AttributeResult) -> None:
    rows = [[row.name, share(row.accuracy), share(row.balanced), _bare(row.majority)] for row in result.rows]
    rows.append([f"mean of {len(rows)}", share(result.accuracy), share(result.balanced), _bare(result.majority)])
    faces = {name: counted(count, "face") for name, count in to_json(result.task.parts)["faces"].items()}
    title = f"{result.system}: " + ", ".join(f"{name} {count}" for name, count in faces.items())
    name, celeba, _ = LECTURE[result.kind]
    seen = result.seen
    known = "not known" if seen.people is None else f"{seen.people:,} ({seen.by})"
    shared = result.task.parts.shared
    notes = [
        f"in per cent, on test faces only, in brackets 95 % intervals; mean: {result.accuracy.interval}",
        f"over the majority guess: {points(result.gain)} points",
        f"parts by {result.task.parts.by}; test people also in train or validation: "
        f"{'not known' if shared is None else shared}; "
        f"test people seen by the recognition network: {known}",
        f"the lecture's {name}" + (f": {celeba} on CelebA's test part, other faces than these" if celeba else ""),
    ]
    console.table(title, ["attribute", "accuracy", "balanced", "majority"], rows, notes=notes)


def _bare(measure: Rate | Measure) -> str:
    return f"{100 * measure.value:.1f}"
