"""Files that would run code, fill the memory, or lead out of their folder."""

from __future__ import annotations

import os
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.decode import UnreadablePicture, decode
from facerep.readers.load import load


class Bomb:
    """Unpickled, it makes a file called `ran`."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


@pytest.mark.parametrize("name", ["faces.csv", "faces.npy", "model.ckpt", "ana.png"])
def test_a_pickle_under_another_name_never_runs(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(BadInput):
        load(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_among_the_pictures_is_unreadable_and_never_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(UnreadablePicture, match="not a picture"):
        decode(tmp_path / "a.png")
    assert not (tmp_path / "ran").exists()


def test_a_png_whose_text_swells_is_refused(tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    text = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(200_000_000), 9))
    pixels = chunk(b"IDAT", zlib.compress(bytes(20))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + text + pixels)
    with pytest.raises(UnreadablePicture, match="picture is damaged"):
        decode(tmp_path / "a.png")


@pytest.fixture
def secret(tmp_path):
    """A picture outside the data set: tmp/secret/face.png; the data set is tmp/home/set."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "home" / "set" / "ana").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "secret" / "face.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "home" / "set" / "ana" / "1.png")
    return tmp_path / "secret" / "face.png"


@pytest.mark.parametrize(
    "path", ["../../secret/face.png", "ana/../../../secret/face.png", "ABSOLUTE", "..\\..\\secret\\face.png"]
)
def test_a_table_whose_paths_climb_out_is_refused_with_the_line(secret, tmp_path, path):
    table = tmp_path / "home" / "set" / "faces.csv"
    table.write_text(f"path\nana/1.png\n{str(secret) if path == 'ABSOLUTE' else path}\n")
    with pytest.raises(BadInput, match=r"line 3: path .* leads out of the table's folder and its parent, refused"):
        load(table)


@pytest.mark.parametrize("link", ["file", "folder"])
def test_a_table_that_reaches_out_through_a_link_is_refused(secret, tmp_path, link):
    root = tmp_path / "home" / "set"
    if link == "file":
        (root / "a.png").symlink_to(secret)
    else:
        (root / "way").symlink_to(secret.parent)
    (root / "faces.csv").write_text("path\n" + ("a.png" if link == "file" else "way/face.png") + "\n")
    with pytest.raises(BadInput, match=r"line 2: path .* leads out"):
        load(root / "faces.csv")


def test_links_out_of_a_folder_are_not_followed_and_are_told(secret, tmp_path):
    root = tmp_path / "home" / "set"
    (root / "ana" / "2.png").symlink_to(secret)
    (root / "eve").symlink_to(secret.parent)
    (root / "bo").symlink_to(root / "ana")
    faces = load(root)
    assert faces.names.tolist() == ["ana/1.png", "bo/1.png"]
    assert sorted(faces.failures) == [
        ("ana/2.png", "link leads out of the data set, refused"),
        ("bo/2.png", "link leads out of the data set, refused"),
        ("eve", "link leads out of the data set, refused"),
    ]


@pytest.mark.usefixtures("secret")
def test_a_link_round_and_round_ends(tmp_path):
    root = tmp_path / "home" / "set"
    (root / "ana" / "again").symlink_to(root)
    (root / "ana" / "self").symlink_to("self")
    faces = load(root)
    assert "ana/1.png" in faces.names


@pytest.mark.usefixtures("secret")
def test_a_broken_link_is_listed_and_fails_with_its_reason(tmp_path):
    root = tmp_path / "home" / "set"
    (root / "ana" / "2.png").symlink_to(root / "gone.png")
    faces = load(root)
    assert faces.names.tolist() == ["ana/1.png", "ana/2.png"]
    with pytest.raises(UnreadablePicture, match="no such file"):
        decode(faces.paths[1])


def test_a_pipe_among_the_pictures_does_not_block(tmp_path):
    (tmp_path / "ana").mkdir()
    os.mkfifo(tmp_path / "ana" / "pipe.png")
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "ana" / "1.png")
    assert load(tmp_path).names.tolist() == ["ana/1.png"]
    (tmp_path / "t.csv").write_text("path\nana/pipe.png\n")
    with pytest.raises(UnreadablePicture, match="empty"):
        decode(load(tmp_path / "t.csv").paths[0])


@pytest.mark.usefixtures("secret")
def test_pairs_that_name_files_outside_are_only_names(tmp_path):
    from facerep.readers.lists.pair_lists import read_pairs

    (tmp_path / "p.csv").write_text("ana/1.png,../../secret/face.png,0\n")
    assert read_pairs(tmp_path / "p.csv", ["ana/1.png"]).right.tolist() == ["../../secret/face.png"]
