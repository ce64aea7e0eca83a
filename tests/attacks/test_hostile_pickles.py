"""Pickles that would run code, fill the memory or never end, where a .bin of pictures is wanted."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import tracemalloc

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.files.foreign import restricted_pickle
from facerep.readers.load import load


class Call:
    """Unpickled, it calls a function."""

    def __init__(self, function, *arguments):
        self.told = function, arguments

    def __reduce__(self):
        return self.told


def refused(tmp_path, content: bytes) -> str:
    """The one line that a file of these bytes is refused with; less than 32 MB of memory are taken on the way."""
    (tmp_path / "x.bin").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput) as error:
            load(tmp_path / "x.bin")
        assert tracemalloc.get_traced_memory()[1] < 32_000_000 + 4 * len(content)
    finally:
        tracemalloc.stop()
    line = str(error.value)
    assert str(tmp_path / "x.bin") in line
    assert line.isprintable()
    assert len(line) < 200 + len(str(tmp_path))
    return line


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (os.system, ("touch ran",), "posix.system"),
        (os.mkdir, ("ran",), "posix.mkdir"),
        (eval, ("open('ran', 'w')",), "eval"),
        (exec, ("open('ran', 'w')",), "exec"),
        (open, ("ran", "w"), "open"),
        (np.fromfile, ("x.bin",), "fromfile"),
        (np.load, ("x.bin",), "load"),
        (np.memmap, ("ran",), "memmap"),
        (pickle.loads, (b"N.",), "loads"),
    ],
)
def test_no_function_is_called(tmp_path, monkeypatch, function, arguments, name, protocol):
    monkeypatch.chdir(tmp_path)
    line = refused(tmp_path, pickle.dumps(([Call(function, *arguments)], [True]), protocol=protocol))
    assert "asks for" in line
    assert "may run code: refused" in line
    assert name in line
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'touch ran'\ntR.",
        b"(S'touch ran'\nios\nsystem\n.",
        b"(cos\nsystem\nS'touch ran'\no.",
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x09touch ran\x85R.",
        b"\x80\x04\x8c\x0cfacerep.cli.\x8c\x04main\x93.",
        b"\x80\x04\x8c\x05numpy\x8c\x0bdtype.__new\x93.",
        b"cnumpy.core.multiarray\n_reconstruct.__globals__\n.",
        b"\x80\x02c_codecs\nencode\nc__builtin__\neval\n\x86R.",
        b"\x80\x02\x82\x01.",  # an extension code
        b"P1\n.",  # a persistent id
        b"\x80\x02K\x01Q.",
        b"\x80\x05\x97.",  # a buffer from outside
        b"\x80\x02}q\x01.",  # a dictionary
        b"\x80\x04c_codecs\nencode\n}\x8c\x03__x\x4b\x01sb.",  # attributes of a function
        b"\x80\x02ccopy_reg\n_reconstructor\n(c__builtin__\nobject\nc__builtin__\nobject\nNtR.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.",
        b"\x80\x02cnumpy\nndarray\nK\x7f\x85R.",
        b"\x80\x02cnumpy\nndarray\n)\x81.",
        b"\x80\x02cnumpy\ndtype\nU\x02O8\x85R.",
        b"\x80\x02cnumpy\ndtype\nU\x0aV999999999\x85R.",
    ],
)
def test_no_other_way_leads_to_a_name(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    refused(tmp_path, content)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02K\x01r\xff\xff\xff\x7f.",  # a place of the memory that would take 16 GB
        b"\x80\x02K\x01p2000000000\n.",
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40) + b"x.",  # bytes beyond the file
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"x.",
        b"\x80\x02B" + struct.pack("<I", (1 << 32) - 1) + b"x.",
        b"\x80\x02T" + struct.pack("<i", 1 << 30) + b"x.",
        b"\x80\x02T" + struct.pack("<i", -5) + b"x.",
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 50) + b"N.",  # a frame beyond the file
        b"\x80\x02\x8b" + struct.pack("<i", 1 << 30) + b"\x01.",  # a number of a billion bytes
        b"I" + b"9" * 100_000 + b"\n.",
        b"(" * 100_000 + b".",
        b"N" * 100_000 + b"\x85" * 100_000 + b".",
        b"]" * 100_000 + b"a" * 99_999 + b".",  # lists in lists
    ],
)
def test_lengths_places_and_depths_take_no_memory_and_no_stack(tmp_path, content):
    refused(tmp_path, content)


def test_lists_that_name_each_other_are_not_unfolded(tmp_path):
    lists = [b"picture"]
    for _ in range(60):
        lists = [lists] * 10
    assert "is not the bytes" in refused(tmp_path, pickle.dumps((lists, [True] * 5)))
    endless: list = []
    endless.append(endless)
    assert "not a pair" in refused(tmp_path, pickle.dumps(endless))
    assert "answers" in refused(tmp_path, pickle.dumps((endless, endless)))
    assert "is not the bytes" in refused(tmp_path, pickle.dumps((endless * 2, [True])))


def test_a_text_that_is_encoded_again_and_again_is_refused(tmp_path):
    text = b"X" + struct.pack("<I", 100_000) + b"a" * 100_000 + b"q\x00"
    again = b"c_codecs\nencode\nh\x00X\x06\x00\x00\x00latin1\x86R"
    assert "swells" in refused(tmp_path, b"\x80\x02" + text + again * 10_000 + b".")


def test_a_buffer_that_makes_many_arrays_is_refused(tmp_path):
    data = b"\x96" + struct.pack("<Q", 100_000) + b"a" * 100_000 + b"\x94"
    kind = b"cnumpy\ndtype\n\x8c\x02u1\x85R\x94"
    again = b"cnumpy.core.numeric\n_frombuffer\n(h\x00h\x01J\xa0\x86\x01\x00\x85\x8c\x01CtR"
    assert "swells" in refused(tmp_path, b"\x80\x05" + data + kind + again * 10_000 + b".")


def test_one_picture_that_is_named_very_often_is_hashed_once(tmp_path):
    data = bytes(1_000_000)
    (tmp_path / "x.bin").write_bytes(pickle.dumps(([data] * 200_000, [True, False] * 50_000)))
    faces = load(tmp_path / "x.bin")  # hashing it anew each time would be 200 GB of work
    assert len(faces) == 1


@pytest.mark.parametrize("shape", [(1 << 62,), (1 << 40, 1 << 40), (-1,), (5,), ("5",)])
def test_an_array_whose_shape_is_a_lie_is_refused(tmp_path, shape):
    content = pickle.dumps(([np.arange(4, dtype=np.uint8)] * 2, [True]), protocol=2)
    honest = b"K\x04\x85"
    assert content.count(honest) == 1
    told = b"".join(pickle.dumps(part, protocol=2)[2:-1] for part in shape)
    refused(tmp_path, content.replace(honest, b"(" + told + b"t"))


def test_arrays_of_objects_and_of_fractions_are_refused(tmp_path):
    functions = np.array([os.system], dtype=object)
    for array in (functions, np.ones(3), np.array(["a"]), np.zeros(2, "u4,u4"), np.ones(2, ">i4")):
        refused(tmp_path, pickle.dumps(([array, array], [True])))


def test_a_pickle_that_is_cut_short_anywhere_is_refused(tmp_path):
    whole = pickle.dumps(([b"one", b"two"], [True]))
    for end in range(len(whole)):
        refused(tmp_path, whole[:end])


def test_bytes_that_changed_anywhere_are_refused_or_read_and_never_run(tmp_path):
    arrays = [np.frombuffer(b"abc", np.uint8).copy(), np.frombuffer(b"de", np.uint8).copy()]
    rng = np.random.default_rng(0)
    for protocol in (0, 2, 4, 5):
        whole = bytearray(pickle.dumps((arrays, [True]), protocol=protocol))
        for _ in range(150):
            spoiled = whole.copy()
            for place in rng.integers(0, len(whole), rng.integers(1, 4)):
                spoiled[place] = rng.integers(256)
            (tmp_path / "x.bin").write_bytes(spoiled)
            try:
                load(tmp_path / "x.bin")
            except BadInput:
                continue


def test_a_pickle_of_endless_instructions_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(restricted_pickle, "MOST_STEPS", 1000)
    assert "more than 1,000 instructions" in refused(tmp_path, b"N0" * 1000 + b"N.")


def test_a_refused_pickle_names_nothing_that_could_write_to_the_terminal(tmp_path):
    assert "\\x1b" in refused(tmp_path, b"\x80\x04\x8c\x06\x1b[31m!\x8c\x01x\x93.")


@pytest.mark.skipif(sys.platform != "linux", reason="a device that is there on Linux")
def test_a_device_is_not_read(tmp_path):
    (tmp_path / "x.bin").symlink_to("/dev/zero")
    with pytest.raises(BadInput):
        load(tmp_path / "x.bin")
