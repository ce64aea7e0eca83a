"""A result is shown: as tables or JSON; in a folder, which is refused before any work where it is taken, as files."""

from __future__ import annotations

import json as text
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from facerep.console import console
from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import replacing, write_json
from facerep.report.verification import cell


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
    result: Shown, *, table: Callable[[], None], write: Callable[[Path], list[Path]], json: bool, folder: Path | None
) -> list[Path]:  # fmt: skip
    """Print a result and, given a folder, write its files there; the paths written are given back.

    Args:
        result: of a study.
        table: prints it for a person.
        write: writes its files into a folder.
        json: print JSON instead of the table.
        folder: where, or None.
    """
    for warning in result.warnings:
        console.warn(warning)
    written = [] if folder is None else write(folder)
    if json:
        console.result(text.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        table()
    return written


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
