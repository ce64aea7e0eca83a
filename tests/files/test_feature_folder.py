"""A folder of feature or code files is read as the one file that they could have been."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput, Mismatch
from facerep.files import inputs, streams
from facerep.files.atomic import refuse_existing
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_features, read_rows, write_codes, write_features
from facerep.files.folders import feature_folder
from facerep.files.folders.feature_folder import INDEX, is_feature_folder, part_name
from facerep.files.hdf5 import reading
from facerep.files.pairs import PairList
from facerep.files.people import hashes
from facerep.files.rows import Codes, Features
from facerep.files.streams import open_features, open_stream

CUTS = (0, 4, 5, 11)


def whole(n: int = 11, d: int = 12) -> Features:
    return Features(
        names=np.array([f"p{i}/é{i}.png" for i in range(n)], dtype=object),
        people=np.array([f"p{i % 4}" for i in range(n)], dtype=object),
        values=np.random.default_rng(0).normal(size=(n, d)).astype(np.float32),
        labels={
            "age": np.arange(n) + 0.5,
            "smile": np.arange(n).astype(np.int8) % 2,
            "view": np.array(["left"] * n, object),
        },
        failures=(("broken.png", "not an image"),),
        contract=Contract(network="net", layer="fc", dataset="folders", fingerprint="f" * 64),
        trained_people=hashes(["ann", "ben"]),
        parts=(("net", d),),
    )


def cut(rows: Features | Codes) -> list[Features | Codes]:
    """Parts of a file; the failures are the first one's."""
    found = [rows.take(np.arange(low, high)) for low, high in pairwise(CUTS)]
    return [found[0], *(replace(part, failures=()) for part in found[1:])]


def write(folder: Path, parts: list[Features | Codes], *, index: bool = True, complete: bool = True) -> Path:
    folder.mkdir(parents=True)
    told = {}
    for number, part in enumerate(parts):
        path = folder / part_name(number)
        (write_codes if isinstance(part, Codes) else write_features)(part, path)  # pyright: ignore
        told[path.name] = feature_folder.part_of(path, rows=len(part), failures=len(part.failures))
    if index:
        kind = "facerep/codes" if isinstance(parts[0], Codes) else "facerep/features"
        contract = asdict(parts[0].contract)
        feature_folder.write_index(folder, told, kind=kind, contract=contract, how={}, complete=complete)
    return folder


@pytest.fixture
def feats(tmp_path: Path) -> Path:
    return write(tmp_path / "feats", cut(whole()))


def same(one: Features | Codes, other: Features | Codes) -> None:
    for name, values in one._columns().items():
        assert np.array_equal(values, other._columns()[name]), name
        assert values.dtype == other._columns()[name].dtype
    assert list(one.labels) == list(other.labels)
    for name, values in one.labels.items():
        assert np.array_equal(values, other.labels[name])
        assert values.dtype == other.labels[name].dtype
    assert one.failures == other.failures
    assert one.contract == other.contract
    assert np.array_equal(one.trained_people, other.trained_people)  # pyright: ignore


@pytest.mark.parametrize("index", [True, False])
def test_a_folder_of_feature_files_is_the_file(tmp_path: Path, index: bool) -> None:
    folder = write(tmp_path / "feats", cut(whole()), index=index)
    read = read_features(folder)
    same(read, whole())
    assert read.parts == whole().parts
    assert read.path == folder
    same(read_rows(folder), whole())


def test_a_folder_of_code_files_is_the_file(tmp_path: Path) -> None:
    codes = binarize(whole(), "median")
    folder = write(tmp_path / "codes", cut(codes))
    same(read_codes(folder), codes)
    assert isinstance(read_rows(folder), Codes)
    assert read_codes(folder).rule == codes.rule


@pytest.mark.parametrize("rows", [slice(0, 1), slice(3, 6), slice(4, 5), slice(10, 11), slice(2, None)])
def test_some_rows_of_a_folder(feats: Path, rows: slice) -> None:
    same(read_features(feats, rows), whole().take(np.arange(11)[rows]))


