"""What `identify` shows: a table or JSON; in a folder result.json, ranks.csv, and the CMC with its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from facerep.console import console
from facerep.files.csv_file import write_csv
from facerep.files.outputs import refuse_folder
from facerep.metrics.operating_points import REFUSED
from facerep.report.cells import between, percent
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.results.figures import Rate
from facerep.studies.identification.result import Identification, Judged, Spread, Trial

FILES = ("result.json", "ranks.csv", "cmc.csv", "cmc.png", "cmc.svg", "dir.png", "dir.svg")
RANK_COLUMNS = ("list", "trial", "probe", "person", "known", "rank", "first", "score", "own_score")
CMC_COLUMNS = ("list", "trial", "rank", "count", "of", "value")


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(
    result: Identification, *, json: bool = False, folder: Path | None = None, overwrite: bool = False
) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""

    def tables() -> None:
        for judged in result.lists:
            _table(result, judged)

    files = partial(write, result)
    return show_result(result, table=tables, write=files, files=FILES, json=json, folder=folder, overwrite=overwrite)


def write(result: Identification, folder: Path) -> list[Path]:
    """Write the CSV files, the figures as PNG and SVG, and result.json."""
    from facerep.report.identification import figures

    trials = [trial for judged in result.lists for trial in judged.trials]
    ranks, shares = chain.from_iterable(map(_ranks, trials)), chain.from_iterable(map(_cmc, trials))
    written = [write_csv(folder / "ranks.csv", RANK_COLUMNS, ranks), write_csv(folder / "cmc.csv", CMC_COLUMNS, shares)]
    written += write_figure(figures.cmc(result), folder / "cmc")
    if any(trial.curve is not None for trial in trials):
        written += write_figure(figures.dir_over_far(result), folder / "dir")
    return write_result(folder, result, written)


def _ranks(trial: Trial) -> Iterator[tuple[object, ...]]:
    """One row a probe; rank and own score are empty for an unknown one."""
    probes, found = trial.probes, trial.probes.ranks
    gallery = np.asarray(probes.gallery, dtype=object)
    columns = (probes.names, probes.people, probes.known, found.rank, gallery[found.first], found.top, found.own)
    for face, person, known, rank, first, top, own in zip(*(column.tolist() for column in columns), strict=True):
        ranked = (rank, own) if known else (None, None)
        yield trial.name, trial.trial, face, person, int(known), ranked[0], first, top, ranked[1]


def _cmc(trial: Trial) -> Iterator[tuple[object, ...]]:
    for rank, count in enumerate(trial.cmc.tolist(), 1):
        yield trial.name, trial.trial, rank, count, trial.known, count / trial.known


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
    return f"DIR at FAR {100 * far:g} %" + (" (few unknown)" if flag and flag != REFUSED else "")


def _row(name: str, rate: Rate) -> list[str]:
    return [name, percent(rate.value), between(rate), f"{rate.count:,} of {rate.of:,}"]


def _over(name: str, rate: Spread | None) -> list[str]:
    if rate is None:
        return [name, "refused", "", ""]
    return [name, percent(rate.mean), f"{100 * rate.deviation:.2f}", percent(rate.mean - rate.deviation)]
