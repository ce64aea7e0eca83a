"""Figures of an identification: the CMC; DIR over the false alarm rate; rank 1 by a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from facerep.files.label_columns import in_order
from facerep.report.drawing import bar, curve_drawing, foot, legend, legible, look, per_cent, thin, whole
from facerep.report.identification.places import Places
from facerep.results.figures import Spread
from facerep.studies.identification.result import GalleryResult, Identification, ListResult
from facerep.studies.identification.side_by_side import IdentificationSystems


def cmc(result: Identification) -> Figure:
    """The share of known probes found among the first k of the gallery, k on a log axis."""
    with _curves(result, "rank", "known probes with this rank or better, %") as (figure, axes):
        for place, judged in enumerate(result.lists):
            for trial in judged.trials:
                ranks = np.arange(1, trial.gallery_people + 1)
                axes.step(ranks, trial.cmc / trial.known, where="post", **_line(place, judged, trial))
            for at in _alone(judged):
                for one in at.ranks:
                    bar(axes, one.k, one.rate, look(place)["color"], hollow=False)
        most = max(trial.gallery_people for judged in result.lists for trial in judged.trials)
        axes.set_xlim(1, max(most, 2))
        whole(axes.xaxis)
        legend(axes, "lower right")
        foot(figure, _words(result.lists, ""))
    return figure


def dir_over_far(result: Identification) -> Figure:
    """Detection and identification rate at rank 1 over the false alarm rate, which is on a log axis."""
    with _curves(result, "false alarm rate, %", "detection and identification rate, %") as (figure, axes):
        trials = [trial for judged in result.lists for trial in judged.trials]
        left = min(0.5 / trial.curve.impostor for trial in trials if trial.curve is not None)
        for place, judged in enumerate(result.lists):
            for trial in judged.trials:
                if trial.curve is not None:
                    far, rate = thin(*trial.curve.corners(), left)
                    axes.step(far, rate, where="post", **_line(place, judged, trial))
            for point in (point for trial in _alone(judged) for point in trial.open_set):
                if point.rate is not None:
                    bar(axes, point.far, point.rate, look(place)["color"], hollow=point.flag is not None)
        axes.set_xlim(left, 1)
        per_cent(axes.xaxis)
        axes.xaxis.set_minor_formatter(NullFormatter())
        legend(axes, "upper left")
        foot(figure, _words(result.lists, "; hollow: few unknown probes"))
    return figure


def by_label(result: Identification) -> Figure:
    """Rank 1 by the values of a label: over numbers a curve, else a mark a value."""
    found = [(place, one, one.by) for place, judged in enumerate(result.lists) for one in judged.trials if one.by]
    column = found[0][2].column
    values = in_order(at.value for _, _, by in found for at in by.values)
    where = Places(values)
    with curve_drawing(_title(result), column, "known probes with rank 1, %") as (figure, axes):
        for place, trial, by in found:
            rates = sorted((where.x(at.value), at.rate) for at in by.values)
            judged = result.lists[place]
            x, y = [at for at, _ in rates], [rate.value for _, rate in rates]
            axes.plot(x, y, **_line(place, judged, trial))
            for at, rate in rates if len(judged.trials) == 1 else ():
                bar(axes, at, rate, look(place)["color"], hollow=False)
        where.name(axes)
        axes.set_ylim(0, 1.02)
        per_cent(axes.yaxis)
        legend(axes, "lower right")
        foot(figure, _words(result.lists, ""))
    return figure


def systems_by_label(compared: IdentificationSystems) -> Figure:
    """Rank 1 of several systems by the values of a label; bars are their deviations over seeds."""
    where = Places(compared.values)
    order = sorted(range(len(compared.values)), key=lambda place: where.x(compared.values[place]))
    with curve_drawing("", compared.column, "known probes with rank 1, %") as (figure, axes):
        for place, row in enumerate(compared.rows):
            rates = [row.by[at] for at in order]
            y = [rate.mean if isinstance(rate, Spread) else rate.value for rate in rates]
            error = [rate.standard_deviation if isinstance(rate, Spread) else 0.0 for rate in rates]
            axes.errorbar(
                [where.x(compared.values[at]) for at in order], y, yerr=error, linewidth=1.3, marker="o", markersize=3,
                capsize=2, label=legible(row.name), **look(place),
            )  # fmt: skip
        where.name(axes)
        axes.set_ylim(0, 1.02)
        per_cent(axes.yaxis)
        figure.set_size_inches(6.4, 4.2)
        words = figure.legend(loc="outside right upper", frameon=False, handlelength=2.6)
        for text in words.get_texts():
            text.set_parse_math(False)
        if any(row.seeds > 1 for row in compared.rows):
            foot(figure, "bars: standard deviation over seeds")
    return figure


@contextmanager
def _curves(result: Identification, x: str, y: str) -> Iterator[tuple[Figure, Axes]]:
    with curve_drawing(_title(result), x, y) as (figure, axes):
        axes.set_xscale("log")
        axes.set_ylim(0, 1.02)
        per_cent(axes.yaxis)
        yield figure, axes


def _title(result: Identification) -> str:
    source = result.features["file"] or "features"
    return f"{source if len(source) <= 40 else '…' + source[-39:]}, {result.metric}"


def _alone(judged: ListResult) -> Sequence[GalleryResult]:
    """The one trial of a list, whose rates have bars; none where there are several."""
    return judged.trials if len(judged.trials) == 1 else ()


def _line(place: int, judged: ListResult, trial: GalleryResult) -> dict[str, Any]:
    """How a trial is drawn: the trials of a list share colour and style and are named once."""
    several = len(judged.trials) > 1
    label = f"{judged.name}, {len(judged.trials)} trials" if several else judged.name
    named = label if trial is judged.trials[0] else None
    return {**look(place), "linewidth": 0.7 if several else 1.4, "label": named}


def _words(lists: Sequence[ListResult], hollow: str) -> str:
    several = {len(judged.trials) > 1 for judged in lists}
    return "; ".join(
        [f"bars: 95 % intervals{hollow}"] * (False in several) + ["thin: one line a trial"] * (True in several)
    )
