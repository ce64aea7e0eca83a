"""Template lists as IJB-B and IJB-C have them: `file template media`, a line a face.

A template is what is compared: some faces of one person. Its media are pictures and videos; the frames of a video are
one medium.
Source: Maze et al., IARPA Janus Benchmark C, ICB 2018; the files of its users (`ijbc_face_tid_mid.txt`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.errors import BadInput
from facerep.files.text import open_lines
from facerep.readers import delimited
from facerep.readers.lists.pair_lists import Names

_HEADER = ("template", "template_id", "tid")


@dataclass(frozen=True)
class TemplateList:
    """Faces with their template and medium, in the order of the list; object arrays of str, shape (n,)."""

    faces: np.ndarray
    templates: np.ndarray
    media: np.ndarray


def read_templates(path: Path, names: np.ndarray) -> TemplateList:
    """Read a template list; where it has no third column, each face is a medium of its own.

    Args:
        path: the list; commas, semicolons, tabs or blanks between its cells, with or without a header.
        names: of the faces there are, looked up as in a pair list; one that is not among them stays as written.

    Raises:
        BadInput: a line of fewer cells than two or more than three, with its number; a face twice in a template; none.
    """
    with open_lines(path) as lines:
        first = next((line for line in lines if line.strip()), "")
        known = Names(names.tolist())
        rows: list[tuple[str, str, str]] = []
        seen: set[tuple[str, str]] = set()
        for number, cells in delimited.rows(lines, delimited.delimiter(first), path):
            if not 2 <= len(cells) <= 3:
                raise BadInput(f"line {number} is not `file template media`: {' '.join(cells)[:60]!r}", path)
            if not rows and cells[1].casefold() in _HEADER:
                continue
            face = known.find(cells[0], path)
            if (face, cells[1]) in seen:
                raise BadInput(f"line {number}: face {face!r} stands twice in template {cells[1]!r}", path)
            seen.add((face, cells[1]))
            rows.append((face, cells[1], cells[2] if len(cells) == 3 else f"line {number}"))
    if not rows:
        raise BadInput("template list has no faces", path)
    return TemplateList(*(np.array(column, dtype=object) for column in zip(*rows, strict=True)))
