"""A result is shown: as tables or JSON; in a folder, which is refused before any work where it is taken, as files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from facerep.console import console
from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Shown(Protocol):
    """What can be shown: a result of a study."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should look at."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON holds it."""
        ...


def show_result(
    result: Shown, *, table: Callable[[], None], write: Callable[[Path], list[Path]], json: bool, folder: Path | None,
    overwrite: bool,
) -> list[Path]:  # fmt: skip
    """Print a result and, given a folder, write its files there; the paths written are given back.

    Args:
        result: of a study.
        table: prints it for a person.
        write: writes its files into a folder.
        json: print JSON instead of the table.
        folder: where, or None.
        overwrite: replace files of ours that stand there.
    """
    for warning in result.warnings:
        console.warn(warning)
    written = [] if folder is None else _whole_or_absent(folder, write, overwrite)
    if json:
        console.json(result.to_dict())
    else:
        table()
    return written


def _whole_or_absent(folder: Path, write: Callable[[Path], list[Path]], overwrite: bool) -> list[Path]:
    """Write into the folder; where that is stopped or fails, what is new in it is removed.

    A result.json that is replaced goes first: beside files of another result it would be believed.
    """
    before = set(folder.iterdir()) if folder.is_dir() else None
    try:
        if overwrite:
            (folder / "result.json").unlink(missing_ok=True)
        return write(folder)
    except BaseException:
        for path in set(folder.iterdir()) - (before or set()) if folder.is_dir() else ():
            path.unlink(missing_ok=True)
        if before is None and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise


def refuse(folder: Path, files: Sequence[str], *, overwrite: bool) -> None:
    """Raise OutputExists where one of our files stands in the folder."""
    if folder.is_file():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    taken = [folder / name for name in files if (folder / name).exists()]
    if taken and not overwrite:
        raise OutputExists(taken[0])


def write_result(folder: Path, result: Shown, written: Sequence[Path], *, overwrite: bool) -> list[Path]:
    """Write result.json, which comes last; it is named first among what was written."""
    write_json(folder / "result.json", result.to_dict(), overwrite=overwrite)
    return [folder / "result.json", *written]


def write_figure(figure: Figure, stem: Path, *, overwrite: bool) -> list[Path]:
    """Write a figure as PNG and SVG; the same figure gives the same bytes."""
    from matplotlib import rc_context

    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    with rc_context({"svg.hashsalt": "facerep", "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box stands for it in the PNG
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            with replacing(path, overwrite=overwrite) as temporary:
                figure.savefig(temporary, format=path.suffix[1:], metadata=metadata, dpi=200)
    return paths
