"""Sparseness of feature files, read in blocks."""

import numpy as np
import pytest

from facerep.codes.binarize import binarize
from facerep.errors import BadInput
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import write_codes, write_features
from facerep.files.rows import Features
from facerep.results.to_json import to_json
from facerep.studies.neurons.sparseness import sparseness


def written(path, values, **changes):
    names = np.array([f"{row}.png" for row in range(len(values))], dtype=object)
    people = np.array([f"p{row % 5}" for row in range(len(values))], dtype=object)
    contract = Contract(network="deepid2", layer="feature", rule="> 0")
    write_features(Features(values=values, names=names, people=people, contract=contract, **changes), path)
    return path


@pytest.fixture
def values():
    return np.maximum(np.random.default_rng(0).normal(size=(40, 16)), 0).astype(np.float32)


def test_each_file_is_one_layer_of_the_result(tmp_path, values):
    files = [written(tmp_path / "a.h5", values), written(tmp_path / "b.h5", values[:, :8])]
    told = to_json(sparseness(files))
    assert [layer["file"] for layer in told["layers"]] == ["a.h5", "b.h5"]
    first = told["layers"][0]
    assert first["active_units_of_a_face"]["mean"] == (values > 0).sum(axis=1).mean()
    assert first["share_active"]["value"] == (values > 0).mean()
    assert first["population_sparseness"] is not None


def test_blocks_do_not_change_the_result(tmp_path, values, monkeypatch):
    path = written(tmp_path / "a.h5", values)
    whole = to_json(sparseness([path]))
    monkeypatch.setattr(streams, "BLOCK_BYTES", 3 * 16 * 4)
    parts = to_json(sparseness([path]))
    assert parts["layers"][0].pop("population_sparseness") == pytest.approx(
        whole["layers"][0].pop("population_sparseness")
    )
    assert parts["layers"][0].pop("lifetime_sparseness") == pytest.approx(whole["layers"][0].pop("lifetime_sparseness"))
    assert parts == whole


def test_units_that_never_fire_and_values_below_zero_are_told(tmp_path, values):
    values[:, 2] = 0
    silent = sparseness([written(tmp_path / "a.h5", values)])
    assert "1 of 16 units never fire" in silent.warnings[0]
    assert to_json(silent)["layers"][0]["entropy"]["lowest"] == 0
    below = sparseness([written(tmp_path / "b.h5", values - 0.5)])
    assert "are below 0" in below.warnings[0]
    assert to_json(below)["layers"][0]["lifetime_sparseness"] is None


def test_codes_are_refused(tmp_path, values):
    held = Features(
        values=values, names=np.array([str(row) for row in range(40)], dtype=object),
        people=np.full(40, "", dtype=object), contract=Contract(rule="> 0"),
    )  # fmt: skip
    write_codes(binarize(held, "zero"), tmp_path / "codes.h5")
    with pytest.raises(BadInput, match="holds codes"):
        sparseness([tmp_path / "codes.h5"])
