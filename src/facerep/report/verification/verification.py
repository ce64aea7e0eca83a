"""What `verify` shows: a table or JSON; in a folder result.json, scores.csv, the ROC and the DET figure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from facerep.console import console, counted
from facerep.files.outputs import refuse_folder
from facerep.metrics.groups import Groups
from facerep.report.result_folder import show_result, write_figure, write_result
from facerep.results.figures import FoldMean, Rate, Ratio
from facerep.results.to_json import to_json
from facerep.studies.verification.result import Result

FILES = ("result.json", "scores.csv", "roc.png", "roc.svg", "det.png", "det.svg")
MOST_ROWS = 2_000_000  # about 200 MB of scores.csv


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(result: Result, *, json: bool = False, folder: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Print a result and, given a folder, write its files there; the paths written are given back."""
    files = partial(write, result)
    return show_result(
        result, table=partial(_table, result), write=files, files=FILES, json=json, folder=folder, overwrite=overwrite
    )


def write(result: Result, folder: Path) -> list[Path]:
    """Write scores.csv, both figures as PNG and SVG, and result.json."""
    from facerep.report.verification import curves
    from facerep.report.verification.score_file import write_scores

    written = []
    if result.scores is not None and len(result.scores) <= MOST_ROWS:
        write_scores(result.scores, folder / "scores.csv")
        written.append(folder / "scores.csv")
    else:
        pairs = counted(result.genuine + result.impostor, "pair")
        console.warn(f"scores.csv is left out: {pairs}, at most {MOST_ROWS:,} are written; draw some with --sample")
    for name, figure in (("roc", curves.roc(result)), ("det", curves.det(result))):
        written += write_figure(figure, folder / name)
    return write_result(folder, result, written)


def _told(rate: dict[str, Any]) -> str:
    """A rate of a result.json, with its interval and counts."""
    found = Rate(**rate)
    return f"{percent(found.value)} ({between(found)}; {found.count:,.0f} of {found.of:,})"


def percent(value: float) -> str:
    """A rate for the eye; with enough digits that 0.9998 is not 100 %.

    >>> percent(0.5), percent(0.99998), percent(1.0)
    ('50.00 %', '99.998 %', '100.00 %')
    """
    return f"{100 * value:.{digits(value)}f} %"


def digits(value: float) -> int:
    """Decimals of a rate in per cent: three beside 0 and 100, else two."""
    return 3 if 0 < min(value, 1 - value) < 0.001 else 2


def between(rate: Rate) -> str:
    """A 95 % interval for the eye, as exact as its rate."""
    places = digits(rate.value)
    return f"{100 * rate.low:.{places}f} to {100 * rate.high:.{places}f}"


MOST_LEADING = 0.6
"""Accuracy leads the table where no kind of pair is more frequent than this; else one answer for all looks good."""


def _accuracy(result: Result) -> list[list[str]]:
    accuracy = result.accuracy
    if not isinstance(accuracy, FoldMean):
        return [_row("accuracy", accuracy)]
    error = f"± {100 * accuracy.standard_error:.2f} (standard error)"
    mean = ["accuracy, mean of folds", percent(accuracy.mean), error, f"{accuracy.folds} folds"]
    return [mean, _row("accuracy, folds pooled", accuracy.pooled)]


def _commoner(result: Result) -> float:
    """The share of the more frequent kind of pair: the accuracy of one answer for all."""
    return max(result.genuine, result.impostor) / (result.genuine + result.impostor)


def _table(result: Result) -> None:
    leads = _commoner(result) <= MOST_LEADING
    rows = _accuracy(result) if leads else []
    rows.append(_row("equal error rate", result.eer.rate))
    rows.append(_row("area under the ROC", result.auc))
    for point in result.tar_at_far:
        name = f"TAR at FAR {100 * point.far:g} %"
        if point.tar is None:
            rows.append([name, "refused", "", f"{point.impostor:,} impostor pairs"])
        else:
            rows.append(_row(name + (" (few impostors)" if point.flag else ""), point.tar))
    at = threshold_words(result.threshold.value, result.scorer["name"])
    rows += [_row(f"TAR {at}", result.threshold.tar), _row(f"FAR {at}", result.threshold.far)]
    if not leads:
        rows += [_row(f"balanced accuracy {at}", result.balanced_accuracy), *_accuracy(result)]
    scored = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
    pairs = f"{result.genuine:,} genuine and {result.impostor:,} impostor pairs"
    header = ["", "value", "95 % interval", "counts"]
    console.table(f"{scored}: {pairs}", header, rows, notes=list(_notes(result)))
    if result.groups is not None:
        _groups(result.groups, threshold_words(result.groups.threshold, result.scorer["name"]))


