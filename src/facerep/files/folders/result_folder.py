"""Outputs: a folder that a command writes keeps its old files until all of the new ones are whole.

All files are made in a hidden folder inside it. Then a journal is written there, which says what goes and what comes:
from that instant on the new result stands. What follows is renaming alone, and where a kill stops it, the next command
that reads or writes the folder brings it to its end. Which files of a folder are a result of ours is written beside
them: only these are ever replaced or removed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from facerep.errors import BadInput, OutputExists
from facerep.files.atomic import write_json
from facerep.files.folders.manifest import MANIFEST, inside, listed, read_object
from facerep.files.inputs import refuse_read
from facerep.files.unfinished import alone, clear, workplace

_JOURNAL = "journal.json"
_NAME = "result"


def refuse_folder(folder: Path, files: Sequence[str], *, overwrite: bool) -> list[str]:
    """Raise before any work is done, where a result in the folder is in the way and may not be replaced.

    Args:
        folder: what is to be written.
        files: names of the files that a result of this kind may have, `*` standing for any letters.
        overwrite: the result may be replaced.

    Returns:
        The files that will be replaced or removed.

    Raises:
        OutputExists: a result is there.
        BadInput: the folder is a file, or a file in the way is not of a result of ours.
    """
    settle(folder)
    return _taken(folder, files, overwrite=overwrite)


def _taken(folder: Path, files: Sequence[str], *, overwrite: bool) -> list[str]:
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    known, ours = _known(there, files), listed(folder)
    taken = [name for name in there if name in known or name in (ours or ())]
    if not taken:
        return []
    if not overwrite:
        raise OutputExists(folder / next((name for name in files if name in taken), taken[0]))
    if ours is None:  # earlier versions wrote no list
        ours = known if any(_is_result(folder / name) for name in taken) else frozenset()
    for name in taken:
        if name not in ours or (folder / name).is_dir():
            raise _foreign(folder / name)
        refuse_read(folder / name)
    refuse_read(folder)
    return taken


@contextmanager
def result_folder(folder: Path, files: Sequence[str], *, overwrite: bool) -> Iterator[Path]:
    """Give a hidden folder to write a result to; on success its files replace those of the old result.

    Args:
        folder: where the result will be.
        files, overwrite: see refuse_folder.

    Raises:
        OutputExists, BadInput: see refuse_folder, also where a result came meanwhile; or the disk refused the bytes.
    """
    with exchanging(folder, lambda: _taken(folder, files, overwrite=overwrite)) as place:
        yield place
        names = sorted(path.name for path in place.iterdir())
        write_json(place / MANIFEST, {"format": "facerep/files", "version": 1, "files": names})


@contextmanager
def exchanging(folder: Path, old: Callable[[], Sequence[str]]) -> Iterator[Path]:
    """Give a hidden folder to write files to; on success they stand in `folder`, and what is old there is gone.

    Args:
        folder: is made where it is not there.
        old: gives the files to remove or replace, paths from `folder` on with `/`; it may refuse.

    Raises:
        BadInput: the disk refused the bytes.
    """
    made = _missing(folder)
    try:
        finish(folder)
        old()
        folder.mkdir(parents=True, exist_ok=True)
        with workplace(folder, _NAME) as place:
            yield place
            with alone(folder):
                new = sorted((path.name for path in place.iterdir()), key=_order)
                for name in (_NAME, *new):  # what was killed since, and what earlier versions left
                    clear(folder, name, rescue=_exchange)
                taken = old()
                for name in new:
                    if (folder / name).exists() and name not in (*taken, MANIFEST):
                        raise _foreign(folder / name)
                gone = [name for name in taken if name not in new]
                write_json(place / f"{_JOURNAL}.half", {"remove": gone, "files": new})
                (place / f"{_JOURNAL}.half").rename(place / _JOURNAL)
                try:
                    _exchange(place)
                except BaseException:  # what has begun is brought to its end, then the signal is heard
                    _exchange(place)
                    raise
    except OSError as error:
        raise BadInput(f"cannot write ({error.strerror or error})", folder, "nothing was left behind") from error
    finally:
        for place in made:
            _remove_empty(place)


def settle(folder: Path) -> None:
    """Raise where a file stands in a folder's place, and finish what was killed in the folder.

    Raises:
        BadInput: a file is there, or the folder cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInput("output is a file, a folder is written here", folder, "name a folder with --output")
    finish(folder)


def finish(folder: Path) -> None:
    """Bring an exchange to its end that was killed in the middle.

    Raises:
        BadInput: the folder cannot be written to.
    """
    if any(folder.glob(f".{_NAME}.*/{_JOURNAL}")):
        try:
            with alone(folder):
                clear(folder, _NAME, rescue=_exchange)
        except OSError as error:
            raise BadInput(f"a result was not put in place to its end ({error.strerror})", folder) from error


def _exchange(place: Path) -> None:
    """Do what the journal says that was not done yet."""
    journal = read_object(place / _JOURNAL)
    if journal is None:
        return
    folder = place.parent
    for name in inside(journal, "remove"):
        (folder / name).unlink(missing_ok=True)
        for parent in PurePosixPath(name).parents:
            if parent.name:
                _remove_empty(folder / parent)
    for name in inside(journal, "files"):
        if (place / name).exists():
            os.replace(place / name, folder / name)
    (place / _JOURNAL).unlink()


def _foreign(path: Path) -> BadInput:
    return BadInput("not a file of facerep's, it is not replaced", path, "move it, or give another --output")


def _order(name: str) -> tuple[bool, bool, str]:
    """What says that all is there comes last: result.json, then the list."""
    return name == MANIFEST, name == "result.json", name


def _known(there: Sequence[str], files: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name in there if any(fnmatchcase(name, pattern) for pattern in files))


def _is_result(path: Path) -> bool:
    journal = read_object(path) if path.suffix == ".json" else None
    return journal is not None and str(journal.get("format", "")).startswith("facerep/")


def _missing(folder: Path) -> list[Path]:
    """The folder and those above it that are not there, the innermost first."""
    return [place for place in (folder, *folder.parents) if not place.exists()]


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
