"""Several attribute results side by side: their means on the same test faces, with paired differences by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facerep.console import console, counted
from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.csv_file import read_rows, write_csv
from facerep.files.outputs import refuse_folder
from facerep.report.attributes.attributes import LABEL, points, share
from facerep.report.result_folder import write_figure, write_folder
from facerep.report.verification.comparison import names_of
from facerep.results.kinds import ATTRIBUTES
from facerep.results.read import read_result
from facerep.results.to_json import to_json
from facerep.studies.attributes.result import LECTURE, Answers, Measure, difference, means

FILES = ("comparison.json", "comparison.csv", "comparison.png", "comparison.svg")
MAJORITY = "majority guess"
_HALF = Measure(0.5, 0.5, 0.5, "exact: one answer for everybody")


@dataclass(frozen=True)
class Row:
    """One system: `hits` are its right answers on the faces and attributes that all systems share, bool (n, k)."""

    name: str
    kind: str
    hits: np.ndarray
    accuracy: Measure
    balanced: Measure


def compare(folders: Sequence[Path], *, json: bool, folder: Path | None, overwrite: bool) -> list[Path]:
    """Show results in one table, the majority guess first; given a folder, write its files there.

    Raises:
        BadInput: not a result of `attributes`, or results that share no face or no attribute, or whose labels differ.
    """
    if folder is not None:
        refuse_folder(folder, FILES, overwrite=overwrite)
    told = [read_result(place / "result.json", ATTRIBUTES) for place in folders]
    answers = _shared([read_answers(place / "predictions.csv") for place in folders], folders)
    labels, of = answers[0].labels, answers[0].units
    guesses = {row["name"]: row["guess"] for row in told[0]["attributes"]}
    guessed = np.array([1 if guesses[name] == "yes" else -1 for name in answers[0].attributes]) == labels
    systems = [(MAJORITY, "majority", guessed)]
    short = names_of([place / "result.json" for place in folders])
    systems += [(name, one["kind"], found.hits) for name, one, found in zip(short, told, answers, strict=True)]
    rows = [Row(name, kind, hits, *means(hits, labels, of)) for name, kind, hits in systems]
    rows[0] = replace(rows[0], balanced=_HALF)
    pairs = [
        {
            "first": first.name, "second": second.name,
            "accuracy": difference(first.hits, second.hits, labels, of),
            "balanced": difference(first.hits, second.hits, labels, of, balanced=True),
        }
        for place, first in enumerate(rows) for second in rows[place + 1 :]
    ]  # fmt: skip
    table = _to_dict(rows, pairs, answers[0])
    written = []
    if folder is not None:
        written = write_folder(folder, FILES, partial(_write, rows, answers[0], table), overwrite=overwrite)
    if json:
        console.json(table)
    else:
        _show(rows, pairs, answers[0])
    return written


def read_answers(path: Path) -> Answers:
    """Read a predictions.csv of ours.

    Raises:
        BadInput: it is none, or a line of it is malformed.
    """
    header, *rows = list(read_rows(path, "judge again")) or [[]]
    names = header[2 : 2 + (len(header) - 2) // 2]
    if header != ["face", "person", *names, *(LABEL + name for name in names)] or not names or not rows:
        raise BadInput("not a predictions.csv of `facerep attributes`", path)
    try:
        cells = [(row[0], row[1]) for row in rows]
        numbers = np.array([row[2:] for row in rows], dtype=np.float64)
    except (ValueError, IndexError) as error:
        raise BadInput(f"a line is malformed ({error})", path) from error
    faces, people = (np.array(column, dtype=object) for column in zip(*cells, strict=True))
    k = len(names)
    return Answers(faces, people, tuple(names), numbers[:, :k], numbers[:, k:].astype(np.int8))


def _shared(found: Sequence[Answers], folders: Sequence[Path]) -> list[Answers]:
    """The same results on the faces and attributes that all have, in one order."""
    attributes = [name for name in found[0].attributes if all(name in one.attributes for one in found)]
    faces = set(found[0].faces).intersection(*(one.faces for one in found))
    if not attributes or not faces:
        what = "attribute" if not attributes else "test face"
        raise BadInput(f"results share no {what}", ", ".join(map(str, folders)))
    shared = []
    for one in found:
        rows = np.array([row for row in np.argsort(one.faces.astype(str)) if one.faces[row] in faces])
        columns = [one.attributes.index(name) for name in attributes]
        shared.append(replace(
            one, faces=one.faces[rows], people=one.people[rows], attributes=tuple(attributes),
            scores=one.scores[rows][:, columns], labels=one.labels[rows][:, columns],
        ))  # fmt: skip
    for one, folder in zip(shared, folders, strict=True):
        if not np.array_equal(one.labels, shared[0].labels):
            raise BadInput("labels differ from those of the first result", folder, "judge both with the same labels")
    if any(len(faces) < len(one.faces) for one in found):
        console.warn(f"compared on the {len(faces):,} test faces that all results have")
    both = (shared[0].labels == 1).any(axis=0) & (shared[0].labels == -1).any(axis=0)
    if not both.all():
        what = f"on the {len(faces):,} test faces that all results have {attributes[both.argmin()]} has one answer only"
        raise BadInput(what, ", ".join(map(str, folders)))
    return shared


def _lecture(row: Row) -> dict[str, Any] | None:
    if row.kind not in LECTURE:
        return None
    name, celeba, lfwa = LECTURE[row.kind]
    return {"system": name, "celeba": celeba, "lfwa": lfwa}


def _to_dict(rows: Sequence[Row], pairs: Sequence[dict[str, Any]], answers: Answers) -> dict[str, Any]:
    return {
        "format": "facerep/attribute-comparison", "version": 1, "faces": len(answers.faces),
        "people": answers.units.count if answers.units.word == "people" else None,
        "attributes": list(answers.attributes),
        "rows": [
            {
                "name": row.name, "kind": row.kind, "accuracy": to_json(row.accuracy),
                "balanced": to_json(row.balanced), "lecture": _lecture(row),
            }
            for row in rows
        ],
        "differences": [
            {**pair, "accuracy": to_json(pair["accuracy"]), "balanced": to_json(pair["balanced"])} for pair in pairs
        ],
    }  # fmt: skip


def _write(rows: Sequence[Row], answers: Answers, table: dict[str, Any], folder: Path) -> list[Path]:
    from facerep.report.attributes.figures import Dots, dots

    known = answers.labels != 0
    each = {row.name: (row.hits & known).sum(axis=0) / known.sum(axis=0) for row in rows}
    order = np.argsort(each[rows[-1].name], kind="stable")
    names = [answers.attributes[place] for place in order]
    lines = ([name, *(float(each[row.name][place]) for row in rows)] for name, place in zip(names, order, strict=True))
    write_csv(folder / "comparison.csv", ["attribute", *(row.name for row in rows)], lines)
    marks = [Dots(row.name, each[row.name][order].tolist()) for row in rows[1:]]
    title = f"{len(answers.faces):,} test faces"
    written = write_figure(dots(names, marks, each[MAJORITY][order].tolist(), title), folder / "comparison")
    write_json(folder / "comparison.json", table)
    return [folder / "comparison.json", folder / "comparison.csv", *written]


def _show(rows: Sequence[Row], pairs: Sequence[dict[str, Any]], answers: Answers) -> None:
    above = {(pair["first"], pair["second"]): pair for pair in pairs}
    lines: dict[str, list[list[str]]] = {"accuracy": [], "balanced": []}
    for place, row in enumerate(rows):
        lecture = _lecture(row)
        for what, found in lines.items():
            pair = above.get((rows[place - 1].name, row.name)) if place else None
            found.append([row.name, share(getattr(row, what)), points(pair[what]) if pair else "-"])
        lines["accuracy"][-1].append(str(lecture["celeba"]) if lecture and lecture["celeba"] else "-")
    units = f" of {counted(answers.units.count, 'person', 'people')}" if answers.units.word == "people" else ""
    title = (
        f"mean over {counted(len(answers.attributes), 'attribute')}, {counted(len(answers.faces), 'test face')}{units}"
    )
    console.table(title, ["", "accuracy", "over the row above", "lecture"], lines["accuracy"])
    notes = [
        "in per cent and points, in brackets 95 % intervals; ! marks differences whose interval leaves out 0",
        "lecture: the same kind of system on CelebA's test part, other faces than these",
    ]
    console.table("", ["", "balanced", "over the row above"], lines["balanced"], notes=notes)
