"""Ensemble: the sets that the floating search finds, beside all sets; and what `verify` says of the same vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerep.errors import BadInput, Mismatch, Usage
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.report.verification.ensemble import report_of
from facerep.results.to_json import to_json
from facerep.studies.verification.ensemble import ensemble, floating_sets
from facerep.studies.verification.verify import verify

PEOPLE, EACH, DIMENSION = 12, 4, 6


def network(seed: int, noise: float, faces: int = PEOPLE * EACH) -> np.ndarray:
    """Vectors of a network: who it is, and so much of something else."""
    who = np.random.default_rng(99).normal(size=(PEOPLE, DIMENSION)).repeat(EACH, axis=0)[:faces]
    return (who + noise * np.random.default_rng(seed).normal(size=who.shape)).astype(np.float32)


def written(path: Path, values: np.ndarray, parts: tuple[tuple[str, int], ...] = ()) -> Path:
    names = np.array([f"p{row // EACH}/{row}.png" for row in range(len(values))], object)
    people = np.array([name.partition("/")[0] for name in names], object)
    write_features(Features(values=values, names=names, people=people, parts=parts), path)
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [written(tmp_path / f"n{seed}.h5", network(seed, noise)) for seed, noise in enumerate((1.5, 1.0, 2.5))]


def test_a_set_is_judged_as_verify_judges_its_vectors_side_by_side(files: list[Path], tmp_path: Path) -> None:
    result = ensemble(files)
    sizes = [some.networks for some in result.sets]
    assert [len(some) for some in sizes] == [1, 2, 3]
    assert sizes[0] == ("n1",)
    assert sizes[2] == ("n0", "n1", "n2")
    unit = [network(seed, noise) for seed, noise in enumerate((1.5, 1.0, 2.5))]
    together = np.concatenate([values / np.linalg.norm(values, axis=1, keepdims=True) for values in unit], axis=1)
    alone = verify(written(tmp_path / "all.h5", together))
    assert result.sets[2].chosen.area.value == pytest.approx(alone.auc.value, abs=1e-6)
    assert result.sets[2].chosen.accuracy.value == pytest.approx(alone.accuracy.value, abs=1e-3)


def test_networks_of_one_file_count_as_so_many_and_other_faces_test_the_sets(files: list[Path], tmp_path: Path) -> None:
    both = np.concatenate([network(5, 1.0), network(6, 1.0)], axis=1)
    several = written(tmp_path / "two.h5", both, (("deepid2", DIMENSION), ("deepid2", DIMENSION)))
    other = [written(tmp_path / f"other{seed}.h5", network(seed + 20, 1.0, 20)) for seed in range(2)]
    tested = written(tmp_path / "three.h5", both[:20], (("deepid2", DIMENSION), ("deepid2", DIMENSION)))
    result = ensemble([several, files[0]], [tested, other[0]], most=2)
    assert len(result.sets) == 2
    assert set(result.sets[1].networks) <= {"two:1", "two:2", "n0"}
    on_others = result.sets[0].tested
    assert on_others is not None
    assert on_others.area.of == 30 * 160
    table = report_of(result).shown[0]
    assert "accuracy there, %" in table.header
    assert to_json(result)["sets"][0]["tested"]["area"]["value"] == on_others.area.value
    with pytest.raises(Mismatch, match="3 choose, 2 are tested"):
        ensemble([several, files[0]], [tested])


def test_what_is_no_ensemble_is_refused(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Usage, match="one network alone is no ensemble"):
        ensemble(files[:1])
    few = written(tmp_path / "few.h5", network(3, 1.0, 20))
    with pytest.raises(Mismatch, match=r"lacks 28 of the 48 faces of .*n0.h5, such as 'p5/20.png'"):
        ensemble([files[0], few])
    zero = network(3, 1.0)
    zero[7] = 0
    with pytest.raises(BadInput, match=r"p1/7.png"):
        ensemble([files[0], written(tmp_path / "zero.h5", zero)])


def test_a_member_that_others_make_useless_is_given_up_again() -> None:
    worth = {(0,): 3, (1,): 2, (2,): 2, (0, 1): 4, (0, 2): 4, (1, 2): 6, (0, 1, 2): 7}
    assert floating_sets(3, 3, worth.__getitem__) == [(0,), (1, 2), (0, 1, 2)]
    assert floating_sets(3, 2, worth.__getitem__) == [(0,), (0, 1)]  # forward alone


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8, unique=True))
def test_of_members_that_do_not_hang_on_each_other_the_best_are_taken(worth: list[int]) -> None:
    found = floating_sets(len(worth), len(worth), lambda some: sum(worth[one] for one in some))
    order = sorted(range(len(worth)), key=lambda one: -worth[one])
    assert found == [tuple(sorted(order[:size])) for size in range(1, len(worth) + 1)]
