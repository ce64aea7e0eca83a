"""Commands that read features hold a block of a file's vectors, not all, and say the same as of vectors in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.codes import code_folder
from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.extraction.templates import pool
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_features, write_codes, write_features
from facerep.files.hdf5 import checksums, reading
from facerep.files.pairs import PairList
from facerep.files.rows import Features
from facerep.files.streams import open_features
from facerep.metrics.ladder import ladder
from facerep.metrics.person_sums import FaceCounts
from facerep.pairs import choice
from facerep.pairs.blocks import score_blocks
from facerep.pairs.blocks.disk_blocks import DiskBlocks
from facerep.pairs.blocks.score_blocks import NumpyBlocks, PairFaces
from facerep.pairs.decision_rule import DecisionRule
from facerep.pairs.rows_on_disk import rows_on_disk
from facerep.readers.lists.template_list import TemplateList
from facerep.results.to_json import to_json
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.scorer_file import write_scorer
from facerep.studies.attributes.fit import SvmChoice, fit_attributes
from facerep.studies.attributes.labelling import AttributeChoice
from facerep.studies.attributes.model_file import predict
from facerep.studies.codes.codes_table import codes_table
from facerep.studies.grouping import group as grouping
from facerep.studies.identification import probe_scores
from facerep.studies.identification.identify import identify
from facerep.studies.photographs.compare import compare_names
from facerep.studies.verification.blufr import verify_trials
from facerep.studies.verification.verify import verify

N, D, BLOCK = 240, 12, 20


class Dot:
    """Scores of small whole numbers: exact, whatever the block."""

    name = "dot"

    def score(self, a, b):
        return (a.astype(np.float64) * b).sum(1)

    def matrix(self, a, b):
        return a.astype(np.float64) @ b.T.astype(np.float64)


def features(seed: int = 0) -> Features:
    draw, person = np.random.default_rng(seed), np.arange(N) % 60
    return Features(
        names=np.array([f"{seed}/{row}.png" for row in range(N)], object),
        people=np.array([f"{seed}p{number}" for number in person], object),
        values=(2 * draw.normal(size=(60, D))[person] + draw.normal(size=(N, D))).astype(np.float32),
        labels={"hat": draw.choice([0, 1], N), "sex": np.array(["m", "f"], object)[person % 2]},
        contract=Contract(network="net", layer="fc", crop="points@55x47/1", rule="> 0"),
    )


def pairs(rows: range) -> PairList:
    left = np.array([f"0/{row}.png" for row in rows] * 2, object)
    right = np.array([f"0/{row + 60}.png" for row in rows] + [f"0/{row + 61}.png" for row in rows], object)
    same = np.repeat([True, False], len(rows))
    return PairList(name="mine", left=left, right=right, same=same, fold=np.zeros(len(same), int))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two files, of which BLOCK rows are a block."""
    monkeypatch.setattr(streams, "BLOCK_BYTES", BLOCK * 4 * D)
    monkeypatch.setattr(checksums, "CHECKED_ROWS", BLOCK // 2)
    (tmp_path / "feats").mkdir()
    for number, rows in enumerate(np.split(np.arange(N), [90])):
        write_features(features().take(rows), tmp_path / "feats" / f"{number}.h5")
    return tmp_path / "feats"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many vectors were read at once, each time."""
    counts: list[int] = []
    real = reading.read_rows

    def noted(values, rows=reading.ALL):
        found = real(values, rows)
        if values.name in ("/features", "/codes"):
            counts.append(len(found))
        return found

    monkeypatch.setattr(reading, "read_rows", noted)
    return counts


def test_pooling_reads_the_faces_of_some_templates_at_once(file, read):
    draw = np.random.default_rng(1)
    rows = sorted({(row, int(draw.integers(30)), int(draw.integers(3))) for row in draw.integers(N, size=400)})
    draw.shuffle(rows)
    columns = [[f"0/{face}.png", f"t{template}", f"m{medium}"] for face, template, medium in rows]
    wanted = TemplateList(*(np.array(column, dtype=object) for column in zip(*columns, strict=True)))
    whole = pool(features(), wanted, Path("list"), unit=True)
    read.clear()
    made = pool(open_features(file), wanted, Path("list"), unit=True, memory=24 * D * 40)
    assert made.features.values.tobytes() == whole.features.values.tobytes()
    assert to_json(made) == to_json(whole)
    assert made.features.people.tolist() == whole.features.people.tolist()
    assert max(read) <= BLOCK
    passes = sum(read) / N
    read.clear()
    pool(open_features(file), wanted, Path("list"), unit=True)
    assert passes > 5 > sum(read) / N


def test_attributes_of_new_faces_are_those_of_all_in_memory(file, read):
    model, _ = fit_attributes(features(), AttributeChoice(attributes=("hat",)), svms=SvmChoice((0.01,)))
    expected = predict(features(), model)
    read.clear()
    found = predict(open_features(file), model)
    assert found.faces.tolist() == expected.faces.tolist()
    np.testing.assert_allclose(found.scores, expected.scores, rtol=0, atol=1e-9)
    assert max(read) <= BLOCK


def test_a_table_of_codes_reads_the_faces_of_its_pairs_and_of_its_gallery(file, read):
    options = {"pairs": pairs(range(3, 9)), "bits": (8,), "chain": "pca:4+joint-bayesian", "gallery": 10}
    expected = to_json(codes_table(features(), features(1), **options))
    read.clear()
    found = to_json(codes_table(open_features(file), features(1), **options))
    assert found["features"].pop("file") == "feats"
    expected["features"].pop("file")
    assert found == expected
    assert max(read) <= BLOCK


@pytest.mark.parametrize("kind", ["vectors", "codes"])
def test_rates_of_groups_are_of_all_faces_and_read_those_of_the_pairs(file, read, kind, tmp_path, monkeypatch):
    held = features() if kind == "vectors" else binarize(features())
    options = {"pairs": pairs(range(3, 30)), "far": [0.5], "group": "sex"}
    expected = verify(held, **options)
    if kind == "codes":
        monkeypatch.setattr(streams, "BLOCK_BYTES", BLOCK * 2)
        file = tmp_path / "codes.h5"
        write_codes(binarize(features()), file)
    read.clear()
    found = verify(file, **options)
    assert to_json(found.groups) == to_json(expected.groups)
    assert found.groups is not None
    assert sum(each.faces for each in found.groups.each) == N
    assert max(read) <= BLOCK


def test_what_is_too_much_to_group_is_refused_before_it_is_read(here, file, read, monkeypatch):
    monkeypatch.setattr(grouping, "MOST", N - 1)
    run = here("group", file, "--threshold", "0.5")
    assert run.code == 1
    assert run.error.startswith(f"error: {N} faces have 28,680 scores, {N - 1} faces can be grouped: ")
    assert sum(read) <= 4


@pytest.mark.parametrize("asked", ["cosine", "mean", "hamming", "joint-bayesian"])
def test_probes_are_looked_up_some_at_once_to_the_bit(file, read, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(probe_scores, "LEAST", 4)
    monkeypatch.setattr(probe_scores, "BLOCK_BYTES", 8 * 60 * 7)
    options = {"far": [0.1], "gallery_per_person": 2 if asked in ("mean", "hamming") else 1, "by": "sex"}
    if asked == "hamming":
        options["metric"] = asked
    if asked == "joint-bayesian":
        options["scorer"] = tmp_path / "jb.h5"
        write_scorer(fit_chain([features(1)], "pca:6+joint-bayesian"), options["scorer"])
    expected = identify(features(), **options)
    read.clear()
    found = identify(file, **options, memory=3000)
    theirs, mine = to_json(expected), to_json(found)
    for each in (theirs, mine):
        each["features"].pop("file")
    assert mine == theirs
    for one, other in zip(found.lists[0].trials, expected.lists[0].trials, strict=True):
        assert one.probes.ranks.own.tobytes() == other.probes.ranks.own.tobytes()
        assert one.probes.ranks.top.tobytes() == other.probes.ranks.top.tobytes()
    assert max(read) <= BLOCK


def test_a_probe_without_a_direction_is_named(file):
    held = read_features(file / "0.h5")
    held.values[7] = 0
    write_features(held, file / "0.h5", overwrite=True)
    with pytest.raises(BadInput, match="an all-zero vector has no cosine .'0/7.png'.: .*feats; leave such faces out"):
        identify(file)


def judged_twice(file: Path, monkeypatch, **options):
    """All pairs that are not listed, of vectors in memory and of those on disk, of which little is held at once."""
    monkeypatch.setattr(choice, "MOST_LISTED", 0)
    held = verify(features(), "all", far=[0.1, 0.01], group="sex", **options)
    parts = verify(file, "all", far=[0.1, 0.01], group="sex", memory=N * D * 4 - 1, **options)
    return held, parts


def exact(result):
    """What is the same whoever scores: all but the last bits of thresholds and of what they are multiplied by."""
    found = to_json(result)
    found["features"].pop("file")
    return found


def alike(one, other, path=""):
    """Whether two results are the same but for last bits; texts, counts and kinds are the very same."""
    assert type(one) is type(other), path
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one:
            alike(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), path
        for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            alike(mine, theirs, f"{path}/{place}")
    elif isinstance(one, float):
        assert one == pytest.approx(other, abs=1e-9, nan_ok=True), path
    else:
        assert one == other, path


@pytest.mark.parametrize("asked", ["cosine", "joint-bayesian"])
def test_all_pairs_of_vectors_on_disk_are_those_in_memory(file, read, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(score_blocks, "BLOCK_BYTES", 8 * 15 * 15)
    options = {"metric": asked}
    if asked == "joint-bayesian":
        options["scorer"] = tmp_path / "jb.h5"
        write_scorer(fit_chain([features(1)], "pca:6+joint-bayesian"), options["scorer"])
    held, parts = judged_twice(file, monkeypatch, **options)
    alike(exact(parts), exact(held))
    assert max(read) <= BLOCK
    assert sum(read) > 3 * N  # thrice all pairs


def test_sums_over_tiles_are_those_over_rows_whatever_people_and_memory(file, monkeypatch):
    draw = np.random.default_rng(3)
    values = draw.integers(-3, 4, (N, D)).astype(np.float32)
    person = np.sort(np.append(np.zeros(50, int), draw.integers(1, 40, N - 50)))  # one has more faces than a tile
    person = np.unique(person, return_inverse=True)[1]
    names = np.array([f"{row}" for row in range(N)], object)
    held = replace(features(), values=values, names=names, people=person.astype(str).astype(object))
    write_features(held, file.parent / "whole.h5")
    faces = PairFaces(values, person, FaceCounts(np.bincount(person)), names)
    table = ladder(np.arange(-40.0, 60.0, 7.0))
    share, thresholds = draw.random(2 * len(table.values)), [np.inf, 9.0, 0.0, -np.inf]
    mine = NumpyBlocks(Dot(), faces, lambda _count: None)
    stream = open_features(file.parent / "whole.h5")
    for memory, side in ((D * 4 * 2 * 30, 7), (D * 4 * 2 * 100, 20), (1 << 30, 1000)):
        monkeypatch.setattr(score_blocks, "BLOCK_BYTES", 8 * side**2)
        counted: list[int] = []
        rows = rows_on_disk("dot", stream, stream.bare(), Dot(), memory)
        theirs = DiskBlocks(Dot(), replace(faces, rows=np.empty((0, 0))), rows, counted.append)
        for one, other in zip(mine.sums(thresholds, table, share), theirs.sums(thresholds, table, share), strict=True):
            for name in ("total", "squared", "weighted", "squares"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), name
            np.testing.assert_allclose(one.touching, other.touching, rtol=1e-12)
        assert sum(counted) == N * (N - 1) // 2
        assert (mine.tally(table) == theirs.tally(table)).all()
        low, high = np.array([-2.0, 30.0]), np.array([0.0, 31.0])
        for one, other in zip(mine.between(low, high), theirs.between(low, high), strict=True):
            assert sorted(one) == sorted(other)


def test_bits_of_vectors_on_disk_are_made_in_parts(file, read, monkeypatch):
    held, parts = judged_twice(file, monkeypatch, metric="hamming")
    assert exact(parts) == exact(held)
    assert max(read) <= BLOCK


def test_a_face_without_a_direction_is_named_as_in_memory(file, monkeypatch):
    held = read_features(file / "0.h5")
    held.values[7] = 0
    write_features(held, file / "0.h5", overwrite=True)
    monkeypatch.setattr(choice, "MOST_LISTED", 0)
    said = []
    for memory in (1, 1 << 30):
        with pytest.raises(BadInput) as refused:
            verify(file, "all", memory=memory)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert said[0].startswith("1 face has an all-zero vector, which has no cosine ('0/7.png')")


@pytest.mark.parametrize("made", [["--threshold", "zero"], ["--rotation", "itq", "--bits", "6"]])
def test_codes_are_made_block_by_block(here, file, read, made, tmp_path, monkeypatch):
    monkeypatch.setattr(code_folder, "_AT_ONCE", 7)
    assert here("binarize", file, *made, "-o", "codes.h5").code == 0
    assert max(read) <= BLOCK
    expected = binarize(features(), **({"rotation": "itq", "bits": 6} if "itq" in made else {"threshold": "zero"}))
    found = read_codes(tmp_path / "codes.h5")
    assert (found.packed == expected.packed).all()
    assert found.labels.keys() == expected.labels.keys()


def test_two_faces_of_a_file_are_read_alone(here, file, read):
    held = features()
    expected = compare_names("0/3.png", "0/200.png", held, DecisionRule())
    read.clear()
    run = here("compare", "0/3.png", "0/200.png", "--features", file, "--json")
    assert run.code == 0, run.stderr
    assert run.json["score"] == expected.score
    assert sum(read) <= 2 * BLOCK + 4


def test_trials_of_vectors_on_disk_are_those_in_memory(file, read):
    draw = np.random.default_rng(2)
    roles = ["".join(draw.choice(list("TGP"), 2, p=[0.6, 0.1, 0.3])) for _ in range(N)]
    lines = [f"0/{row}.png,p{row % 60},-,{mine}" for row, mine in enumerate(roles)]
    (file.parent / "blufr.csv").write_text("\n".join(["file,label,dev,trials", *lines]) + "\n")
    expected = verify_trials(features(), file.parent / "blufr.csv", far=[0.1])
    read.clear()
    found = verify_trials(file, file.parent / "blufr.csv", far=[0.1], memory=N * D * 4 - 1)
    alike(exact(found), exact(expected))
    assert len(found.trials) == 2
    assert max(read) <= BLOCK
