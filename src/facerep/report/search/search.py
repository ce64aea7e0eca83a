"""What `search` shows: the first queries as a table, or all as JSON; a CSV file with all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facerep.console import console, counted
from facerep.files.csv_file import write_csv
from facerep.report.cells import between, percent
from facerep.results.to_json import to_json
from facerep.studies.search.result import NOTHING, Answers, Search

COLUMNS = ("query", "query_person", "rank", "face", "person", "score")
SHOWN = 20
"""Lines of the table."""


def show(result: Search, *, json: bool = False, output: Path | None = None, overwrite: bool = False) -> None:
    """Print a result and, given a path, write all ranks there as CSV."""
    for warning in result.warnings:
        console.warn(warning)
    if output is not None:
        write_ranks(result, output, overwrite=overwrite)
    if json:
        console.json(to_json(result))
    else:
        _table(result, output)


def write_ranks(result: Search, path: Path, *, overwrite: bool = False) -> None:
    """Write a line for each query and rank."""
    columns = COLUMNS if result.answers.before is None else (*COLUMNS, "first_score")
    write_csv(path, columns, _lines(result.answers), overwrite=overwrite)


def _lines(held: Answers) -> Iterator[list[object]]:
    for query, place in _places(held.rows):
        line: list[object] = [held.names[query], held.people[query], place + 1]
        line += [held.faces[query, place], held.persons[query, place], held.scores[query, place]]
        yield line if held.before is None else [*line, held.before[query, place]]


def _table(result: Search, output: Path | None) -> None:
    held, k = result.answers, result.k
    queries = min(len(held.names), max(1, SHOWN // k))
    rows, last = [], -1
    for query, place in _places(held.rows[:queries, :SHOWN]):
        if query != last:
            rows.append([str(held.names[query]), str(held.people[query]) or "unknown", ""])
            last = query
        face, person = str(held.faces[query, place]), str(held.persons[query, place]) or "unknown"
        rows.append([f"{place + 1:3} {face}", person, f"{held.scores[query, place]:.6g}"])
    where = result.gallery.get("file") or f"{result.gallery['store']}, {result.gallery['collection']}"
    notes, second = [_exactness(result)], result.reranking
    if second is not None:
        notes = [
            f"first look: {notes[0]}",
            f"second look: the best {second.first}, by {second.metric} of " + " and ".join(second.files),
        ]
    counts = ", ".join((counted(len(held.names), "query", "queries"), counted(result.gallery["rows"], "gallery face")))
    if queries < len(held.names) or k > SHOWN:
        counts += "; the first are shown, " + (f"all are in {output}" if output else "-o FILE writes all")
    title = f"{result.queries['file']} in {where}, {result.metric}"
    console.table(title, ["query, and its faces by rank", "person", "score"], rows, notes=[*notes, counts])


def _exactness(result: Search) -> str:
    found = result.index
    if found is None:
        return "exact; equal scores in the order of the gallery"
    recall = f"{percent(found.recall.value)} ({between(found.recall)}; {found.recall.count:,} of {found.recall.of:,})"
    how = f"approximate: {found.name}, effort {found.effort}"
    asked = counted(found.queries, "query", "queries")
    return f"{how}; recall of the {found.recall.of // found.queries} best: {recall}, measured on {asked}"


def _places(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Query and place of every face found, best first."""
    for query, row in enumerate(rows):
        for place in np.flatnonzero(row != NOTHING).tolist():
            yield query, place
