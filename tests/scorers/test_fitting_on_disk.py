"""A chain fitted on files that stay on disk is that of the rows in memory, wherever a person's faces are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput, Mismatch
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.hdf5 import checksums
from facerep.files.rows import Features
from facerep.files.streams import Stream
from facerep.scorers import fitting_rows
from facerep.scorers.chain import FittedChain
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.fitting_rows import Selected, opened

PEOPLE, FACES, D = 36, 5, 12


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 13 * D * 4)
    monkeypatch.setattr(checksums, "CHECKED_ROWS", 5)
    monkeypatch.setattr(fitting_rows, "BLOCK_ROWS", 9)


@pytest.fixture(scope="module")
def features() -> Features:
    """Faces that go round the people, far from 0, their people named in no order; some are of nobody known."""
    draw, n = np.random.default_rng(0), PEOPLE * FACES
    person = np.arange(n) % PEOPLE
    labels = np.array([f"q{(7 * number) % PEOPLE}" for number in range(PEOPLE)], object)
    people = labels[person]
    people[::29] = ""
    values = 2 * draw.normal(size=(PEOPLE, D))[person] + draw.normal(size=(n, D)) @ draw.normal(size=(D, D)) + 50
    return Features(
        names=np.array([f"{row}.png" for row in range(n)], object), people=people, values=values.astype(np.float32),
        labels={"view": np.array(["a", "b", "c"], object)[np.arange(n) % 3]}, contract=Contract(network="net"),
    )  # fmt: skip


def folder_of(features: Features, folder: Path, cuts: list[int], *, codes: bool = False) -> Path:
    folder.mkdir()
    for number, rows in enumerate(np.split(np.arange(len(features)), cuts)):
        part, path = features.take(rows), folder / f"{number}.h5"
        if codes:
            write_codes(binarize(part, 50.0), path)
        else:
            write_features(part, path)
    return folder


def same(one: FittedChain, other: FittedChain) -> None:
    assert one.text == other.text
    for name in ("fingerprint", "rule", "dimension", "faces", "people", "single", "left_out", "contract"):
        assert getattr(one, name) == getattr(other, name), name
    if other.fitted_people is None:
        assert one.fitted_people is None
    else:
        assert np.array_equal(one.fitted_people, other.fitted_people)  # pyright: ignore
    for mine, theirs in zip(one.steps, other.steps, strict=True):
        assert type(mine) is type(theirs)
        for name, values in vars(theirs).items():
            # an axis of Joint Bayesian may point either way, its scores are compared
            if isinstance(values, np.ndarray) and (name != "directions" or mine.name != "joint-bayesian"):
                np.testing.assert_allclose(
                    getattr(mine, name), values, rtol=0, atol=1e-9 * max(1, np.abs(values).max())
                )


def _scores(fitted: FittedChain, features: Features) -> np.ndarray:
    """Of all pairs by the model; what the projections give, where there is none."""
    rows = fitted.prepare(features)
    return rows if fitted.joint_bayesian is None else fitted.joint_bayesian.matrix(rows, rows)


CHAINS = [
    "pca:5", "pca:all", "pca", "pca+joint-bayesian", "pca+l2+joint-bayesian", "l2+pca:4+joint-bayesian",
    "joint-bayesian", "lda:4",
]  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
def test_sums_over_files_are_those_of_one_file_in_memory(tmp_path, features, chain) -> None:
    path = folder_of(features, tmp_path / "feats", [40, 41, 130])
    on_disk = opened([path], memory=1)
    assert all(isinstance(table, Selected) for table in on_disk)
    rounds = {"rounds": 5} if "joint-bayesian" in chain else {}
    mine, theirs = fit_chain(on_disk, chain, **rounds), fit_chain([features], chain, **rounds)
    same(mine, theirs)
    found = [_scores(fitted, features) for fitted in (mine, theirs)]
    np.testing.assert_allclose(*found, rtol=0, atol=1e-9 * np.abs(found[1]).max())
    if chain == "pca+joint-bayesian":
        assert mine.why is not None
        assert mine.why.errors == theirs.why.errors  # pyright: ignore


@pytest.mark.parametrize("chain", ["pca:6+joint-bayesian", "weighted-hamming"])
def test_codes_on_disk_are_fitted_on_as_in_memory(tmp_path, features, chain) -> None:
    path = folder_of(features, tmp_path / "codes", [40, 41, 130], codes=True)
    rounds = {"rounds": 5} if "joint-bayesian" in chain else {}
    same(fit_chain(opened([path], memory=1), chain, **rounds), fit_chain([binarize(features, 50.0)], chain, **rounds))


def test_several_files_and_rows_that_were_chosen(tmp_path, features) -> None:
    first, second = features.take(np.arange(77)), features.take(np.arange(77, len(features)))
    folder = folder_of(first, tmp_path / "feats", [30])
    write_features(second, tmp_path / "second.h5")
    paths, conditions = [folder, tmp_path / "second.h5"], ["view!=c"]
    whole = [features.only("view!=c")]
    for memory in (1, 10**9):
        same(fit_chain(opened(paths, conditions, memory=memory), "pca:3"), fit_chain(whole, "pca:3"))
    with pytest.raises(BadInput, match="a face stands in more than one file"):
        fit_chain(opened([folder, folder], memory=1), "pca:3")
    with pytest.raises(BadInput, match="no face where view=d"):
        opened(paths, ["view=d"], memory=1)
    write_features(replace(second, contract=Contract(network="other")), tmp_path / "third.h5")
    with pytest.raises(Mismatch, match="network differs"):
        fit_chain(opened([folder, tmp_path / "third.h5"], memory=1), "pca:3")
    nobody = replace(first, people=np.full(len(first), "", object))
    nobodies = folder_of(nobody, tmp_path / "nobody", [30])
    same(fit_chain(opened([nobodies], memory=1), "pca:3"), fit_chain([nobody], "pca:3"))
    with pytest.raises(BadInput, match="no person is known"):
        fit_chain(opened([nobodies], memory=1), "joint-bayesian")


def test_rows_on_disk_are_never_all_in_memory(tmp_path, features, monkeypatch) -> None:
    path, longest = folder_of(features, tmp_path / "feats", [40]), []
    blocks, take = Stream.blocks, Stream.take

    def noted(stream: Stream):
        for start, block in blocks(stream):
            longest.append(len(block))
            yield start, block

    def noted_take(stream: Stream, rows: np.ndarray, **options: bool) -> np.ndarray:
        longest.append(len(rows))
        return take(stream, rows, **options)

    monkeypatch.setattr(Stream, "blocks", noted)
    monkeypatch.setattr(Stream, "take", noted_take)
    fit_chain(opened([path], memory=1), "pca:5+joint-bayesian", rounds=2)
    assert max(longest) <= 13
