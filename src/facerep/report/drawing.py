"""What figures share: the frame, the lines behind what is drawn, the words below."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from facerep.console import printable
from facerep.report.verification.curves import STYLE


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """An empty figure, in inches, that is drawn without a screen and in our style."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


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


def at_ticks(names: Iterable[str]) -> list[str]:
    """Names as an axis has them; give parse_math=False too."""
    return ["\n".join(map(printable, name.split("\n"))) for name in names]


def svg_of(figure: Figure) -> str:
    """A figure as the text of an SVG file."""
    stream = io.StringIO()
    with saving(figure):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def plain(axes: Axes, *, grid: str = "y") -> None:
    """No frame above and to the right, a light grid behind what is drawn."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, axis=grid, color="#dddddd", linewidth=0.6)  # pyright: ignore[reportArgumentType]
    axes.set_axisbelow(True)


def foot(figure: Figure, words: str) -> None:
    """Small words below a figure, left."""
    figure.supxlabel(words, fontsize=7, color="#555555", x=0.02, ha="left", parse_math=False)
