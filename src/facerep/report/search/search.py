"""A search as a report: the first queries as a table, a CSV file with all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.report.cells import in_words
from facerep.report.report import Csv, Report, Table
from facerep.studies.search.result import NOTHING, Answers, ApproximateIndex, Search

COLUMNS = ("query", "query_person", "rank", "face", "person", "score")
SHOWN = 20
"""Lines of the table."""


def report_of(result: Search, output: Path | None) -> Report:
    """A search as a report; `output` is where all ranks are written."""
    answers = result.answers
    columns = [*COLUMNS, *(["first_score"] if answers.before is not None else [])]
    columns += ["index"] if result.index else []
    return Report(
        result=result,
        shown=[_table(result, output)],
        files={"ranks.csv": Csv(columns, lambda: _lines(answers, result.index))},
        warnings=result.warnings,
    )


def _lines(answers: Answers, index: ApproximateIndex | None) -> Iterator[list[object]]:
    for query, place in _places(answers.rows):
        line: list[object] = [answers.names[query], answers.people[query], place + 1]
        line += [answers.faces[query, place], answers.persons[query, place], answers.scores[query, place]]
        if answers.before is not None:
            line.append(answers.before[query, place])
        yield [*line, _named(index)] if index else line


def _table(result: Search, output: Path | None) -> Table:
    answers, k = result.answers, result.k
    queries = min(len(answers.names), max(1, SHOWN // k))
    rows, last = [], -1
    for query, place in _places(answers.rows[:queries, :SHOWN]):
        if query != last:
            rows.append([str(answers.names[query]), str(answers.people[query]) or "unknown", ""])
            last = query
        face, person = str(answers.faces[query, place]), str(answers.persons[query, place]) or "unknown"
        rows.append([f"{place + 1:3} {face}", person, f"{answers.scores[query, place]:.6g}"])
    where = result.gallery.get("file") or f"{result.gallery['store']}, {result.gallery['collection']}"
    notes, second = [_exactness(result.index)], result.reranking
    if second is not None:
        files = " and ".join(second.files)
        notes = [f"first look: {notes[0]}", f"second look: the best {second.first}, by {second.metric} of {files}"]
    gallery = counted(result.gallery["rows"], "gallery face")
    counts = f"{counted(len(answers.names), 'query', 'queries')}, {gallery}"
    if queries < len(answers.names) or k > SHOWN:
        counts += "; the first are shown, " + (f"all are in {output}" if output else "-o FILE writes all")
    title = f"{result.queries['file']} in {where}, {result.metric}"
    return Table(["query, and its faces by rank", "person", "score"], rows, title, [*notes, counts])


def _exactness(index: ApproximateIndex | None) -> str:
    if index is None:
        return "exact; equal scores in the order of the gallery"
    best, asked = index.recall.of // index.queries, counted(index.queries, "query", "queries")
    return f"approximate: {_named(index)}; recall of the {best} best: {in_words(index.recall)}, measured on {asked}"


def _named(index: ApproximateIndex) -> str:
    return f"{index.name}, effort {index.effort}"


def _places(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Query and place of every face that was found, best first."""
    for query, row in enumerate(rows):
        for place in np.flatnonzero(row != NOTHING).tolist():
            yield query, place
