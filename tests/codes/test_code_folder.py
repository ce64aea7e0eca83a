"""A folder of features becomes a folder of codes, file by file: those of the whole, and what was stopped goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from facerep.codes import code_folder
from facerep.codes.binarize import binarize
from facerep.codes.code_folder import code_rule, write_code_file, write_code_folder
from facerep.codes.code_rule import _BYTES_A_VALUE
from facerep.errors import BadInput, Mismatch, OutputExists
from facerep.files.contract import Contract
from facerep.files.features import read_codes, read_features, write_codes, write_features
from facerep.files.folders import feature_folder
from facerep.files.folders.feature_folder import part_name, read_index
from facerep.files.rows import Codes, Features

N, D = 60, 12
CUTS = [20, 21, 45]


@pytest.fixture
def features() -> Features:
    draw = np.random.default_rng(0)
    return Features(
        names=np.array([f"{row}.png" for row in range(N)], object),
        people=np.array([f"p{row % 9}" for row in range(N)], object),
        values=(draw.normal(size=(9, D))[np.arange(N) % 9] + draw.normal(size=(N, D))).astype(np.float32),
        contract=Contract(network="net", layer="fc", fingerprint="f" * 64),
    )


@pytest.fixture
def feats(features: Features, tmp_path: Path) -> Path:
    folder, told = tmp_path / "feats", {}
    folder.mkdir()
    for number, rows in enumerate(np.split(np.arange(N), CUTS)):
        path = folder / part_name(number)
        write_features(features.take(rows), path)
        told[path.name] = feature_folder.part_of(path, rows=len(rows), failures=0)
    told[part_name(4)] = feature_folder.no_part(failures=2, source="shard-000004.tar")
    contract = asdict(features.contract)
    feature_folder.write_index(folder, told, kind="facerep/features", contract=contract, how={}, complete=True)
    return folder


RULES = {
    "zero": {},
    "median": {"threshold": "median"},
    "variance": {"threshold": "median", "bits": 5},
    "entropy": {"threshold": 0.3, "bits": 5, "select": "entropy"},
    "discriminative": {"bits": 4, "select": "discriminative"},
    "random": {"bits": 4, "select": "random", "seed": 3},
    "itq": {"rotation": "itq", "bits": 6},
    "itq and medians": {"rotation": "itq", "bits": 6, "threshold": "median"},
}


@pytest.mark.parametrize("rule", RULES)
def test_codes_of_a_folder_are_those_of_the_features_in_one_file(tmp_path, features, feats, rule) -> None:
    learned = partial(code_rule, feats, **RULES[rule], memory=5 * N * _BYTES_A_VALUE)
    made = write_code_folder(feats, learned, tmp_path / "codes")
    codes, wanted = read_codes(tmp_path / "codes"), binarize(features, **RULES[rule])
    assert (codes.packed == wanted.packed).all()
    assert codes.rule == wanted.rule
    assert (codes.names == wanted.names).all()
    assert (made.faces, made.files, made.written) == (N, 4, 4)
    bits = np.unpackbits(wanted.packed, axis=1, count=wanted.bits)
    assert made.share_of_ones == pytest.approx(bits.mean())
    assert read_index(tmp_path / "codes")["parts"][part_name(4)]["failures"] == 2


def test_codes_of_a_folder_as_one_file_are_those_of_the_file(tmp_path, features, feats) -> None:
    made = write_code_file(feats, partial(code_rule, feats, "median"), tmp_path / "codes.h5")
    assert (read_codes(tmp_path / "codes.h5").packed == binarize(features, "median").packed).all()
    assert (made.faces, made.files) == (N, 0)


def test_rules_of_folders_are_taken_by_files_and_the_other_way_round(tmp_path, features, feats) -> None:
    write_features(features, tmp_path / "one.h5")
    wanted = binarize(features, "median")
    write_codes(wanted, tmp_path / "one-codes.h5")
    for source, like in ((feats, None), (tmp_path / "one.h5", None), (None, tmp_path / "one-codes.h5")):
        rule = code_rule(feats, "median" if like is None else "zero", source, like_codes=like)
        assert rule.rule == wanted.rule
        assert len(rule) == 1


def test_a_folder_that_was_killed_goes_on_with_the_files_that_are_missing(tmp_path, feats, killed, monkeypatch) -> None:
    folder, learned, count = tmp_path / "codes", partial(code_rule, feats, "median"), 0

    def work(die) -> None:
        def dies_at_the_third(codes: Codes, path: Path, **options) -> None:
            nonlocal count
            count += 1
            if count == 3:
                die()
            write_codes(codes, path, **options)

        monkeypatch.setattr(code_folder, "write_codes", dies_at_the_third)
        write_code_folder(feats, learned, folder)

    assert killed(work)
    monkeypatch.undo()
    assert [path.name for path in sorted(folder.glob("*.h5"))] == [part_name(0), part_name(1)]
    with pytest.raises(BadInput, match="feature folder is not complete, 2 files so far"):
        read_codes(folder)
    with pytest.raises(BadInput, match="unfinished codes: .*; give --resume to go on"):
        write_code_folder(feats, learned, folder)
    with pytest.raises(Mismatch, match="codes are by another rule"):
        write_code_folder(feats, partial(code_rule, feats), folder, resume=True)
    made = write_code_folder(feats, learned, folder, resume=True)
    assert (made.files, made.written) == (4, 2)
    whole = write_code_folder(feats, learned, tmp_path / "other")
    assert made.ones == whole.ones
    assert (read_codes(folder).packed == read_codes(tmp_path / "other").packed).all()


def test_features_that_changed_are_binarized_anew(tmp_path, feats) -> None:
    folder, learned = tmp_path / "codes", partial(code_rule, feats)
    write_code_folder(feats, learned, folder)
    old = read_features(feats / part_name(1))
    write_features(replace(old, values=-old.values), feats / part_name(1), overwrite=True)
    index = json.loads((feats / "features.json").read_text())
    index["parts"][part_name(1)]["bytes"] = (feats / part_name(1)).stat().st_size
    (feats / "features.json").write_text(json.dumps(index))
    (folder / part_name(3)).write_bytes(b"damaged")
    assert write_code_folder(feats, learned, folder, resume=True).written == 2
    assert (read_codes(folder).packed == binarize(read_features(feats)).packed).all()


def test_what_stands_in_the_way_is_refused_before_anything_is_learned(tmp_path, feats) -> None:
    def learned() -> Codes:
        raise AssertionError

    write_code_folder(feats, partial(code_rule, feats), tmp_path / "codes")
    with pytest.raises(OutputExists):
        write_code_folder(feats, learned, tmp_path / "codes")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    with pytest.raises(BadInput, match="folder holds what is no code file"):
        write_code_folder(feats, learned, tmp_path / "notes")
    with pytest.raises(BadInput, match="output lies in a folder that is read as one"):
        write_code_folder(feats, learned, feats, overwrite=True)
    assert len(read_features(feats)) == N
    write_code_folder(feats, partial(code_rule, feats, "median"), tmp_path / "codes", overwrite=True)
    assert read_codes(tmp_path / "codes").chosen == "median"
