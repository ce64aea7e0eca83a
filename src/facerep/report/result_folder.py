"""A result is shown: as tables or JSON; in a folder as files, which stand there all together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from facerep.console import console
from facerep.files.atomic import write_json
from facerep.files.outputs import result_folder
from facerep.files.provenance import made
from facerep.results.to_json import to_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMMAND = "command.json"
"""Beside every result: the command that made it, when, and with which versions."""


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
    result: Shown, *, table: Callable[[], None], write: Callable[[Path], list[Path]], files: Sequence[str], json: bool,
    folder: Path | None, overwrite: bool,
) -> list[Path]:  # fmt: skip
    """Print a result and, given a folder, write its files there; the paths written are given back.

    Args:
        result: of a study.
        table: prints it for a person.
        write: writes its files into a folder.
        files: names that these may have.
        json: print JSON instead of the table.
        folder: where, or None.
        overwrite: replace a result that stands there.
    """
    for warning in result.warnings:
        console.warn(warning)
    written = [] if folder is None else write_folder(folder, files, write, overwrite=overwrite)
    if json:
        console.json(to_json(result))
    else:
        table()
    return written


def write_folder(
    folder: Path, files: Sequence[str], write: Callable[[Path], list[Path]], *, overwrite: bool
) -> list[Path]:
    """Write the files of a result, which become a folder's all together; the paths written are given back.

    The command that made it, with its time, has a file of its own: what a result says is the same bytes, wherever and
    whenever it is written.
    """
    with result_folder(folder, files, overwrite=overwrite) as place:
        written = write(place)
        told = {"format": "facerep/command", "version": 1, **made(console.command)}
        write_json(place / COMMAND, told, overwrite=True)
    return [folder / path.name for path in written]


def write_result(folder: Path, result: Shown, written: Sequence[Path]) -> list[Path]:
    """Write result.json; it is named first among what was written."""
    write_json(folder / "result.json", to_json(result))
    return [folder / "result.json", *written]


def write_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG; the same figure gives the same bytes."""
    from facerep.report.drawing import save

    return list(save(figure, stem))
