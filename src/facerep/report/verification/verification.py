"""A verification as a report: its tables, scores.csv, its curves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from facerep.console import counted
from facerep.metrics.group_ratios import Groups
from facerep.pairs.score_file import write_scores
from facerep.report.cells import counts, in_words, percent, rate_row, threshold_words
from facerep.report.report import Content, Drawing, File, Report, Table
from facerep.results.figures import FoldMean, Ratio, pooled
from facerep.results.read import rate_of
from facerep.studies.verification.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("result.json", "scores.csv", "roc.png", "roc.svg", "det.png", "det.svg")
MOST_ROWS = 2_000_000  # about 200 MB of scores.csv


def report_of(result: Result) -> Report:
    """A verification as a report."""
    scores = result.scores
    kept = scores is not None and len(scores) <= MOST_ROWS
    files: dict[str, Content] = {"scores.csv": File(lambda path: write_scores(scores, path))} if scores and kept else {}
    return Report(
        result=result,
        shown=[_table(result), *_groups(result)],
        files={**files, "roc": Drawing(lambda: _drawn("roc", result)), "det": Drawing(lambda: _drawn("det", result))},
        warnings=result.warnings,
        unwritten=() if kept else [_left_out(result)],
    )


def _drawn(name: str, result: Result) -> Figure:
    from facerep.report.verification import curves  # matplotlib takes a while to import

    return getattr(curves, name)(result)


def _left_out(result: Result) -> str:
    pairs = counted(result.genuine + result.impostor, "pair")
    return f"scores.csv is left out: {pairs}, at most {MOST_ROWS:,} are written; draw some with --sample"


MOST_LEADING = 0.6
"""Accuracy leads the table where no kind of pair is more frequent than this; else one answer for all looks good."""


def _accuracy(result: Result) -> list[list[str]]:
    accuracy = result.accuracy
    if not isinstance(accuracy, FoldMean):
        return [rate_row("accuracy", accuracy)]
    error = f"± {100 * accuracy.standard_error:.2f} (standard error)"
    mean = ["accuracy, mean of folds", percent(accuracy.mean), error, f"{accuracy.folds} folds"]
    return [mean, rate_row("accuracy, folds pooled", accuracy.pooled)]


def _commoner(result: Result) -> float:
    """The share of the more frequent kind of pair: the accuracy of one answer for all."""
    return max(result.genuine, result.impostor) / (result.genuine + result.impostor)


def _table(result: Result) -> Table:
    leads = _commoner(result) <= MOST_LEADING
    rows = _accuracy(result) if leads else []
    rows.append(rate_row("equal error rate", result.eer.rate))
    rows.append(rate_row("area under the ROC", result.auc))
    for point in result.tar_at_far:
        name = f"TAR at FAR {100 * point.far:g} %"
        if point.rate is None:
            rows.append([name, "refused", "", f"{point.impostor:,} impostor pairs"])
        else:
            rows.append(rate_row(name + (" (few impostors)" if point.flag else ""), point.rate))
    at = threshold_words(result.threshold.value, result.scorer["name"])
    rows += [rate_row(f"TAR {at}", result.threshold.tar), rate_row(f"FAR {at}", result.threshold.far)]
    if not leads:
        rows += [rate_row(f"balanced accuracy {at}", result.balanced_accuracy), *_accuracy(result)]
    scored = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
    pairs = f"{result.genuine:,} genuine and {result.impostor:,} impostor pairs"
    header = ["", "value", "95 % interval", "counts"]
    return Table(header, rows, f"{scored}: {pairs}", list(_notes(result)))


def _groups(result: Result) -> Iterable[Table]:
    if result.groups is not None:
        yield _group_table(result.groups, threshold_words(result.groups.threshold, result.scorer["name"]))


def _group_table(groups: Groups, at: str) -> Table:
    rows = []
    for group in groups.each:
        for kind, rate, ratio in (("FNMR", group.fnmr, group.fnmr_ratio), ("FMR", group.fmr, group.fmr_ratio)):
            name = f"{group.name}: {kind}"
            if rate is None:
                rows.append([name, "-", "", "", "no such pair"])
            else:
                rows.append([*rate_row(name, rate)[:3], _ratio(ratio), counts(rate)])
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
    return Table(header, rows, f"by {groups.label}, both faces in the group, {at}", notes)


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    value = "-" if ratio.value is None else f"{ratio.value:.2f}"
    return f"{value} [{ratio.low:.2f}, {ratio.high:.2f}]"


def _notes(result: Result) -> Iterable[str]:
    yield f"intervals: {pooled(result.accuracy).interval}; equal error rate: {result.eer.rate.interval}"
    most = _commoner(result)
    if most > MOST_LEADING:
        yield f"one answer for every pair would already have an accuracy of {percent(most)}"
    if percent(result.eer.far) != percent(result.eer.frr):
        both = f"FAR {percent(result.eer.far)}, FRR {percent(result.eer.frr)}"
        yield f"the steps do not meet at the equal error rate: {both}"
    source = result.threshold.source
    if source is not None:
        yield f"threshold {result.threshold.chosen}"
        yield f"FAR there {in_words(rate_of(source['far']))}, here {in_words(result.threshold.far)}"
    elif result.threshold.chosen != "given":
        bias = "" if isinstance(result.accuracy, FoldMean) else ", so accuracy is a little too high"
        yield f"the threshold was chosen on these pairs{bias}; judge others with --threshold-from"
    unknown = [name for name in ("network", "layer", "crop") if not result.features[name]]
    if unknown:
        yield f"unknown to the file: {', '.join(unknown)}"
