"""Photographs: whole pictures with any number of faces in them, by file, folder or table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facerep.errors import BadInput
from facerep.faces.decode import is_picture
from facerep.faces.table import Faces, concatenate, make_faces
from facerep.files.inputs import remember, remember_pictures
from facerep.readers.load import load
from facerep.readers.sets.folders import DEEPEST, walk


def photographs(paths: Sequence[Path]) -> Faces:
    """The photographs of several places, in the order in which these are named.

    Args:
        paths: picture files; folders, in which pictures are looked for; tables of pictures, with boxes or without.

    Raises:
        BadInput: absent, or no picture is there.
    """
    return concatenate([_at(path) for path in paths])


def photographs_of_people(paths: Sequence[str | Path]) -> Faces:
    """The photographs of several places with what their data sets say: people, labels, pair lists.

    Args:
        paths: picture files, or data sets as `load` takes them; a picture that lies in a folder of people has the
            folder's name for its person.

    Raises:
        BadInput: absent, or no picture is there.
    """
    return concatenate(
        [_at(place) if (place := Path(path)).is_file() and is_picture(place) else load(path) for path in paths]
    )


def _at(path: Path) -> Faces:
    if path.is_dir():
        walked = walk(path, depth=DEEPEST)
        if not walked.pictures:
            raise BadInput("no picture in folder", path, "name a folder of photographs, pictures, or a table")
        names, places = zip(*walked.pictures, strict=True)
        found = make_faces(
            "photographs", names, [""] * len(names), places, root=path, failures=walked.failures
        )  # fmt: skip
    elif path.is_file() and is_picture(path):
        found = make_faces("photographs", [path.name], [""], [path], root=path.parent)
    elif path.is_file():
        return load(path, kind="table")
    else:
        raise BadInput("no such photograph, folder or table", path, "name photographs, a folder of them, or a table")
    remember(path)
    remember_pictures(found.paths)
    return found
