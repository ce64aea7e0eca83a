"""The faces that excite a unit most and least."""

import numpy as np
import pytest

from facerep.errors import BadInput, Usage
from facerep.files import streams
from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.studies.neurons.faces_of_units import units


@pytest.fixture
def path(tmp_path):
    values = np.maximum(np.random.default_rng(1).normal(size=(50, 6)), 0).astype(np.float32)
    write_features(
        Features(
            values=values, names=np.array([f"{row}.png" for row in range(50)], dtype=object),
            people=np.array([f"p{row % 5}" for row in range(50)], dtype=object), contract=Contract(layer="feature"),
        ),
        tmp_path / "f.h5",
    )  # fmt: skip
    return tmp_path / "f.h5"


def test_ranks_equal_a_sort_of_all_faces(path):
    with streams.reading.opened(path) as file:
        values = file["features"][:]
    found = units(path, ["feature:2", "4"], faces=5)
    for unit, column in zip(found.units, values[:, [2, 4]].T, strict=True):
        ordered = np.sort(column)[::-1]
        assert [face.value for face in unit.most] == pytest.approx(ordered[:5].tolist())
        assert [face.value for face in unit.least] == pytest.approx(ordered[-5:].tolist())
        assert [face.rank for face in (*unit.most, *unit.least)] == [1, 2, 3, 4, 5, 46, 47, 48, 49, 50]
        assert all(column[int(face.name.split(".")[0])] == pytest.approx(face.value) for face in unit.most)
        assert unit.active == (column > 0).sum()
        assert unit.at_lowest == (column == 0).sum()


def test_blocks_and_other_units_do_not_change_what_is_shown(path, monkeypatch):
    whole = units(path, ["feature:2", "4"], faces=3)
    monkeypatch.setattr(streams, "BLOCK_BYTES", 7 * 6 * 4)
    assert units(path, ["4"], faces=3).units[0] == whole.units[1]


def test_faces_of_equal_value_are_drawn_by_the_seed(path):
    first, again, other = (units(path, ["2"], faces=5, seed=seed).units[0].least for seed in (0, 0, 1))
    assert first == again != other


def test_few_faces_are_both_most_and_least(path):
    unit = units(path, ["1"], faces=40).units[0]
    assert unit.least[0].rank == 11
    assert {face.name for face in unit.most} & {face.name for face in unit.least}
    with pytest.raises(BadInput, match="60 faces are to be shown, there are 50"):
        units(path, ["1"], faces=60)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (["conv4:1"], r"no layer 'conv4' .* it has: feature"),
        (["feature:6"], "it has 6, from 0 to 5"),
        (["feature"], "is not LAYER:NUMBER"),
        (["-1"], "is not LAYER:NUMBER"),
        (["1", "feature:1"], "asked for twice"),
    ],
)
def test_units_that_are_not_there_are_refused(path, asked, reason):
    with pytest.raises(Usage, match=reason):
        units(path, asked)
