"""What figures share: style and colours, frame and axes, words, and how they are saved. No screen is needed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from facerep.console import printable
from facerep.files.atomic import replacing
from facerep.results.figures import Rate

COLOURS = ("#0b5394", "#c55a11", "#38761d", "#741b47", "#7f6000", "#444444")
STYLES = ("-", "--", "-.", ":")
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.linewidth": 0.7, "axes.labelsize": 9, "axes.titlesize": 9,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8,
}  # fmt: skip
STEPS = 1500  # more than the width of the figure in pixels: thinning is not seen


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """An empty figure, in inches, that is drawn in our style."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


@contextmanager
def curve_drawing(title: str, x: str, y: str) -> Iterator[tuple[Figure, Axes]]:
    """A figure of one panel for curves: title, names of the axes, light grid both ways."""
    with drawing(4.6, 3.9) as figure:
        axes = figure.add_subplot()
        if title:
            axes.set_title(title, loc="left", parse_math=False)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        plain(axes, grid="both", which="major")
        yield figure, axes


def plain(axes: Axes, *, grid: str = "y", which: Any = "major") -> None:
    """No frame above and to the right, a light grid behind what is drawn."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, which=which, axis=grid, color="#dddddd", linewidth=0.6)  # pyright: ignore[reportArgumentType]
    axes.set_axisbelow(True)


def foot(figure: Figure, words: str) -> None:
    """Small words below a figure, left."""
    figure.supxlabel(words, fontsize=7, color="#555555", x=0.02, ha="left", parse_math=False)


def legend(axes: Axes, place: Any) -> None:
    """The names of what is drawn, on a pale ground."""
    _plain_words(axes.legend(loc=place, frameon=True, framealpha=0.9, edgecolor="none", handlelength=2.6))


def legend_below(figure: Figure) -> None:
    """The names of what is drawn, under the axes: where curves may be anywhere, nothing is covered."""
    _plain_words(figure.legend(loc="outside lower center", frameon=False, handlelength=2.6))


def _plain_words(words: Legend) -> None:
    for text in words.get_texts():
        text.set_parse_math(False)


def look(place: int) -> dict[str, Any]:
    """Colour and style of the line of one system of several."""
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place % len(STYLES)]}


def legible(name: str) -> str:
    """A name as a legend shows it: matplotlib leaves out those that begin with an underscore."""
    return f" {name}" if name.startswith("_") else name


def at_ticks(names: Iterable[str]) -> list[str]:
    """Names as an axis has them; give parse_math=False too."""
    return ["\n".join(map(printable, name.split("\n"))) for name in names]


def whole(axis: Any) -> None:
    """Write the ticks of an axis as plain numbers, also on a log axis."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def per_cent(axis: Any) -> None:
    """Write the ticks of an axis of rates in per cent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.10g}"))


def log_per_cent(axis: Any) -> None:
    """The same of a log axis, a tick a power of ten."""
    axis.set_major_locator(LogLocator(numticks=12))
    per_cent(axis)
    axis.set_minor_formatter(NullFormatter())


def around(rate: Rate, value: float | None = None, times: float = 1.0) -> list[float]:
    """How far the interval of a rate reaches below and above a value, its own by default; times a factor."""
    value = times * (rate.value if value is None else value)
    return [max(0.0, value - times * rate.low), max(0.0, times * rate.high - value)]


def bar(axes: Axes, x: float, rate: Rate, colour: str, *, hollow: bool) -> None:
    """A mark at a rate with its interval; `hollow` where it was counted from few."""
    axes.errorbar(
        x, rate.value, yerr=[[rate.value - rate.low], [rate.high - rate.value]], fmt="o", markersize=4, capsize=2.5,
        linewidth=1, zorder=3, color=colour, markerfacecolor="white" if hollow else colour, clip_on=False,
    )  # fmt: skip


def thin(far: np.ndarray, tar: np.ndarray, left: float) -> tuple[np.ndarray, np.ndarray]:
    """The corners seen on a log axis from `left` to 1; the first stands for all that lie beyond it."""
    seen = far > left
    start = tar[np.count_nonzero(~seen) - 1] if not seen.all() else 0.0
    far, tar = far[seen], tar[seen]
    column = np.floor(np.log(far / left) / np.log(1 / left) * STEPS).astype(int)
    kept = np.append(np.diff(column) > 0, True)
    return np.concatenate([[left], far[kept]]), np.concatenate([[start], tar[kept]])


@contextmanager
def saving(figure: Figure) -> Iterator[None]:
    """While a figure is saved: the same figure gives the same bytes, its words stay words, names cannot break it."""
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text():  # those at ticks get theirs later: numbers as formulas, and names by `at_ticks`
            text.set_parse_math(False)
            text.set_text("\n".join(map(printable, text.get_text().split("\n"))))
    with rc_context({"svg.hashsalt": "facerep", "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box stands for it in a PNG
        yield


def save(figure: Figure, stem: Path) -> Sequence[Path]:
    """Write a figure as PNG and SVG; the same figure gives the same bytes."""
    paths = [stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.svg")]
    with saving(figure):
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            with replacing(path) as temporary:
                figure.savefig(temporary, format=path.suffix[1:], metadata=metadata, dpi=200)
    return paths


def svg_of(figure: Figure) -> str:
    """A figure as the text of an SVG file."""
    stream = io.StringIO()
    with saving(figure):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()
