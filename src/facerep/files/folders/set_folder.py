"""A folder that one command fills with the files of a set, over time: what may stand there when it begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facerep.errors import BadInput, OutputExists
from facerep.files.inputs import own, refuse_read
from facerep.files.unfinished import visible

_DEEPEST = 255
"""Folders in each other in which a set may lie: they are made one in the other."""


def begun(folder: Path, about: str, is_ours: Callable[[str], bool], foreign: str, *, overwrite: bool) -> bool:
    """Whether a set was begun in the folder; with `overwrite` its files are removed first.

    Args:
        folder: of the set, which may not exist.
        about: the file that says what the set is; removed last.
        is_ours: whether a name is that of a file of such a set.
        foreign: what else is, in words.
        overwrite: begin anew.

    Raises:
        BadInput: a file stands there, or a folder that holds something else: nothing of it is removed.
    """
    if len(folder.parts) > _DEEPEST:
        raise BadInput("output lies too deep in folders", folder, "give another --output")
    if folder.exists() and not folder.is_dir():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    there = visible(folder.iterdir()) if folder.is_dir() else []
    if not there:
        return False
    others = [path for path in there if not is_ours(path.name)]
    if others or not (folder / about).is_file():
        what = f"folder holds what is {foreign}, nothing is written to it"
        raise BadInput(what, (others or there)[0], "move it, or give another --output")
    if not overwrite:
        own(folder)
        return True
    for path in there:
        refuse_read(path)
    for path in sorted(there, key=lambda path: path.name == about):
        path.unlink()
    return False


def require_resume(folder: Path, unfinished: str, *, complete: bool, resume: bool) -> None:
    """Refuse a set that was begun where nobody asked to go on with it.

    Raises:
        OutputExists: it is complete.
        BadInput: it is not; `unfinished` says what it is.
    """
    if not resume and complete:
        raise OutputExists(folder)
    if not resume:
        raise BadInput(unfinished, folder, "give --resume to go on, --overwrite to start again")
