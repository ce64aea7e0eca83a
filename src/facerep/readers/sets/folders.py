"""Folders: one folder a person, pictures in it or in folders of it; or folders of splits, with people in them.

Also the walk that the other readers use: what is a picture, what is passed over, what leads out of the root.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

import numpy as np

from facerep.console import console, counted
from facerep.errors import BadInput
from facerep.faces.decode import SUFFIXES, is_picture
from facerep.faces.table import Faces, make_faces
from facerep.readers import hash_splits

_CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "@eadir"})
"""What systems leave in folders, in lower case; hidden files are passed over as well."""


_SPLITS = {
    **dict.fromkeys(("train", "training"), hash_splits.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), hash_splits.VALIDATION),
    **dict.fromkeys(("test", "testing"), hash_splits.TEST),
}
"""What folders of splits are called, in lower case."""

DEEPEST = 6
"""Folders below the root in which pictures are looked for."""


@dataclass
class Walk:
    """The pictures under a root.

    Attributes:
        pictures: (name, path), sorted by name.
        failures: (name, reason) of links out of the root and of names that are not UTF-8.
        others: files that are no pictures, by name.
        empty: folders directly under the root without any picture.
        deeper: folders that lie too deep to be looked into.
    """

    pictures: list[tuple[str, Path]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    deeper: list[str] = field(default_factory=list)


def walk(root: Path, *, depth: int = 2) -> Walk:
    """Find the pictures under `root`, at most `depth` folders down.

    Names are the path from the root in Unicode normal form C with "/" between its parts.
    """
    walked = Walk()
    _walk(root, Path(os.path.realpath(root)), "", depth, walked)
    walked.pictures.sort(key=lambda item: item[0])
    walked.empty.sort()
    return walked


def folders(root: Path) -> Faces:
    """Faces of a folder of people; a picture that lies in the root itself has no known person.

    Where all folders of the root are called after splits, such as `train` and `val`, they are splits and the folders
    in them people; a person may stand in several. A note tells it.

    Raises:
        BadInput: there is no picture; two names are one in normal form C.
    """
    walked = walk(root, depth=DEEPEST)
    if not walked.pictures:
        raise BadInput("no picture in folder", root, f"pictures end in {', '.join(sorted(SUFFIXES))}")
    names = [name for name, _ in walked.pictures]
    parts = [name.split("/") for name in names]
    labels, level = {}, 0
    if sides := _sides(parts):
        labels["split"] = np.array([sides.get(part[0], "") for part in parts], dtype=object)
        level = 1
    people = [part[level] if len(part) > level + 1 else "" for part in parts]
    notes = remarks(walked)
    if loose := people.count(""):
        notes.append(f"in no person's folder, so of unknown people: {counted(loose, 'picture')}")
    if deeper := len({person for person, part in zip(people, parts, strict=True) if len(part) > level + 2}):
        have = f"{counted(deeper, 'person', 'people')} {'has' if deeper == 1 else 'have'}"
        notes.append(f"{have} folders inside their folder: the outer one names the person")
    paths = [path for _, path in walked.pictures]
    return make_faces("folders", names, people, paths, root=root, labels=labels, failures=walked.failures, notes=notes)


def _sides(parts: list[list[str]]) -> dict[str, str]:
    """The split of each folder of the root where all are called after splits, with a note; {} where not."""
    outer = {part[0] for part in parts if len(part) > 1}
    called = sorted(name for name in outer if name.lower() in _SPLITS)
    if len(called) < 2:
        return {}
    if len(called) < len(outer):
        console.warn(f"{', '.join(called)} are taken as people, as other folders lie beside them")
        return {}
    console.warn(f"{', '.join(called)} are taken as splits, the folders in them as people")
    return {name: _SPLITS[name.lower()] for name in called}


def inner(root: Path) -> Path:
    """The folder that holds the people: below the root where that holds nothing but one folder of folders.

    A lone folder with pictures in it is a person.
    """
    place = root
    for _ in range(DEEPEST):
        below = subfolders(place)
        if len(below) != 1 or _holds_pictures(place) or _holds_pictures(place / below[0]):
            break
        if not subfolders(place / below[0]):
            break
        place = place / below[0]
    return place


def _holds_pictures(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        # os.path.isfile is False for a link that leads to itself, where the entry's own method raises
        return any(
            visible(entry.name) and os.path.isfile(entry.path) and is_picture(Path(entry.path)) for entry in entries
        )


def remarks(walked: Walk) -> list[str]:
    """What a walk passed over, in words, with counts."""
    notes = []
    if walked.empty:
        notes.append(f"{counted(len(walked.empty), 'empty folder')}: {_some(walked.empty)}")
    if walked.deeper:
        lie = f"{counted(len(walked.deeper), 'folder')} {'lies' if len(walked.deeper) == 1 else 'lie'}"
        notes.append(f"{lie} deeper than pictures are looked for, passed over: {_some(walked.deeper)}")
    if walked.others:
        endings = Counter(Path(name).suffix.lower() or "no ending" for name in walked.others)
        kinds = ", ".join(f"{ending} {count}" for ending, count in endings.most_common(5))
        notes.append(f"no pictures: {counted(len(walked.others), 'file')} ({kinds})")
    return notes


def visible(name: str) -> bool:
    """False for hidden files and for what systems leave in folders."""
    return not name.startswith(".") and name.lower() not in _CLUTTER


def subfolders(root: Path) -> list[str]:
    """Names of the visible folders directly under `root`, as on disk, sorted."""
    with os.scandir(root) as entries:
        return sorted(entry.name for entry in entries if visible(entry.name) and os.path.isdir(entry.path))


def _walk(folder: Path, root: Path, prefix: str, depth: int, walked: Walk) -> int:
    """Add what lies in `folder`; gives how many pictures or failures there were."""
    before = len(walked.pictures) + len(walked.failures)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        walked.failures.append((prefix.rstrip("/"), f"folder cannot be read ({error.strerror})"))
        return 1
    for entry in entries:
        if not visible(entry.name):
            continue
        name = prefix + normalize("NFC", entry.name)
        try:
            name.encode()
        except UnicodeEncodeError:
            walked.failures.append((name.encode("utf-8", "backslashreplace").decode(), "name is not UTF-8"))
            continue
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(root):
            walked.failures.append((name, "link leads out of the data set, refused"))
        elif os.path.isdir(entry.path):  # entry.is_dir() raises on a link to itself
            if entry.is_symlink() and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(entry.path)):
                continue  # a link to a folder above leads round and round
            if not depth:
                walked.deeper += [name] if prefix else []
            elif not _walk(Path(entry.path), root, name + "/", depth - 1, walked) and not prefix:
                walked.empty.append(name)
        elif is_picture(Path(entry.path)):
            if entry.is_symlink() or entry.is_file():
                walked.pictures.append((name, Path(entry.path)))
        elif prefix:
            walked.others.append(name)
    return len(walked.pictures) + len(walked.failures) - before


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
