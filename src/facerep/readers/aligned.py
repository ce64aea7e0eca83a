"""Folders of aligned faces that `facerep align` made: `faces.csv` with five points, and `aligned.json` beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from facerep.errors import BadInput
from facerep.faces.table import Faces
from facerep.files.json_file import Count, Form, read_json
from facerep.readers.table import table

ABOUT, INDEX, FAILURES = "aligned.json", "faces.csv", "failures.csv"
FORMAT, VERSION = "facerep/aligned", 1


class _About(Form):
    format: Literal["facerep/aligned"]
    version: Count
    faces: Count


def read_about(folder: Path) -> dict[str, Any]:
    """What `aligned.json` says.

    Raises:
        BadInput: it is absent, damaged, or not that of aligned faces.
    """
    about = read_json(folder / ABOUT, _About, "align the photographs again: facerep align")
    if about["version"] != VERSION:
        what = f"aligned faces are of version {about['version']}, this facerep takes {VERSION}"
        raise BadInput(what, folder, "align the photographs again")
    return about


def is_aligned(root: Path) -> bool:
    """True where `aligned.json` lies in the folder."""
    return (root / ABOUT).is_file()


def aligned(root: Path) -> Faces:
    """Faces of a folder that `facerep align` made; pictures that are absent become failures.

    Raises:
        BadInput: its table is damaged or absent.
    """
    read_about(root)
    return replace(table(root / INDEX), kind="aligned", root=str(root))
