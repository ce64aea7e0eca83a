"""The CSV files of an identification: ranks.csv, a line a probe; cmc.csv, a line a rank; by.csv, a line a value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.files.csv_file import read_rows
from facerep.files.label_columns import as_cell
from facerep.studies.identification.result import GalleryResult

RANKS, CMC, BY = "ranks.csv", "cmc.csv", "by.csv"
RANK_COLUMNS = ("list", "trial", "probe", "person", "known", "rank", "first", "score", "own_score")
BY_COLUMNS = ("list", "trial", "column", "value", "count", "of", "rank_1", "low", "high")
CMC_COLUMNS = ("list", "trial", "rank", "count", "of", "value")


def rank_rows(trial: GalleryResult) -> Iterator[tuple[object, ...]]:
    """One row a probe; rank and own score are empty for an unknown one."""
    probes, ranks = trial.probes, trial.probes.ranks
    gallery = np.asarray(probes.gallery, dtype=object)
    columns = (probes.names, probes.people, probes.known, ranks.rank, gallery[ranks.first], ranks.top, ranks.own)
    for face, person, known, rank, first, top, own in zip(*(column.tolist() for column in columns), strict=True):
        ranked = (rank, own) if known else (None, None)
        yield trial.name, trial.trial, face, person, int(known), ranked[0], first, top, ranked[1]


def cmc_rows(trial: GalleryResult) -> Iterator[tuple[object, ...]]:
    """One row a rank."""
    for rank, count in enumerate(trial.cmc.tolist(), 1):
        yield trial.name, trial.trial, rank, count, trial.known, count / trial.known


def by_rows(trial: GalleryResult) -> Iterator[tuple[object, ...]]:
    """One row a value of the label that rank 1 is given by."""
    if trial.by is None:
        return
    for at in trial.by.values:
        rate = at.rate
        counts = (int(rate.count), rate.of, rate.value, rate.low, rate.high)
        yield trial.name, trial.trial, trial.by.column, as_cell(at.value), *counts


def read_known_probes(path: Path) -> list[dict[str, str]]:
    """The rows of a ranks.csv that are of known probes.

    Raises:
        BadInput: it is none of ours.
    """
    header, *lines = list(read_rows(path, "identify again")) or [[]]
    try:
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        for row in rows:
            float(row["score"])
        return [row for row in rows if row["known"] == "1"]
    except (KeyError, ValueError) as error:
        raise BadInput(f"not a ranks.csv with {', '.join(RANK_COLUMNS)}", path, "identify again") from error


def read_cmc(path: Path) -> list[tuple[int, float]]:
    """Ranks and shares of a cmc.csv of one trial; none where it has several, or there is no such file."""
    if not path.is_file():
        return []
    header, *lines = list(read_rows(path, "identify again")) or [()]
    rows = [dict(zip(header, line, strict=False)) for line in lines]
    if tuple(header) != CMC_COLUMNS or len({(row["list"], row["trial"]) for row in rows}) != 1:
        return []
    return [(int(row["rank"]), float(row["value"])) for row in rows]
