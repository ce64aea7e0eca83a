"""What `identify` shows: a table or JSON; in a folder result.json, ranks.csv, and the CMC with its numbers."""

from __future__ import annotations

import json as text
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing, write_json
from facerep.metrics.operating_points import REFUSED
from facerep.metrics.result import Rate
from facerep.report.verification import between, cell, percent, write_figure
from facerep.studies.identification_result import Identification, Judged, Spread, Trial

FILES = ("result.json", "ranks.csv", "cmc.csv", "cmc.png", "cmc.svg", "dir.png", "dir.svg")
RANK_COLUMNS = ("list", "trial", "probe", "person", "known", "rank", "first", "score", "own_score")
CMC_COLUMNS = ("list", "trial", "rank", "count", "of", "value")


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    if folder.is_file():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    taken = [folder / name for name in FILES if (folder / name).exists()]
    if taken and not overwrite:
        raise OutputExists(taken[0])


def show(
    result: Identification, *, json: bool = False, folder: Path | None = None, overwrite: bool = False
) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""
    for warning in result.warnings:
        console.warn(warning)
    written = [] if folder is None else write(result, folder, overwrite=overwrite)
    if json:
        console.result(text.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for judged in result.lists:
            _table(result, judged)
    return written


def write(result: Identification, folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write the CSV files, the figures as PNG and SVG, and result.json, which comes last."""
    from facerep.report import identification_figures as figures

    refuse(folder, overwrite=overwrite)
    trials = [trial for judged in result.lists for trial in judged.trials]
    _write_csv(folder / "ranks.csv", RANK_COLUMNS, (row for trial in trials for row in _ranks(trial)), overwrite)
    _write_csv(folder / "cmc.csv", CMC_COLUMNS, (row for trial in trials for row in _cmc(trial)), overwrite)
    written = [folder / "ranks.csv", folder / "cmc.csv"]
    written += write_figure(figures.cmc(result), folder / "cmc", overwrite=overwrite)
    if any(trial.curve is not None for trial in trials):
        written += write_figure(figures.dir_over_far(result), folder / "dir", overwrite=overwrite)
    else:
        for name in ("dir.png", "dir.svg"):  # an earlier run's would not belong to this result
            (folder / name).unlink(missing_ok=True)
    write_json(folder / "result.json", result.to_dict(), overwrite=overwrite)
    return [folder / "result.json", *written]


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], overwrite: bool) -> None:
    with (
        replacing(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(columns) + "\n")
        file.writelines(",".join(row) + "\n" for row in rows)


def _ranks(trial: Trial) -> Iterator[tuple[str, ...]]:
    """One row a probe; rank and own score are empty for an unknown one. A score reads back as the same number."""
    probes, found = trial.probes, trial.probes.ranks
    gallery = np.array([cell(person) for person in probes.gallery], dtype=object)
    name, number = cell(trial.name), str(trial.trial)
    columns = (probes.names, probes.people, probes.known, found.rank, gallery[found.first], found.top, found.own)
    for face, person, known, rank, first, top, own in zip(*(column.tolist() for column in columns), strict=True):
        ranked = (str(rank), repr(own)) if known else ("", "")
        yield name, number, cell(face), cell(person), str(int(known)), ranked[0], first, repr(top), ranked[1]


def _cmc(trial: Trial) -> Iterator[tuple[str, ...]]:
    for rank, count in enumerate(trial.cmc.tolist(), 1):
        shares = (str(rank), str(count), str(trial.known), repr(count / trial.known))
        yield cell(trial.name), str(trial.trial), *shares


def _table(result: Identification, judged: Judged) -> None:
    trials, several = judged.trials, len(judged.trials) > 1
    title = f"{result.features['file'] or 'features'}, {result.metric}, {judged.name}"
    title += f" of {judged.file}" if judged.file else ""
    title += f", {len(trials)} trials" if several else "".join(f", trial {one.trial}" for one in trials if one.trial)
    people, faces = (_span(trials, name) for name in ("gallery_people", "gallery_faces"))
    images = " and ".join(sorted({trial.images for trial in trials}, reverse=True))
    gallery = f"{images} gallery, {people} people" + (f" with {faces} faces" if faces != people else "")
    notes = [f"{gallery}; {_span(trials, 'known')} known and {_span(trials, 'unknown')} unknown probes"]
    notes += [note for note in (judged.note, _templates(trials)) if note]
    if several:
        rows = [_over(_rank(k), rate) for k, rate in judged.at_rank()]
        rows += [_over(_dir(far, flag), rate) for far, rate, flag in judged.at_far()]
        notes.append("trials share faces and people: the deviation is not a standard error")
        console.table(title, ["", "mean", "standard deviation", "mean − deviation"], rows, notes=notes)
        return
    rows = [_row(_rank(at.k), at.rate) for at in trials[0].ranks]
    for point in trials[0].open_set:
        name = _dir(point.far, point.flag)
        refused = [name, "refused", "", f"{point.unknown:,} unknown"]
        rows.append(refused if point.dir is None else _row(name, point.dir))
    notes.append(f"intervals: {trials[0].ranks[0].rate.interval}; gallery and threshold taken as given")
    console.table(title, ["", "value", "95 % interval", "counts"], rows, notes=notes)


def _templates(trials: Sequence[Trial]) -> str:
    rules = sorted({trial.template for trial in trials if trial.images == "multi-image"})
    return f"templates: {', '.join(rules)}" if rules else ""


def _span(trials: Sequence[Trial], name: str) -> str:
    """A number, or from which to which over the trials."""
    numbers = [getattr(trial, name) for trial in trials]
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _rank(k: int) -> str:
    return "rank 1" if k == 1 else f"rank {k} or better"


def _dir(far: float, flag: str | None) -> str:
    return f"DIR at FAR {far:g}" + (" (few unknown)" if flag and flag != REFUSED else "")


def _row(name: str, rate: Rate) -> list[str]:
    return [name, percent(rate.value), between(rate), f"{rate.count:,} of {rate.of:,}"]


def _over(name: str, rate: Spread | None) -> list[str]:
    if rate is None:
        return [name, "refused", "", ""]
    return [name, percent(rate.mean), f"{100 * rate.deviation:.2f}", percent(rate.mean - rate.deviation)]