def _groups(groups: Groups, at: str) -> None:
    rows = []
    for group in groups.each:
        for kind, rate, ratio in (("FNMR", group.fnmr, group.fnmr_ratio), ("FMR", group.fmr, group.fmr_ratio)):
            name = f"{group.name}: {kind}"
            if rate is None:
                rows.append([name, "-", "", "", "no such pair"])
            else:
                rows.append([*_row(name, rate)[:3], _ratio(ratio), f"{rate.count:,.0f} of {rate.of:,}"])
    sizes = "; ".join(
        f"{group.name}: {counted(group.faces, 'face')} of {counted(group.people, 'person', 'people')}"
        for group in groups.each
    )
    across = groups.across
    notes = [sizes, f"pairs across groups: {across['genuine']:,} genuine, {across['impostor']:,} impostor"]
    if groups.unlabelled:
        notes.append(f"{counted(groups.unlabelled, 'face')} without this label")
    kinds = {ratio.interval for group in groups.each for ratio in (group.fnmr_ratio, group.fmr_ratio) if ratio}
    notes += [f"ratios: {kind}" for kind in sorted(kinds)]
    header = ["", "value", "95 % interval", f"ratio to {groups.reference}", "counts"]
    console.table(f"by {groups.label}, both faces in the group, {at}", header, rows, notes=notes)


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    value = "-" if ratio.value is None else f"{ratio.value:.2f}"
    return f"{value} [{ratio.low:.2f}, {ratio.high:.2f}]"


def threshold_words(value: float, scorer: str) -> str:
    """A threshold for the eye: of Hamming distances, how many bits may differ.

    >>> threshold_words(-73.5, "hamming"), threshold_words(0.25, "cosine")
    ('where at most 73 bits differ', 'at threshold 0.25')
    """
    if scorer != "hamming" or not math.isfinite(value):
        return f"at threshold {value:.6g}"
    bits = math.floor(-value)
    return f"where at most {counted(bits, 'bit')} differ{'s' if bits == 1 else ''}"


def _row(name: str, rate: Rate) -> list[str]:
    counts = f"{rate.count:,.0f} of {rate.of:,}" if rate.of < 1e10 else f"{rate.count:.4g} of {rate.of:.4g}"
    return [name, percent(rate.value), between(rate), counts]


def _notes(result: Result) -> Iterable[str]:
    accuracy = result.accuracy.pooled if isinstance(result.accuracy, FoldMean) else result.accuracy
    yield f"intervals: {accuracy.interval}; equal error rate: {result.eer.rate.interval}"
    most = _commoner(result)
    if most > MOST_LEADING:
        yield f"one answer for every pair would already have an accuracy of {percent(most)}"
    if percent(result.eer.far) != percent(result.eer.frr):
        both = f"FAR {percent(result.eer.far)}, FRR {percent(result.eer.frr)}"
        yield f"the steps do not meet at the equal error rate: {both}"
    source = result.threshold.source
    if source is not None:
        yield f"threshold {result.threshold.chosen}"
        yield f"FAR there {_told(source['far'])}, here {_told(to_json(result.threshold.far))}"
    elif result.threshold.chosen != "given":
        bias = "" if isinstance(result.accuracy, FoldMean) else ", so accuracy is a little too high"
        yield f"the threshold was chosen on these pairs{bias}; judge others with --threshold-from"
    unknown = [name for name in ("network", "layer", "crop") if not result.features[name]]
    if unknown:
        yield f"unknown to the file: {', '.join(unknown)}"
