"""InsightFace .rec: labelled pictures in a RecordIO file, with .idx and perhaps a `property` file beside it.

Each record is a header (how many labels, a label, two numbers, the labels) and an encoded picture. Where record 0 has
two labels (A, B), the pictures are the keys 1 to A - 1, and A to B - 1 hold no pictures but the range of a person.
Source: deepinsight/insightface, recognition/arcface_torch/dataset.py; mxnet, python/mxnet/recordio.py (layout only).
"""

from __future__ import annotations

import mmap
import struct
import sys
from pathlib import Path

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.table import Faces, make_faces
from facerep.files.inputs import remember
from facerep.files.picture_source import FileSpans
from facerep.files.text import read_text
from facerep.readers.sets.recordio import Spans, behind, head, mapped, offsets, record

_HEADER = struct.Struct("<IfQQ")
_EXACT = 1 << 24
"""Whole numbers up to here are exact in the header's float32; larger ranges are rounded and cannot be followed."""


def insightface_rec(path: Path) -> Faces:
    """Faces of a .rec file: a face is called PERSON/KEY, a person FOLDER:LABEL after the folder of the file.

    Two sets have different people under the same label, so the folder's name tells them apart.

    Raises:
        BadInput: the .idx file is not beside; an offset that leads to no whole record; a label that is not a whole
            number; a header record that does not fit the index; no picture.
    """
    index = offsets(_index_file(path))
    names, people, places, failures = [], [], [], []
    folder = path.resolve().parent.name
    with mapped(path) as content:
        keys, exact = _pictures(content, index, path)
        for key in keys:
            labels, picture = _read(content, index, key, path)
            if not picture:
                if exact:
                    failures.append((str(key), "record holds no picture"))
                continue
            if labels[0] < 0 or not labels[0].is_integer():
                raise BadInput(f"label of record {key} is {labels[0]:g}, a whole number is wanted", path)
            names.append(f"{labels[0]:.0f}/{key}")
            people.append(sys.intern(f"{folder}:{labels[0]:.0f}"))
            places.append(FileSpans(path, picture))
    if not names:
        raise BadInput("no record holds a picture", path)
    others = len(index) - len(names) - len(failures)
    notes = [f"no pictures: {counted(others, 'record')} (header and ranges of people)"] if others else []
    notes += _property(path.parent / "property", len(set(people)))
    return make_faces("insightface-rec", names, people, places, root=path, failures=failures, notes=notes)


def _index_file(path: Path) -> Path:
    beside = path.with_suffix(".idx")
    remember(beside)
    if not beside.is_file():
        raise BadInput(f"no {beside.name} beside the records", path, "it says where each record begins")
    return beside


def _pictures(content: mmap.mmap, index: dict[int, int], path: Path) -> tuple[list[int], bool]:
    """The keys to look at, and whether each of them must hold a picture."""
    if 0 not in index:
        return list(index), True
    labels, picture = _read(content, index, 0, path)
    if picture:
        return list(index), True
    if len(labels) != 2:
        raise BadInput(f"record 0 has no picture and {counted(len(labels), 'label')}, 2 are wanted", path)
    first = labels[0]
    if first >= _EXACT:
        return [key for key in index if key], False
    keys = [key for key in index if 0 < key < first]
    if len(keys) != first - 1:
        raise BadInput(f"record 0 tells of pictures up to key {first - 1:g}, the index has {len(keys)} of them", path)
    return keys, True


def _read(content: mmap.mmap, index: dict[int, int], key: int, path: Path) -> tuple[tuple[float, ...], Spans]:
    """The labels of a record, and where its picture lies."""
    try:
        spans = record(content, index[key])
        flag, label, _, _ = _HEADER.unpack(head(content, spans, _HEADER.size))
        size = _HEADER.size + 4 * flag
        if not flag:
            return (label,), behind(spans, size)
        if size > sum(length for _, length in spans):
            raise ValueError(f"the record has no {flag} labels")
        labels = struct.unpack(f"<{flag}f", head(content, spans, size)[_HEADER.size :])
    except (ValueError, struct.error) as error:
        said = "its header is cut short" if isinstance(error, struct.error) else error
        raise BadInput(f"record {key} of the index cannot be read ({said})", path) from error
    return labels, behind(spans, size)


def _property(path: Path, people: int) -> list[str]:
    """What a `property` file (people, height, width) says; people without pictures make the difference."""
    if not path.is_file():
        return []
    try:
        told, height, width = map(int, read_text(path).split(","))
    except (BadInput, ValueError):
        return ["property file is not people, height, width: passed over"]
    return [f"property file: {told:,} people, {width}x{height}; the records hold {people:,}"]
