"""InsightFace .rec: records, parts of records, header and ranges, written here byte for byte."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.decode import decode
from facerep.files.picture_source import FileSpans, read
from facerep.readers.load import load
from facerep.readers.sets.insightface_rec import insightface_rec
from facerep.readers.sets.recordio import MAGIC, behind, head, mapped, offsets, record

WORD = struct.pack("<I", MAGIC)


def frame(data: bytes) -> bytes:
    """A record as MXNet writes it: cut where the magic stands at a place divisible by four, which is left out."""
    cuts = [place for place in range(0, len(data) - 3, 4) if data[place : place + 4] == WORD]
    starts = [0, *(cut + 4 for cut in cuts)]
    parts = [data[start:end] for start, end in zip(starts, [*cuts, len(data)], strict=True)]
    written = []
    for place, part in enumerate(parts):
        kind = 0 if len(parts) == 1 else 1 if place == 0 else 3 if place == len(parts) - 1 else 2
        written.append(struct.pack("<II", MAGIC, kind << 29 | len(part)) + part + bytes(-len(part) % 4))
    return b"".join(written)


def packed(labels: Sequence[float], data: bytes = b"", key: int = 0) -> bytes:
    """The content of a record: one label in the header, or several behind it."""
    if len(labels) == 1:
        return struct.pack("<IfQQ", 0, labels[0], key, 0) + data
    return struct.pack(f"<IfQQ{len(labels)}f", len(labels), 0, key, 0, *labels) + data


def write(path: Path, records: dict[int, bytes]) -> Path:
    """The records in their order, and the index beside."""
    lines, content = [], b""
    for key, data in records.items():
        lines.append(f"{key}\t{len(content)}\n")
        content += frame(data)
    path.write_bytes(content)
    path.with_suffix(".idx").write_text("".join(lines))
    return path


def picture(seed: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


PICTURES = {key: picture(key) for key in range(1, 7)}
LABELS = {1: 0, 2: 0, 3: 0, 4: 1, 5: 1, 6: 2}


def usual(path: Path) -> Path:
    """The layout of the published sets: pictures, then ranges, then record 0, which tells where the ranges begin."""
    records = {key: packed([LABELS[key]], data, key) for key, data in PICTURES.items()}
    ranges = {7: packed([1, 4]), 8: packed([4, 6]), 9: packed([6, 7])}
    return write(path, {**records, **ranges, 0: packed([7, 10])})


def test_the_usual_layout_gives_each_picture_once_with_its_person(tmp_path):
    folder = tmp_path / "faces_mine"
    folder.mkdir()
    (folder / "property").write_text("3,112,112\n")
    faces = load(usual(folder / "train.rec"))
    assert faces.kind == "insightface-rec"
    assert faces.names.tolist() == ["0/1", "0/2", "0/3", "1/4", "1/5", "2/6"]
    assert faces.people.tolist() == [f"faces_mine:{LABELS[key]}" for key in PICTURES]
    assert faces.notes == (
        "no pictures: 4 records (header and ranges of people)",
        "property file: 3 people, 112x112; the records hold 3",
    )
    for place, data in zip(faces.paths, PICTURES.values(), strict=True):
        assert read(place) == data
        np.testing.assert_array_equal(decode(place), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("first", [0, 1])
def test_records_without_a_header_record_are_all_pictures(tmp_path, first):
    records = {key: packed([key // 2], PICTURES[key - first + 1]) for key in range(first, first + 4)}
    faces = load(write(tmp_path / "mine.rec", records))
    assert faces.names.tolist() == [f"{key // 2}/{key}" for key in range(first, first + 4)]
    assert faces.notes == ()


def test_of_several_labels_the_first_is_the_person(tmp_path):
    faces = load(write(tmp_path / "mine.rec", {1: packed([5, 1], PICTURES[1]), 2: packed([6, 0, 3], PICTURES[2])}))
    assert faces.names.tolist() == ["5/1", "6/2"]
    assert [read(place) for place in faces.paths] == [PICTURES[1], PICTURES[2]]


def test_where_the_header_is_rounded_the_records_themselves_say_which_hold_pictures(tmp_path):
    records = {1: packed([0], PICTURES[1]), 2: packed([1], PICTURES[2]), 3: packed([1, 2]), 4: packed([2, 3])}
    faces = load(write(tmp_path / "mine.rec", {**records, 0: packed([2**24 + 2, 2**24 + 4])}))
    assert faces.names.tolist() == ["0/1", "1/2"]


def test_a_record_that_should_hold_a_picture_and_holds_none_fails_alone(tmp_path):
    records = {1: packed([0], PICTURES[1]), 2: packed([0]), 3: packed([1, 3])}
    faces = load(write(tmp_path / "mine.rec", {**records, 0: packed([3, 4])}))
    assert (faces.names.tolist(), faces.failures) == (["0/1"], (("2", "record holds no picture"),))


@given(
    pieces=st.lists(st.one_of(st.just(WORD), st.binary(max_size=9)), max_size=8),
    before=st.binary(max_size=5),
    cut=st.integers(0, 60),
)
@settings(max_examples=80, deadline=None)
def test_a_record_that_holds_the_magic_comes_back_whole(tmp_path_factory, pieces, before, cut):
    data, other = b"".join(pieces), frame(before)
    path = tmp_path_factory.mktemp("rec") / "a.rec"
    path.write_bytes(other + frame(data) + frame(b"behind"))
    with mapped(path) as content:
        spans = record(content, len(other))
        assert head(content, spans, cut) == data[:cut]
    assert read(FileSpans(path, spans)) == data
    assert read(FileSpans(path, behind(spans, cut))) == data[cut:]


def test_a_picture_in_several_parts_is_decoded_like_the_others(tmp_path):
    spoiled = PICTURES[1] + b"\0" * (-len(PICTURES[1]) % 4) + WORD + b"tail" + WORD
    path = write(tmp_path / "mine.rec", {1: packed([0], spoiled), 2: packed([0], PICTURES[2])})
    faces = load(path)
    assert [len(place.spans) for place in faces.paths] == [4, 1]
    assert read(faces.paths[0]) == spoiled
    np.testing.assert_array_equal(decode(faces.paths[0]), np.asarray(Image.open(io.BytesIO(PICTURES[1]))))


def test_a_data_set_changes_its_fingerprint_with_its_records(tmp_path):
    one = load(write(tmp_path / "a.rec", {1: packed([0], PICTURES[1])})).fingerprint()
    assert load(write(tmp_path / "b.rec", {1: packed([0], PICTURES[1])})).fingerprint() == one
    assert load(write(tmp_path / "a.rec", {1: packed([0], PICTURES[1] + b"x")})).fingerprint() != one


def test_equal_pictures_are_told_by_inspection(tmp_path):
    from facerep.readers.inspect import inspect

    path = write(tmp_path / "a.rec", {1: packed([0], PICTURES[1]), 2: packed([1], PICTURES[1])})
    found = inspect(path, workers=0)
    assert (found.duplicates, found.across_people, found.sizes) == ((("0/1", "1/2"),), 1, {"8x8": 2})


def refused(path: Path) -> str:
    """The one line that the records are refused with."""
    with pytest.raises(BadInput) as error:
        insightface_rec(path)
    line = str(error.value)
    assert "\n" not in line
    assert str(path.parent) in line
    return line


def test_a_file_that_is_cut_short_anywhere_is_refused(tmp_path):
    whole = usual(tmp_path / "train.rec").read_bytes()
    for end in range(0, len(whole), 7):
        (tmp_path / "train.rec").write_bytes(whole[:end])
        refused(tmp_path / "train.rec")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2\t999999999", r"record 2 of the index cannot be read \(byte 999999999 lies outside the file of \d+ bytes\)"),
        ("2\t-8", r"record 2 of the index cannot be read \(byte -8 lies outside"),
        ("2\t4", r"record 2 of the index cannot be read \(no record begins at byte 4\)"),
        ("2\t" + "9" * 30, "lies outside"),
        ("2", "line 2 is not a key and an offset"),
        ("2\tx", "line 2 is not a key and an offset"),
        ("2\t" + "9" * 5000, "line 2 is not a key and an offset"),
        ("1\t0", "line 2: key 1 stands twice"),
        ("2\t0\t0", "line 2 is not a key and an offset"),
        ("2\t\0", "holds zero bytes"),
    ],
)
def test_an_index_that_leads_astray_is_refused(tmp_path, line, said):
    import re

    path = write(tmp_path / "mine.rec", {1: packed([0], PICTURES[1])})
    path.with_suffix(".idx").write_text(f"1\t0\n{line}\n")
    assert re.search(said, refused(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * 40, "no record begins at byte 0"),
        (struct.pack("<II", MAGIC, (1 << 29) - 1) + bytes(40), "the record at byte 0 is cut short"),
        (struct.pack("<II", MAGIC, 4) + b"abcd", "its header is cut short"),
        (frame(struct.pack("<IfQQ", 2**32 - 1, 0, 0, 0) + b"x"), "the record has no 4294967295 labels"),
        (struct.pack("<II", MAGIC, 2 << 29 | 4) + b"abcd", "parts of the record before byte 0 do not fit"),
        (struct.pack("<II", MAGIC, 3 << 29 | 4) + b"abcd", "parts of the record before byte 0 do not fit"),
        (struct.pack("<II", MAGIC, 1 << 29) + frame(b"abcd"), "parts of the record before byte 8 do not fit"),
        (struct.pack("<II", MAGIC, 1 << 29), "byte 8 lies outside the file"),
        (struct.pack("<II", MAGIC, 1 << 29) + struct.pack("<II", MAGIC, 2 << 29) * 1200, "more than 1000 parts"),
        (struct.pack("<II", MAGIC, 5 << 29), "parts of the record"),
        (frame(packed([-1], PICTURES[1])), "label of record 1 is -1, a whole number is wanted"),
        (frame(packed([0.5], PICTURES[1])), "label of record 1 is 0.5"),
        (frame(packed([float("nan")], PICTURES[1])), "label of record 1 is nan"),
        (frame(packed([float("inf")], PICTURES[1])), "label of record 1 is inf"),
        (frame(packed([0])), "no record holds a picture"),
    ],
)
def test_records_that_are_not_what_they_should_be_are_refused(tmp_path, content, said):
    (tmp_path / "a.rec").write_bytes(content)
    (tmp_path / "a.idx").write_text("1\t0\n")
    assert said in refused(tmp_path / "a.rec")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([8, 10], "record 0 tells of pictures up to key 7, the index has 6 of them"),
        ([float("nan"), 1], "record 0 tells of pictures up to key nan"),
        ([-5, 1], "record 0 tells of pictures up to key -6, the index has 0 of them"),
        ([7, 8, 9], "record 0 has no picture and 3 labels, 2 are wanted"),
        ([7], "record 0 has no picture and 1 label, 2 are wanted"),
    ],
)
def test_a_header_record_that_does_not_fit_the_index_is_refused(tmp_path, labels, said):
    records = {key: packed([0], data) for key, data in PICTURES.items()}
    assert said in refused(write(tmp_path / "a.rec", {**records, 0: packed(labels)}))


def test_records_without_an_index_are_refused_and_so_is_an_empty_one(tmp_path):
    path = write(tmp_path / "a.rec", {1: packed([0], PICTURES[1])})
    path.with_suffix(".idx").write_text("")
    assert "index is empty" in refused(path)
    path.with_suffix(".idx").unlink()
    assert "no a.idx beside the records" in refused(path)


def test_a_property_file_that_is_something_else_is_passed_over(tmp_path):
    path = write(tmp_path / "a.rec", {1: packed([0], PICTURES[1])})
    (tmp_path / "property").write_text("house\n")
    assert load(path).notes == ("property file is not people, height, width: passed over",)


def test_keys_come_in_their_order_whatever_the_order_of_the_index(tmp_path):
    write(tmp_path / "a.rec", {3: b"c", 1: b"a", 2: b"b"})
    assert list(offsets(tmp_path / "a.idx")) == [1, 2, 3]
