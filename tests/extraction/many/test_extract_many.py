"""Shards into a feature folder: as one process makes them in one file, whatever stops it on the way."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from many import at_once, counted_here, dies_in, many, same
from PIL import Image

from facerep.errors import BadInput, NotAvailable, OutputExists, Usage
from facerep.extraction.many import extracting, tasks
from facerep.extraction.many.work import here
from facerep.files.features import read_features
from facerep.files.folders.feature_folder import read_index
from facerep.readers.in_shards import in_shards


def tar_of(path: Path, pictures: dict[str, bytes | dict]) -> Path:
    """A tar file of others: members by name, pictures as they are, JSON from a dictionary."""
    with tarfile.open(path, "w") as tar:
        for name, content in pictures.items():
            content = json.dumps(content).encode() if isinstance(content, dict) else content
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def picture(person: int, number: int) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng([person, number]).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_features_of_shards_are_those_of_one_file_bit_for_bit(shards, job):
    made = many(shards, job)
    assert (made.shards, made.done, made.faces, made.failed) == (3, 3, 24, 0)
    assert same(read_features(job.folder), at_once(shards, job))
    assert sorted(path.name for path in job.folder.iterdir()) == [
        "features.json", *(f"part-{number:06d}.h5" for number in range(3))
    ]  # fmt: skip


def test_features_of_tar_files_of_others_are_those_of_one_file(job, tmp_path):
    wds = tmp_path / "wds"
    wds.mkdir()
    for number in range(3):
        known = {f"{key}.json": {"person": f"p{key}", "age": 1.5 * key} for key in range(4)}
        tar_of(wds / f"{number}.tar", {f"{key}.png": picture(key, number) for key in range(4)} | known)
    job = replace(job, crop="loose")
    many(wds, job)
    assert same(read_features(job.folder), at_once(wds, job))
    assert read_features(job.folder).names[:2].tolist() == ["0/0.png", "0/1.png"]


@pytest.mark.parametrize("rows", [9, 24])
def test_features_of_a_table_split_by_rows_are_those_of_one_file(people_folder, job, rows):
    made = many(people_folder, job, rows=rows)
    assert made.shards == -(-24 // rows)
    assert same(read_features(job.folder), at_once(people_folder, job))


def test_a_complete_folder_is_not_made_again(shards, job):
    many(shards, job)
    with pytest.raises(OutputExists):
        many(shards, job)
    done: list[str] = []
    assert many(shards, job, counted_here(done), resume=True).done == 0
    assert done == []
    assert many(shards, job, overwrite=True).done == 3


@pytest.mark.parametrize("when", [0, 2])
@pytest.mark.parametrize("point", ["before the part", "before its line", "behind its line"])
def test_after_kill_9_only_what_is_missing_is_done(killed, shards, job, monkeypatch, when, point):
    whole = at_once(shards, job)

    def begin(die):
        def dying(module, name, at, *, first):
            monkeypatch.setattr(module, name, dies_in(module, name, at, die, first=first))

        if point == "before the part":
            dying(extracting, "extract", when, first=True)
        else:  # a line is written when a part is begun, and again
            dying(tasks, "write_json", 2 * when + 1, first=point == "before its line")
        many(shards, job)

    assert killed(begin)
    with pytest.raises(BadInput, match="not complete"):
        read_features(job.folder)
    extracted, plain = [], extracting.extract
    monkeypatch.setattr(extracting, "extract", lambda *given, **named: extracted.append(plain(*given, **named)))
    many(shards, job, resume=True)
    assert len(extracted) == 3 - when - (point != "before the part")
    assert same(read_features(job.folder), whole)
    assert not list(job.folder.glob(".*"))
    assert not list(job.folder.glob("*.part"))


def test_blocks_of_a_shard_that_was_stopped_are_gone_on_with_or_removed(killed, shards, job, monkeypatch):
    from facerep.extraction import extract as whole_extraction

    def begin(die):
        monkeypatch.setattr(whole_extraction, "write_features", lambda *_, **__: die())
        many(shards, job)

    assert killed(begin)
    assert (job.folder / "part-000000.h5.part").is_dir()
    with pytest.raises(BadInput, match="unfinished extraction"):
        many(shards, job)
    shutil.copytree(job.folder, job.folder.with_name("other"))
    many(shards, job, resume=True)
    assert same(read_features(job.folder), at_once(shards, job))
    again = replace(job, folder=job.folder.with_name("other"))
    many(shards, again, overwrite=True)
    assert sorted(path.name for path in again.folder.iterdir())[1:] == [f"part-{number:06d}.h5" for number in range(3)]


def damaged(path: Path, how: str) -> None:
    content = path.read_bytes()
    match how:
        case "cut":
            path.write_bytes(content[: len(content) // 2 + 100])
        case "empty":
            path.write_bytes(b"")
        case "absent":
            path.unlink()
        case "flipped":
            path.write_bytes(content[:2000] + bytes([content[2000] ^ 1]) + content[2001:])
        case "cut between":
            with tarfile.open(path) as tar:
                path.write_bytes(content[: tar.getmembers()[2].offset])


@pytest.mark.parametrize(
    ("ours", "how"),
    [(True, "cut"), (True, "absent"), (True, "flipped"), (False, "cut"), (False, "empty"), (False, "cut between")],
)
def test_a_damaged_shard_is_named_and_the_others_are_kept(shards, job, ours, how):
    job = replace(job, crop="loose")
    if not ours:
        for name in ("shards.json", "faces.csv"):
            (shards / name).unlink()
    place = shards / "shard-000002.tar"
    listed = [shards] if ours else [shards / f"shard-{number:06d}.tar" for number in range(3)]
    good = place.read_bytes()
    whole = many(listed, replace(job, folder=job.folder.with_name("good")))
    damaged(place, how)
    with pytest.raises(BadInput) as refused:
        many(listed, job)
    assert str(refused.value).startswith("1 of 3 shards not done, shard-000002.tar (")
    assert refused.value.where == job.folder
    with pytest.raises(BadInput, match="not complete, 2 files so far"):
        read_features(job.folder)
    place.write_bytes(good)
    done: list[str] = []
    mended = many(listed, job, counted_here(done), resume=True)
    assert "shard-000002.tar" in done
    assert mended.done == 1
    assert mended.contract == whole.contract
    assert same(read_features(job.folder), read_features(job.folder.with_name("good")))


def test_a_damaged_shard_may_be_left_out_and_others_added_without_doing_any_again(shards, job):
    listed = [shards / f"shard-{number:06d}.tar" for number in range(3)]
    for name in ("shards.json", "faces.csv"):
        (shards / name).unlink()
    job = replace(job, crop="loose")
    late = [listed[2], listed[0]]
    damaged(listed[1], "cut")
    with pytest.raises(BadInput, match="1 of 2 shards not done"):
        many(listed[:2], job)
    assert many(late, job, resume=True).done == 1
    names = read_features(job.folder).names.tolist()
    many(late, replace(job, folder=job.folder.with_name("new")))
    assert names == read_features(job.folder.with_name("new")).names.tolist()
    assert [part["source"] for part in read_index(job.folder)["parts"].values()] == [path.name for path in late]


def test_a_shard_twice_is_refused(shards, job, tmp_path):
    one = shards / "shard-000000.tar"
    with pytest.raises(BadInput, match="shard stands twice, as .*shard-000000.tar too"):
        many([one, shards / "shard-000001.tar", one], job)
    link = tmp_path / "link.tar"
    link.symlink_to(one)
    with pytest.raises(BadInput, match="shard stands twice"):
        many([one, link], job)
    copy = Path(shutil.copy(one, tmp_path / "copy.tar"))
    with pytest.raises(BadInput, match=r"1 of 2 shards not done, copy.tar \(holds the very bytes of shard-000000.tar"):
        many([one, copy], replace(job, crop="loose"))


def test_a_shard_of_another_crop_is_refused_and_named(job, tmp_path):
    points = dict(zip([f"{part}_{axis}" for part in ("le", "re", "nose", "lm", "rm") for axis in "xy"],
                      [20, 25, 44, 25, 32, 36, 24, 46, 40, 46], strict=True))  # fmt: skip
    with_points = tar_of(tmp_path / "a.tar", {"1.png": picture(1, 1), "1.json": points})
    without = tar_of(tmp_path / "b.tar", {"2.png": picture(2, 1)})
    with pytest.raises(BadInput) as refused:
        many([with_points, without], job)
    assert "b.tar (crop differs: b.tar has loose@31x31/1, a.tar has points@31x31/1" in str(refused.value)


def test_a_folder_of_another_network_is_not_gone_on_with(shards, job):
    damaged(shards / "shard-000002.tar", "cut")
    with pytest.raises(BadInput, match="not done"):
        many(shards, job)
    with pytest.raises(BadInput, match="made otherwise.*network was 'deepid-31x31', now 'pixels'"):
        many(shards, replace(job, sources=("pixels",)), resume=True)
    with pytest.raises(BadInput, match="batch_size was '7', now '8'"):
        many(shards, replace(job, batch_size=8), resume=True)


def test_a_shard_without_a_vector_has_no_part_and_is_counted(job, tmp_path):
    files = [
        tar_of(tmp_path / "a.tar", {"1.png": b"no picture", "2.png": b"neither"}),
        tar_of(tmp_path / "b.tar", {"3.png": picture(3, 1)}),
    ]
    job = replace(job, crop="loose")
    made = many(files, job)
    assert (made.faces, made.failed, made.shards) == (1, 2, 2)
    assert [path.name for path in job.folder.glob("*.h5")] == ["part-000001.h5"]
    assert read_features(job.folder).names.tolist() == ["b/3.png"]
    assert many(files, job, resume=True).done == 0
    with pytest.raises(BadInput, match="no face of any shard gave features"):
        many(files[:1], replace(job, folder=tmp_path / "none"))


def test_only_faces_that_are_asked_for_are_extracted(job, tmp_path):
    files = [
        tar_of(tmp_path / f"{number}.tar", {"1.png": picture(number, 1), "1.json": {"set": f"s{number}"}})
        for number in range(3)
    ]
    made = many(files, replace(job, crop="loose", where=("set!=s1",)))
    assert (made.faces, made.failed) == (2, 0)
    assert read_features(job.folder).names.tolist() == ["0/1.png", "2/1.png"]
    with pytest.raises(BadInput, match="no shard has a face"):
        many(files, replace(job, crop="loose", where=("set=s7",), folder=tmp_path / "none"))


def test_what_is_no_part_stops_the_command(shards, job):
    job.folder.mkdir()
    (job.folder / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="folder holds what is no part of a feature folder"):
        many(shards, job, overwrite=True)
    assert (job.folder / "notes.txt").read_text() == "mine"


def test_another_process_in_the_folder_is_told(shards, job):
    many(shards, job)

    def engine(job, tasks):
        with pytest.raises(BadInput, match="another process works in it"):
            many(shards, job, resume=True)
        return here(job, tasks)

    many(shards, job, engine, overwrite=True)


def test_a_shard_that_was_lost_is_named(shards, job):
    with pytest.raises(Exception, match=r"2 of 3 shards lost with their workers, shard-000001.tar.*give --resume"):
        many(shards, job, lambda job, tasks: here(job, tasks[:1]))
    assert many(shards, job, resume=True).done == 2


def test_an_engine_that_does_not_begin_leaves_nothing_behind(shards, job):
    def engine(*_):
        raise NotAvailable("no cluster")

    for there in (False, True):
        if there:
            job.folder.mkdir()
        with pytest.raises(NotAvailable, match="no cluster"):
            many(shards, job, engine)
        assert job.folder.exists() == there
    assert many(shards, job).done == 3


def test_a_full_disk_ends_the_work_and_it_goes_on_later(shards, job, monkeypatch):
    plain, calls = extracting.extract, []

    def full(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise BadInput("cannot write (No space left on device)", "x") from OSError(28, "No space left on device")
        return plain(*arguments, **named)

    monkeypatch.setattr(extracting, "extract", full)
    with pytest.raises(BadInput, match="No space left"):
        many(shards, job)
    assert len(calls) == 2
    monkeypatch.setattr(extracting, "extract", plain)
    assert many(shards, job, resume=True).done == 2


def test_warnings_of_shards_are_said_with_their_names_and_summed_up(people_folder, job, capsys):
    def engine(job, tasks):
        return (replace(line, warnings=("look at it",)) for line in here(job, tasks))

    many(people_folder, job, engine, rows=5)
    said = capsys.readouterr().err.splitlines()
    assert said[-4:] == [
        *(f"warning: people:{5 * number}-{5 * number + 5}: look at it" for number in range(3)),
        "warning: the same of 2 more shards: look at it",
    ]


def test_rows_mean_nothing_for_tar_files(shards):
    with pytest.raises(Usage, match="--rows means nothing for tar files"):
        in_shards([shards], rows=3)


def test_parts_are_checked_before_they_are_taken_for_done(shards, job):
    damaged(shards / "shard-000002.tar", "cut")
    with pytest.raises(BadInput):
        many(shards, job)
    part = job.folder / "part-000001.h5"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(BadInput):
        many(shards, job, resume=True)
    assert read_index(job.folder)["parts"][part.name]["bytes"] == part.stat().st_size
    assert np.isfinite(read_features(part).values).all()
