"""Multi-PIE: pictures called SSS_SS_RR_CCC_LL, in its own tree (session01/multiview/001/01/05_1/...) or in any other.

Labels come from the names alone: session, recording, camera, light, view (of the cameras at head height), expression.
The first 200 subjects train, 20 of them to validate; the others test, as the papers on pose have it.
Source: Gross, Matthews, Cohn, Kanade, Baker: Multi-PIE, Image and Vision Computing 28(5), 2010.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.table import Faces, make_faces
from facerep.readers.sets.folders import remarks, subfolders, walk
from facerep.rendering.names import PictureName, parse, split_of

_DEPTH = 5
"""Folders above a picture in Multi-PIE's own tree: session, multiview, subject, recording, camera."""
_LOOKED_AT = 20


def is_multipie(root: Path) -> bool:
    """True for a folder of sessions, or for one whose first pictures have such names."""
    if any((root / name / "multiview").is_dir() for name in subfolders(root) if name.startswith("session")):
        return True
    place = root
    for _ in range(_DEPTH + 1):
        pictures = sorted(entry.stem for entry in place.iterdir() if entry.is_file() and entry.name[0] != ".")
        if any(map(parse, pictures[:_LOOKED_AT])):
            return True
        below = subfolders(place)
        if not below or any(not name.isalnum() and "_" not in name for name in below[:1]):
            return False
        place = place / below[0]
    return False


def multipie(root: Path) -> Faces:
    """Faces of a Multi-PIE tree; pictures with other names are not taken.

    Raises:
        BadInput: no picture has such a name.
    """
    walked = walk(root, depth=_DEPTH)
    named = [(parse(Path(name).stem), name, path) for name, path in walked.pictures]
    kept = sorted((parsed, name, path) for parsed, name, path in named if parsed is not None)
    if not kept:
        raise BadInput("not Multi-PIE: no picture such as 001_01_01_051_07.png", root)
    parsed = [each for each, _, _ in kept]
    notes = remarks(walked)
    others = [(name, "not called as Multi-PIE's pictures are") for each, name, _ in named if each is None]
    if high := sorted({each.camera for each in parsed if each.view is None}):
        notes.append(f"cameras not at head height, so of no view: {', '.join(high)}")
    if len({str(each) for each in parsed}) < len(parsed):
        notes.append(f"{counted(len(parsed) - len(set(parsed)), 'picture')} with a name that another has too")
    return make_faces(
        "multipie", [name for _, name, _ in kept], [each.subject for each in parsed], [path for _, _, path in kept],
        root=root, labels=_labels(parsed), failures=[*walked.failures, *others], notes=notes,
    )  # fmt: skip


def _labels(parsed: list[PictureName]) -> dict[str, np.ndarray]:
    columns = {
        "split": [split_of(int(each.subject)) for each in parsed],
        "session": [each.session for each in parsed],
        "recording": [each.recording for each in parsed],
        "camera": [each.camera for each in parsed],
        "view": ["" if each.view is None else str(each.view) for each in parsed],
        "light": [str(int(each.light)) for each in parsed],
        "expression": [each.expression for each in parsed],
    }
    return {name: np.array(values, dtype=object) for name, values in columns.items()}