def test_streams_of_a_folder_give_what_the_file_gives(feats: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 3 * 12 * 4)
    monkeypatch.setattr(streams, "NAMES_AT_ONCE", 2)
    write_features(whole(), tmp_path / "one.h5")
    held, one = open_features(feats), open_stream(tmp_path / "one.h5")
    assert len(held) == 11
    assert (np.concatenate([block for _, block in held.blocks()]) == whole().values).all()
    starts = [start for start, _ in held.blocks()]
    assert starts[0] == 0
    assert {4, 5} <= set(starts), "no block goes over the end of a file"
    rows = np.array([[10, 0], [4, 5], [4, 3]])
    for read in ("take", "names", "people"):
        assert (getattr(held, read)(rows) == getattr(one, read)(rows)).all()
    assert held.rows_of(held.names(np.arange(11))).tolist() == list(range(11))
    assert held.take(np.empty(0, np.int64)).shape == (0, 12)


def test_the_data_sets_of_parts_are_told_together(tmp_path: Path) -> None:
    parts = cut(whole())
    for number, part in enumerate(parts):
        parts[number] = replace(
            part, contract=replace(part.contract, dataset="lfw" if number else "orl", fingerprint=str(number))
        )
    read = read_features(write(tmp_path / "feats", parts, index=False)).contract
    assert read.dataset == "orl+lfw"
    assert len(read.fingerprint) == 64
    other = read_features(write(tmp_path / "other", parts[:2], index=False)).contract
    assert other.fingerprint != read.fingerprint
    # an index tells that of the whole
    told = write(tmp_path / "told", parts)
    assert read_features(told).contract == parts[0].contract


def test_columns_of_labels_are_those_of_one_table(tmp_path: Path) -> None:
    one, two, three = cut(whole())
    one = replace(
        one, labels={"age": np.array(["40", "", "41", "3"], object), "smile": np.array([-1, 1, 0, 1], np.int8)}
    )
    two = replace(two, labels={"age": np.array([23.5]), "smile": np.array(["1"], object)})
    three = replace(three, labels={"view": np.array(["left"] * 6, object)})
    labels = read_features(write(tmp_path / "feats", [one, two, three], index=False)).labels
    assert labels["age"][[0, 2, 3, 4]].tolist() == [40, 41, 3, 23.5]
    assert np.isnan(labels["age"][[1, 5, 10]]).all()
    assert labels["smile"].tolist() == [-1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0]
    assert labels["smile"].dtype == np.int8
    assert labels["view"].tolist() == [""] * 5 + ["left"] * 6


def test_pair_lists_of_parts_are_one_where_they_are_equal(tmp_path: Path) -> None:
    names = whole().names
    pairs = PairList(
        name="view2", left=names[:2], right=names[2:4], same=np.array([True, False]), fold=np.zeros(2, int)
    )
    parts = [replace(part, protocols={"view2": pairs}) for part in cut(whole())]
    assert list(read_features(write(tmp_path / "feats", parts)).protocols) == ["view2"]
    parts[1] = replace(parts[1], protocols={"view2": replace(pairs, same=np.array([True, True]))})
    with pytest.raises(BadInput, match=r"pair list 'view2' is not that of .*part-000000.h5: .*part-000001.h5"):
        read_features(write(tmp_path / "other", parts))


