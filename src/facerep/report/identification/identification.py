"""An identification as a report: a table a list, ranks.csv, the CMC with its numbers, DIR over the false alarm rate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from facerep.metrics.operating_points import REFUSED
from facerep.report.cells import percent, rate_row
from facerep.report.report import Content, Csv, Drawing, Report, Table
from facerep.results.figures import Spread
from facerep.studies.identification.ranks_file import (
    BY,
    BY_COLUMNS,
    CMC,
    CMC_COLUMNS,
    RANK_COLUMNS,
    RANKS,
    by_rows,
    cmc_rows,
    rank_rows,
)
from facerep.studies.identification.result import GalleryResult, Identification, ListResult, OverTrials

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", RANKS, CMC, "cmc.png", "cmc.svg", "dir.png", "dir.svg", BY, "by.png", "by.svg")


def report_of(result: Identification) -> Report:
    """An identification as a report."""
    trials = [trial for judged in result.lists for trial in judged.trials]
    files: dict[str, Content] = {
        RANKS: Csv(RANK_COLUMNS, lambda: chain.from_iterable(map(rank_rows, trials))),
        CMC: Csv(CMC_COLUMNS, lambda: chain.from_iterable(map(cmc_rows, trials))),
        "cmc": Drawing(lambda: _figure("cmc", result)),
    }
    if any(trial.curve is not None for trial in trials):
        files["dir"] = Drawing(lambda: _figure("dir_over_far", result))
    if any(trial.by is not None for trial in trials):
        files[BY] = Csv(BY_COLUMNS, lambda: chain.from_iterable(map(by_rows, trials)))
        files["by"] = Drawing(lambda: _figure("by_label", result))
    shown = [_table(result, judged) for judged in result.lists]
    return Report(result=result, shown=shown, files=files, warnings=result.warnings)


def _figure(name: str, result: Identification) -> Figure:
    from facerep.report.identification import figures  # matplotlib takes a while to import

    return getattr(figures, name)(result)


def _table(result: Identification, judged: ListResult) -> Table:
    trials, over = judged.trials, judged.over_trials
    title = f"{result.features['file'] or 'features'}, {result.metric}, {judged.name}"
    title += f" of {judged.file}" if judged.file else ""
    title += f", {len(trials)} trials" if over else "".join(f", trial {one.trial}" for one in trials if one.trial)
    people, faces = (_span(trials, name) for name in ("gallery_people", "gallery_faces"))
    images = " and ".join(sorted({trial.images for trial in trials}, reverse=True))
    gallery = f"{images} gallery, {people} people" + (f" with {faces} faces" if faces != people else "")
    notes = [f"{gallery}; {_span(trials, 'known')} known and {_span(trials, 'unknown')} unknown probes"]
    notes += [note for note in (judged.note, _templates(trials)) if note]
    if over:
        notes.append("trials share faces and people: the deviation is not a standard error")
        column = trials[0].by.column if trials[0].by else ""
        return Table(["", "mean", "standard deviation", "mean − deviation"], _over_trials(over, column), title, notes)
    notes.append(f"intervals: {trials[0].ranks[0].rate.interval}; gallery and threshold taken as given")
    return Table(["", "value", "95 % interval", "counts"], _rates(trials[0]), title, notes)


def _rates(trial: GalleryResult) -> list[list[str]]:
    rows = [rate_row(_rank(at.k), at.rate) for at in trial.ranks]
    if trial.by is not None:
        rows += [rate_row(_at(trial.by.column, at.value), at.rate) for at in trial.by.values]
    for point in trial.open_set:
        name = _dir(point.far, point.flag)
        refused = [name, "refused", "", f"{point.impostor:,} unknown"]
        rows.append(refused if point.rate is None else rate_row(name, point.rate))
    return rows


def _over_trials(over: OverTrials, column: str) -> list[list[str]]:
    rows = [_spread_row(_rank(at.k), at.rate) for at in over.closed_set]
    rows += [_spread_row(_at(column, at.value), at.rate) for at in over.by]
    return rows + [_spread_row(_dir(at.far, at.flag), at.dir) for at in over.open_set]


def _spread_row(name: str, rate: Spread | None) -> list[str]:
    if rate is None:
        return [name, "refused", "", ""]
    return [name, percent(rate.mean), f"{100 * rate.standard_deviation:.2f}", percent(rate.mean_minus_deviation)]


def _templates(trials: Sequence[GalleryResult]) -> str:
    rules = sorted({trial.template for trial in trials if trial.images == "multi-image"})
    return f"templates: {', '.join(rules)}" if rules else ""


def _span(trials: Sequence[GalleryResult], name: str) -> str:
    """A number, or from which to which over the trials."""
    numbers = [getattr(trial, name) for trial in trials]
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _rank(k: int) -> str:
    return "rank 1" if k == 1 else f"rank {k} or better"


def _at(column: str, value: str) -> str:
    return f"rank 1, {column} {value}" if value else f"rank 1, no {column}"


def _dir(far: float, flag: str | None) -> str:
    return f"DIR at FAR {100 * far:g} %" + (" (few unknown)" if flag and flag != REFUSED else "")
