"""InsightFace .bin: what real files hold, in every form that they are written in."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.decode import decode
from facerep.readers.load import load


def picture(seed: int, size: tuple[int, int] = (112, 112), form: str = "PNG") -> bytes:
    """An encoded picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, form)
    return stream.getvalue()


PICTURES = [picture(seed, (8, 8)) for seed in range(4)]
SAME = [True, False]


def write(path: Path, held: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(held, protocol=protocol))
    return path


def python2(pictures: list[bytes], same: list[bool]) -> bytes:
    """What Python 2 writes with its highest protocol: strings of bytes, memo places from 1."""
    written = [b"\x80\x02(]q\x01("]
    for place, data in enumerate(pictures, 2):
        written.append(b"T" + struct.pack("<I", len(data)) + data + b"q" + bytes([place]))
    answers = b"".join(b"\x88" if answer else b"\x89" for answer in same)
    written.append(b"e]q" + bytes([len(pictures) + 2]) + b"(" + answers + b"et.")
    return b"".join(written)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("form", ["bytes", "flat array", "column array", "text", "lists"])
def test_pictures_come_back_byte_for_byte_from_every_form(tmp_path, form, protocol):
    make = {
        "bytes": bytes,
        "lists": bytes,
        "flat array": lambda data: np.frombuffer(data, np.uint8).copy(),
        "column array": lambda data: np.frombuffer(data, np.uint8).copy().reshape(-1, 1),
        "text": lambda data: data.decode("latin1"),
    }[form]
    held = ([make(data) for data in PICTURES], SAME)
    faces = load(write(tmp_path / "mine.bin", list(held) if form == "lists" else held, protocol))
    assert (faces.kind, faces.names.tolist()) == ("insightface-bin", ["1a", "1b", "2a", "2b"])
    assert faces.paths.tolist() == PICTURES
    pairs = faces.protocols["mine"]
    assert (pairs.left.tolist(), pairs.right.tolist()) == (["1a", "2a"], ["1b", "2b"])
    assert pairs.same.tolist() == SAME
    for data, place in zip(PICTURES, faces.paths, strict=True):
        np.testing.assert_array_equal(decode(place), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("same", [[np.bool_(True), np.bool_(False)], np.array([True, False]), np.array([1, 0]), (1, 0)])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_answers_may_be_booleans_of_numpy_or_ones_and_zeros(tmp_path, same, protocol):
    faces = load(write(tmp_path / "mine.bin", (PICTURES, same), protocol))
    assert faces.protocols["mine"].same.tolist() == SAME


def test_a_file_of_python_2_is_read_as_its_bytes(tmp_path):
    (tmp_path / "old.bin").write_bytes(python2(PICTURES, SAME))
    faces = load(tmp_path / "old.bin")
    assert faces.paths.tolist() == PICTURES
    assert faces.protocols["old"].same.tolist() == SAME


def test_a_picture_of_several_pairs_is_one_face(tmp_path):
    one, two, three = PICTURES[:3]
    pictures = [one, two, two, three, one, bytes(bytearray(two))]
    faces = load(write(tmp_path / "mine.bin", (pictures, [True, True, False])))
    assert faces.names.tolist() == ["1a", "1b", "2b"]
    pairs = faces.protocols["mine"]
    assert list(zip(pairs.left, pairs.right, strict=True)) == [("1a", "1b"), ("1b", "2b"), ("1a", "1b")]
    assert "6 pictures are 3 faces: equal bytes are one face" in faces.notes


def test_a_list_has_ten_folds_where_each_tenth_holds_both_kinds(tmp_path):
    def folds(same):
        pictures = [bytes([place % 256, place // 256]) for place in range(2 * len(same))]
        faces = load(write(tmp_path / "mine.bin", (pictures, same)))
        return faces.protocols["mine"].fold.tolist(), faces.notes

    assert folds([True, False] * 10) == ([fold for fold in range(10) for _ in range(2)], ())
    assert folds([True, False] * 11)[0] == [0, 0, 0, 1, 1, 1, *[fold for fold in range(2, 10) for _ in range(2)]]
    fold, notes = folds([True] * 20 + [False] * 20)
    assert (set(fold), notes) == ({0}, ("a tenth of the list holds pairs of one kind only: no folds",))


@pytest.mark.parametrize(
    ("held", "line"),
    [
        (PICTURES, "pickle is not a pair of pictures and answers"),
        (b"bytes", "pickle is not a pair of pictures and answers"),
        ((PICTURES, SAME, 1), "pickle is not a pair of pictures and answers"),
        ((PICTURES, [True]), "4 pictures for 1 pair, each pair needs two"),
        (([], []), "0 pictures for 0 pairs"),
        ((PICTURES, [True, 2]), "second part is not a list of answers"),
        ((PICTURES, [True, b"1"]), "second part is not a list of answers"),
        ((PICTURES, 3), "second part is not a list of answers"),
        ((b"abcd", SAME), "first part is not a list of pictures"),
        (([*PICTURES[:3], None], SAME), "element 3 of the pictures is not the bytes of a picture"),
        (([*PICTURES[:3], [PICTURES[3]]], SAME), "element 3 of the pictures"),
        (([*PICTURES[:3], "\u4e00"], SAME), "element 3 of the pictures"),
        (([*PICTURES[:3], np.zeros((4, 4, 3), np.uint8)], SAME), "element 3 of the pictures"),
        (([*PICTURES[:3], np.zeros(4, np.int32)], SAME), "element 3 of the pictures"),
    ],
)
def test_what_is_not_pictures_and_answers_is_refused_in_one_line(tmp_path, held, line):
    with pytest.raises(BadInput, match=line) as error:
        load(write(tmp_path / "mine.bin", held))
    assert str(tmp_path / "mine.bin") in str(error.value)
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_picture_fail_alone(tmp_path):
    from facerep.readers.inspect import inspect

    found = inspect(write(tmp_path / "mine.bin", ([*PICTURES[:2], b"nothing", b""], SAME)), workers=0)
    assert found.unreadable == (("2a", "not a picture"), ("2b", "picture has no bytes"))
    assert found.sizes == {"8x8": 2}


def test_a_folder_of_such_files_asks_for_one_of_them(tmp_path):
    write(tmp_path / "lfw.bin", (PICTURES, SAME))
    (tmp_path / "train.rec").touch()
    with pytest.raises(BadInput, match=r"folder holds files of InsightFace: .*; name one of them: lfw.bin, train.rec"):
        load(tmp_path)
    with pytest.raises(BadInput, match="cannot be read as insightface-bin, a file is wanted"):
        load(tmp_path, kind="insightface-bin")