def damaged(change: Callable[[Path, dict], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        index = json.loads((folder / INDEX).read_text())
        change(folder, index)
        (folder / INDEX).write_text(json.dumps(index))

    return apply


def cut_short(folder: Path) -> None:
    path = folder / part_name(1)
    path.write_bytes(path.read_bytes()[:1000])


FAULTS = {
    "absent": (lambda f: (f / part_name(1)).unlink(), "a file that the index names is absent: .*part-000001.h5"),
    "cut short": (cut_short, "file was changed: 1,000 bytes, .*part-000001.h5"),
    "empty": (lambda f: (f / part_name(1)).write_bytes(b""), "file was changed: 0 bytes"),
    "one more": (lambda f: (f / part_name(7)).write_bytes(b""), "a file that the index does not name: .*000007.h5"),
    "later": (damaged(lambda _, i: i.update(version=2)), "index is of version 2, this facerep takes 1"),
    "not complete": (damaged(lambda _, i: i.update(complete=False)), "not complete, 3 files so far: .*--resume"),
    "another format": (damaged(lambda _, i: i.update(format="x")), "damaged .*format"),
    "no JSON": (lambda f: (f / INDEX).write_text("{"), "not a JSON file"),
    "a name that leads out": (
        damaged(lambda _, i: i["parts"].update({"../x.h5": i["parts"][part_name(0)]})), "which is no file of a folder",
    ),
    "fewer rows": (damaged(lambda _, i: i["parts"][part_name(1)].update(rows=2)), "file has 1 rows, the index says 2"),
    "another network": (
        damaged(lambda _, i: i["contract"].update(network="x")), "features.json has x, its files has net",
    ),
    "no rows": (damaged(lambda f, i: (i.update(parts={}), [p.unlink() for p in f.glob("*.h5")])), "has no rows"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_folder_is_refused_on_one_line(feats: Path, fault: str) -> None:
    change, message = FAULTS[fault]
    change(feats)
    for read in (read_rows, open_stream):
        with pytest.raises((BadInput, Mismatch), match=message):
            read(feats)


def test_a_damaged_file_of_a_folder_without_an_index(tmp_path: Path) -> None:
    folder = write(tmp_path / "feats", cut(whole()), index=False)
    (folder / part_name(1)).write_bytes(b"")
    with pytest.raises(BadInput, match=r"(?i)hdf5 file: .*part-000001.h5"):
        read_features(folder)
    (folder / "notes.txt").write_text("x")
    with pytest.raises(BadInput, match=r"a folder without features.json, and not of .h5 files alone"):
        read_features(folder)


def other_network(part: Features) -> Features:
    return replace(part, contract=replace(part.contract, network="other"))


STRANGERS = {
    "network": (other_network, "network differs: .*part-000001.h5 has other, .*part-000000.h5 has net"),
    "rule": (lambda p: replace(p, contract=replace(p.contract, rule="> 0")), "rule for bits differs"),
    "length": (lambda p: replace(p, values=p.values[:, :8], parts=()), "dimension or networks differ"),
    "a face twice": (lambda p: replace(p, names=whole().names[:1]), "stands twice, in part-000000.h5 and: .*000001.h5"),
}


@pytest.mark.parametrize("what", STRANGERS)
@pytest.mark.parametrize("index", [True, False])
def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path, what: str, index: bool) -> None:
    change, message = STRANGERS[what]
    one, two, three = cut(whole())
    folder = write(tmp_path / "feats", [one, change(two), three], index=index)
    for read in (read_rows, open_stream):
        with pytest.raises((BadInput, Mismatch), match=message):
            read(folder)


def test_codes_of_another_rule_and_features_among_codes_are_refused(tmp_path: Path) -> None:
    one, two, _ = cut(whole())
    with pytest.raises(Mismatch, match="rule of the bits differs"):
        read_rows(write(tmp_path / "rule", [binarize(one), binarize(two, "median")], index=False))
    with pytest.raises(BadInput, match="format is facerep/features, wanted facerep/codes: .*part-000001.h5"):
        read_rows(write(tmp_path / "kind", [binarize(one), two], index=False))


def test_a_shard_without_a_vector_has_no_file(feats: Path) -> None:
    index = feature_folder.read_index(feats)
    told = {"part-000000.h5": index["parts"]["part-000000.h5"], "part-000001.h5": index["parts"]["part-000001.h5"]}
    told["part-000002.h5"] = feature_folder.no_part(failures=3, source="shard-000002.tar")
    (feats / part_name(2)).unlink()
    feature_folder.write_index(feats, told, kind=index["kind"], contract=index["contract"], how={}, complete=True)
    assert len(read_features(feats)) == 5


def test_what_a_feature_folder_is(feats: Path, tmp_path: Path) -> None:
    assert is_feature_folder(feats)
    assert not is_feature_folder(feats / part_name(0))
    assert not is_feature_folder(tmp_path)
    assert not is_feature_folder(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    assert not is_feature_folder(tmp_path / "empty")


def test_nothing_is_written_into_a_folder_that_is_read(feats: Path) -> None:
    with inputs.command():
        read_rows(feats, reading.HEAD)
        for name in (part_name(0), part_name(9), "ranks.csv", "results/result.json"):
            with pytest.raises(BadInput, match="what is read cannot be replaced|lies in a folder that is read as one"):
                refuse_existing(feats / name, overwrite=True)
        refuse_existing(feats.parent / "ranks.csv", overwrite=False)
        refuse_existing(feats / ".." / "ranks.csv", overwrite=False)
        (feats.parent / "link").symlink_to(feats)
        with pytest.raises(BadInput, match="lies in a folder that is read as one"):
            refuse_existing(feats.parent / "link" / "ranks.csv", overwrite=False)
