"""Shards: written and read back, stopped and gone on with, damaged; and those of others."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput, Mismatch, OutputExists
from facerep.faces.decode import decode
from facerep.faces.table import Faces, make_faces
from facerep.files.picture_source import read
from facerep.readers.load import load
from facerep.readers.shards import write
from facerep.readers.shards.pieces import tar_shards
from facerep.readers.shards.write import write_shards


@pytest.fixture
def faces(tmp_path: Path) -> Faces:
    draw = np.random.default_rng(0)
    names = [f"p{number % 3}/{number}.png" for number in range(9)]
    for name in names:
        (tmp_path / "people" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (20, 16, 3), np.uint8)).save(tmp_path / "people" / name)
    points = draw.uniform(1, 15, (9, 5, 2)).astype(np.float32)
    points[4] = np.nan
    labels = {
        "split": np.array(["train", "test", ""] * 3, dtype=object), "Male": np.array([1, -1, 0] * 3, np.int8),
        "age": np.array([1.5, np.nan, 30.25] * 3),
    }  # fmt: skip
    paths = [tmp_path / "people" / name for name in names]
    return make_faces(
        "lfw", names, [name[:2] for name in names], paths, root=tmp_path / "people", points=points, labels=labels
    )


def test_what_is_read_back_is_what_was_written(faces: Faces, tmp_path: Path) -> None:
    made = write_shards(faces, tmp_path / "shards", limit=7000)
    assert (made.faces, made.written, made.failures) == (9, made.shards, ())
    assert 2 < made.shards < 9
    assert all((tmp_path / "shards" / f"shard-{n:06d}.tar").stat().st_size <= 7000 + 10240 for n in range(made.shards))
    found = load(tmp_path / "shards")
    assert (found.kind, found.names.tolist(), found.people.tolist()) == (
        "lfw",
        faces.names.tolist(),
        faces.people.tolist(),
    )
    assert [read(place) for place in found.paths] == [path.read_bytes() for path in faces.paths]
    assert np.array_equal(found.points, faces.points, equal_nan=True)
    assert np.isnan(found.boxes).all()
    assert found.labels["split"].tolist() == faces.labels["split"].tolist()
    assert (found.labels["Male"].dtype, found.labels["Male"].tolist()) == (np.int8, faces.labels["Male"].tolist())
    assert found.labels["age"] == pytest.approx(faces.labels["age"], nan_ok=True)
    assert found.fingerprint() == faces.fingerprint()
    assert np.array_equal(decode(found.paths[3]), decode(faces.paths[3]))


def test_any_reader_of_webdataset_finds_keys_with_a_picture_and_json(faces: Faces, tmp_path: Path) -> None:
    write_shards(faces, tmp_path / "shards")
    with tarfile.open(tmp_path / "shards" / "shard-000000.tar") as tar:
        names = tar.getnames()
        known = json.loads(tar.extractfile("000000002.json").read())
    assert names[:4] == ["000000000.png", "000000000.json", "000000001.png", "000000001.json"]
    assert (known["name"], known["person"], known["age"]) == ("p2/2.png", "p2", 30.25)
    found = load(tmp_path / "shards" / "shard-000000.tar")  # without the table
    assert (found.kind, found.names.tolist()) == ("webdataset", faces.names.tolist())
    assert found.people.tolist() == faces.people.tolist()
    assert np.array_equal(found.points, faces.points, equal_nan=True)


def test_labels_that_look_like_formulas_or_are_called_as_what_shards_keep_change_nothing(
    faces: Faces, tmp_path
) -> None:
    odd = np.array(["=1+1", "'a", "-x"] * 3, dtype=object)
    labelled = replace(faces, labels={"note": odd, "name": odd, "bytes": odd, "shard": odd})
    write_shards(labelled, tmp_path / "shards")
    for found in (load(tmp_path / "shards"), load(tmp_path / "shards" / "shard-000000.tar")):
        assert found.names.tolist() == faces.names.tolist()
        assert {name: column.tolist() for name, column in found.labels.items()} == {"note": odd.tolist()}
        assert read(found.paths[0]) == faces.paths[0].read_bytes()


def test_a_shard_that_is_missing_or_changed_is_written_again_with_the_same_bytes(
    faces: Faces, tmp_path: Path, monkeypatch
) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "stopped"
    count = write_shards(faces, whole, limit=7000).shards
    kept, calls = write._write, []

    def stops(path: Path, *rest: object) -> list[tuple[str, str]]:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return kept(path, *rest)  # pyright: ignore

    monkeypatch.setattr(write, "_write", stops)
    with pytest.raises(KeyboardInterrupt):
        write_shards(faces, folder, limit=7000)
    monkeypatch.setattr(write, "_write", kept)
    with pytest.raises(BadInput, match="shards are not complete, 1 file so far"):
        load(folder)
    with pytest.raises(BadInput, match="unfinished shards"):
        write_shards(faces, folder, limit=7000)
    with pytest.raises(Mismatch, match="of another size"):
        write_shards(faces, folder, limit=9000, resume=True)
    with pytest.raises(Mismatch, match="of another data set"):
        write_shards(faces.take(np.arange(8)), folder, limit=7000, resume=True)
    assert write_shards(faces, folder, limit=7000, resume=True).written == count - 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in whole.iterdir()
    }
    shard = folder / "shard-000001.tar"
    shard.write_bytes(shard.read_bytes()[:-512])
    with pytest.raises(BadInput, match="shard was changed"):
        load(folder)
    assert write_shards(faces, folder, limit=7000, resume=True).written == 1
    assert shard.read_bytes() == (whole / shard.name).read_bytes()
    with pytest.raises(OutputExists):
        write_shards(faces, folder, limit=7000)


def test_pictures_that_cannot_be_read_are_told_and_left_out(faces: Faces, tmp_path: Path) -> None:
    faces.paths[2].unlink()
    faces.paths[5].write_bytes(b"")
    made = write_shards(faces, tmp_path / "shards")
    assert [name for name, _ in made.failures] == ["p2/2.png", "p2/5.png"]
    found = load(tmp_path / "shards")
    assert (len(found), [name for name, _ in found.failures]) == (7, ["p2/2.png", "p2/5.png"])
    again = write_shards(faces, tmp_path / "shards", resume=True)
    assert (again.written, [name for name, _ in again.failures]) == (0, ["p2/2.png", "p2/5.png"])


def test_an_index_that_says_less_is_read_or_refused(faces: Faces, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    write_shards(faces, folder)
    about = json.loads((folder / "shards.json").read_text())
    del about["failures"]
    (folder / "shards.json").write_text(json.dumps(about))
    assert load(folder).failures == ()
    assert tar_shards([folder])[0].failures == ()
    (folder / "shards.json").write_text(json.dumps({**about, "shards": {}}))
    for reads in (load, lambda path: tar_shards([path])):
        with pytest.raises(BadInput, match="index of shards names none"):
            reads(folder)


def test_folders_in_folders_without_end_are_refused(faces: Faces) -> None:
    with pytest.raises(BadInput, match="output lies too deep in folders"):
        write_shards(faces, Path("a/" * 2000))


def test_a_folder_of_other_things_is_left_alone(faces: Faces, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds what is no shard"):
        write_shards(faces, tmp_path / "mine", overwrite=True)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def put(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (9, 80, 7)).save(stream, "JPEG")
    return stream.getvalue()


def test_shards_of_others_are_read_by_their_keys(tmp_path: Path) -> None:
    (tmp_path / "wds").mkdir()
    put(
        tmp_path / "wds" / "0.tar",
        {"a/1.jpg": picture(), "a/1.cls": b"7", "a/2.jpg": picture(), "readme.txt": b"hello"},
    )
    put(tmp_path / "wds" / "1.tar", {"a/1.jpg": picture(), "a/1.json": b'{"label": 9, "pose": "left", "x": [1]}'})
    found = load(tmp_path / "wds")
    assert found.names.tolist() == ["0/a/1.jpg", "0/a/2.jpg", "1/a/1.jpg"]
    assert found.people.tolist() == ["7", "", "9"]
    assert found.labels["pose"].tolist() == ["", "", "left"]
    assert decode(found.paths[2]).shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"a.txt": b"x"}, "no member of the tar files is a picture"),
        ({"a.jpg": b"x", "a.png": b"x"}, "key 'a' has two pictures"),
        ({"a.jpg": b"x", "a.json": b"{"}, "member 'a.json' is damaged"),
        ({"a.jpg": b"x", "a.json": b"[1]"}, "member 'a.json' is no JSON object"),
    ],
)
def test_what_is_wrong_with_shards_of_others_is_told(tmp_path: Path, members, why) -> None:
    with pytest.raises(BadInput, match=why):
        load(put(tmp_path / "a.tar", members))
    (tmp_path / "b.tar").write_bytes(b"no tar file at all")
    with pytest.raises(BadInput, match="no tar file, or damaged"):
        load(tmp_path / "b.tar")
