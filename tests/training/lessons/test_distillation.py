"""Learning another network's features: who is taught, what is learned, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import BadInput, Mismatch, Usage
from facerep.faces.table import Faces, make_faces
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.networks.weights import load_model
from facerep.signals.distillation import TeacherSignal
from facerep.training.lessons.distillation import Distillation
from facerep.training.lessons.distillation_recipe import NAMED, DistillationRecipe
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.train import train

HERE = Machine(device="cpu", workers=0)
SMALL = {"schedule.epochs": 1, "data.batch_size": 8, "data.validation_pairs": 20, "data.crop": "loose"}
UNITS = 6


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def faces(tmp_path: Path) -> Faces:
    """Six people with three pictures each, the last two validate; four faces of nobody; one of another split."""
    draw = np.random.default_rng(0)
    whose = [f"p{number}" for number in range(6) for _ in range(3)] + [""] * 4 + ["tested"]
    splits = ["train"] * 12 + ["validation"] * 6 + ["train"] * 2 + [""] * 2 + ["test"]
    names = [f"{number}.png" for number in range(len(whose))]
    for name in names:
        Image.fromarray(draw.integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / name)
    labels = {"split": np.array(splits, dtype=object)}
    return make_faces("table", names, whose, [tmp_path / name for name in names], root="faces.csv", labels=labels)


@pytest.fixture
def teacher(faces: Faces, tmp_path: Path) -> Path:
    """Vectors of all faces but the first."""
    values = np.random.default_rng(1).normal(size=(len(faces), UNITS)).astype(np.float32)
    rows = Features(names=faces.names, people=faces.people, values=values).take(np.arange(1, len(faces)))
    write_features(rows, tmp_path / "teacher.h5")
    return tmp_path / "teacher.h5"


def recipe(teacher: Path | str, **changes: object) -> DistillationRecipe:
    given = {**SMALL, "signal.teacher": str(teacher), "network.name": "deepid2-wide-signed", **changes}
    return read_recipe("modern", given, kind=DistillationRecipe, named=NAMED)


def test_faces_of_nobody_are_taught_and_those_who_validate_or_test_are_not(faces: Faces, teacher: Path) -> None:
    lesson = Distillation.prepare(faces, recipe(teacher), 0)
    assert lesson.train.tolist() == [*range(1, 12), *range(18, 22)]
    assert (lesson.labelled, lesson.people, lesson.held_out) == (11, ["p0", "p1", "p2", "p3"], ["p4", "p5"])
    wanted, people = lesson.answers
    assert np.linalg.norm(wanted[lesson.train], axis=1) == pytest.approx(1, abs=1e-6)
    assert (people[18:22] == -1).all()
    assert sorted(set(people[1:12])) == [0, 1, 2, 3]
    assert lesson.remarks()[0].split(" ")[:4] == ["1", "face", "without", "a"]


def test_a_signed_network_takes_the_length_of_the_vectors_and_gives_values_on_both_sides_of_zero(
    faces: Faces, teacher: Path, tmp_path: Path
) -> None:
    train(faces, recipe(teacher, **{"signal.loss": "id+teacher", "signal.units": 4}), tmp_path / "run", machine=HERE)
    model = load_model(tmp_path / "run")
    assert (model.row.feature, model.row.signed, model.rule) == (4, True, "> 0")
    features = model.network(torch.randn(16, 3, 55, 47))
    assert features.shape == (16, 4)
    assert (features < 0).any()
    assert (features > 0).any()
    assert model.card["taught"] == "id+teacher"
    assert model.card["teacher"] == {"network": "", "units": 4, "of": UNITS, "people": "unknown"}
    kept = json.loads((tmp_path / "run" / "split.json").read_text())["units"]
    assert kept == sorted(set(kept))
    assert len(kept) == 4


def test_the_units_that_are_learned_are_those_that_tell_people_apart(faces: Faces, tmp_path: Path) -> None:
    values = np.random.default_rng(2).normal(size=(len(faces), 3)).astype(np.float32)
    numbers = {person: number for number, person in enumerate(sorted(set(faces.people)))}
    values[:, 2] = [10 * numbers[person] for person in faces.people]
    write_features(Features(names=faces.names, people=faces.people, values=values), tmp_path / "t.h5")
    assert Distillation.prepare(faces, recipe(tmp_path / "t.h5", **{"signal.units": 1}), 0).units.tolist() == [2]


def test_the_signal_is_half_the_squared_distance_of_vectors_of_length_one() -> None:
    draws = torch.Generator().manual_seed(0)
    features, wanted = torch.randn(7, 5, generator=draws), torch.randn(7, 5, generator=draws)
    ours, theirs = (some / some.norm(dim=1, keepdim=True) for some in (features, wanted))
    expected = ((ours - theirs) ** 2).sum(1).mean() / 2
    assert float(TeacherSignal(5, 5, mapped=False)(features, theirs)) == pytest.approx(float(expected), abs=1e-6)


def test_a_rectified_network_learns_through_a_map_that_is_thrown_away(faces: Faces, teacher: Path) -> None:
    lesson = Distillation.prepare(faces, recipe(teacher, **{"network.name": "deepid-31x31"}), 0)
    network = lesson.make_network()
    signals = lesson.make_signals(network)
    assert network.row.feature == 160
    assert [tuple(each.map.weight.shape) for each in signals["teaching"]] == [(UNITS, 160)]  # pyright: ignore


def test_people_of_the_teacher_are_people_of_the_student(faces: Faces, tmp_path: Path) -> None:
    from facerep.files.people import label_hash

    values = np.random.default_rng(3).normal(size=(len(faces), 3)).astype(np.float32)
    known = np.array([label_hash("ana")], np.uint64)
    rows = Features(names=faces.names, people=faces.people, values=values, trained_people=known)
    write_features(rows, tmp_path / "t.h5")
    train(faces, recipe(tmp_path / "t.h5"), tmp_path / "run", machine=HERE)
    found = load_model(tmp_path / "run").trained_people
    assert found is not None
    assert {label_hash("ana"), label_hash("p0")} <= set(found.tolist())


def test_what_a_teacher_lacks_is_told(faces: Faces, teacher: Path) -> None:
    with pytest.raises(Usage, match="no teacher to learn from; give --teacher"):
        Distillation.prepare(faces, recipe(""), 0)
    with pytest.raises(BadInput, match="7 units of 6 are asked for"):
        Distillation.prepare(faces, recipe(teacher, **{"signal.units": 7}), 0)
    others = replace(faces, names=np.array([f"other/{name}" for name in faces.names], dtype=object))
    with pytest.raises(Mismatch, match="none of the faces has a vector"):
        Distillation.prepare(others, recipe(teacher), 0)
