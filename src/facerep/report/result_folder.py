"""A result folder: refused before any work where it is taken; CSV files; a figure's plain frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing
from facerep.report.verification import cell


def refuse(folder: Path, files: Sequence[str], *, overwrite: bool) -> None:
    """Raise OutputExists where one of our files stands in the folder."""
    if folder.is_file():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    taken = [folder / name for name in files if (folder / name).exists()]
    if taken and not overwrite:
        raise OutputExists(taken[0])


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, overwrite: bool) -> Path:
    """Write a CSV file; a float reads back as the same number, None and NaN are empty cells."""
    with (
        replacing(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(columns) + "\n")
        file.writelines(",".join(map(_cell, row)) + "\n" for row in rows)
    return path


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    # numpy's floats write themselves with their type
    return (
        repr(float(value)) if isinstance(value, float) else cell(str(value)) if isinstance(value, str) else str(value)
    )


def plain(axes: Axes, *, grid: str = "y") -> None:
    """No frame above and to the right, a light grid behind what is drawn."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, axis=grid, color="#dddddd", linewidth=0.6)  # pyright: ignore[reportArgumentType]
    axes.set_axisbelow(True)
