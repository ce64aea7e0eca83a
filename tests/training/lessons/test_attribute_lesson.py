"""Teaching attributes: a run like any other, that goes on exactly, from random weights or from a network."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, Mismatch, Stopped, Usage
from facerep.faces.crops import PRESETS, Crop
from facerep.networks.weights import load_model
from facerep.readers.cache import CutFaces, cut_all
from facerep.readers.load import load
from facerep.training import each_epoch
from facerep.training.lessons.attribute_recipe import AttributeRecipe, read_attribute_recipe
from facerep.training.lessons.attributes import AnsweredFaces, EpochOrder, identities
from facerep.training.machine import Machine
from facerep.training.train import train

HERE = Machine(device="cpu", workers=0)
CROP = Crop(PRESETS["loose"], 31, 31)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def cut(people_folder: Path) -> CutFaces:
    return cut_all(load(people_folder), CROP, workers=0)


def answered(cut: CutFaces) -> AnsweredFaces:
    """Two attributes that depend on the person; people 4 and 5 validate."""
    person = np.array([int(name[-1]) for name in cut.faces.people])
    answers = np.stack([np.where(person % 2 == 0, 1, -1), np.where(person < 3, 1, -1)], axis=1).astype(np.int8)
    answers[0, 1] = 0
    rows = np.flatnonzero(person < 4), np.flatnonzero(person >= 4)
    return AnsweredFaces(CROP, cut, ("even", "low"), answers, *rows, "a test")


def recipe(start: str = "", **changes: object) -> AttributeRecipe:
    settings = {"schedule.epochs": 3, "data.batch_size": 4, **changes}
    return read_attribute_recipe(start, "deepid-31x31", [], settings)


def teach(cut: CutFaces, folder: Path, chosen: AttributeRecipe | None = None, **options: bool) -> None:
    train(answered(cut), chosen or recipe(), folder, machine=HERE, **options)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def test_a_run_is_one_that_extract_can_use(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "run")
    model = load_model(tmp_path / "run")
    assert (model.row.name, model.card["taught"], model.card["people"]) == ("deepid-31x31", "attributes", 4)
    assert (tmp_path / "run" / "people.txt").read_text().split() == [f"person_{number}" for number in range(4)]
    with (tmp_path / "run" / "metrics.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["epoch"] for line in lines] == ["0", "1", "2"]
    assert all(float(line["attributes"]) > 0 and 0 <= float(line["validation_accuracy"]) <= 1 for line in lines)


def test_what_can_be_learned_is_learned(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "run", recipe(**{"schedule.epochs": 12, "data.augment": 0.0, "network.dropout": 0.0}))
    with (tmp_path / "run" / "metrics.csv").open(newline="") as stream:
        losses = [float(line["attributes"]) for line in csv.DictReader(stream)]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("stopped_in", [1, 2])
def test_a_stopped_run_goes_on_to_exactly_the_weights_of_an_unbroken_one(
    cut: CutFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_in: int
) -> None:
    teach(cut, tmp_path / "whole")
    original = each_epoch.EachEpoch.on_train_epoch_start

    def stop(self, trainer, tutor):
        if trainer.current_epoch == stopped_in:
            raise Stopped(2)
        original(self, trainer, tutor)

    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_start", stop)
    with pytest.raises(Stopped):
        teach(cut, tmp_path / "broken")
    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_start", original)
    teach(cut, tmp_path / "broken", resume=True)
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert all(torch.equal(whole[key], broken[key]) for key in whole)


def test_a_run_is_not_resumed_with_other_answers(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "run", recipe(**{"schedule.epochs": 1}))
    other = replace(answered(cut), answers=-answered(cut).answers)
    with pytest.raises(BadInput, match="people, labels or parts differ from this run's"):
        train(other, recipe(**{"schedule.epochs": 1}), tmp_path / "run", machine=HERE, resume=True)


def test_fine_tuning_starts_from_the_weights_of_a_run(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "first")
    tiny = {"schedule.epochs": 1, "schedule.rate": 1e-12}
    teach(cut, tmp_path / "second", recipe(start=str(tmp_path / "first"), **tiny))
    before, after = (load_model(tmp_path / name).network.state_dict() for name in ("first", "second"))
    kept = [key for key in before if "running" not in key and "batches" not in key]
    assert all(torch.allclose(before[key], after[key], atol=1e-6) for key in kept)
    other = read_attribute_recipe("", "deepid-39x31", [], {"network.start": str(tmp_path / "first")})
    with pytest.raises(Mismatch, match="deepid-39x31 cannot start from deepid-31x31"):
        teach(cut, tmp_path / "third", other)


def test_identities_can_be_taught_beside_attributes(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "joint", recipe(**{"signal.id": 0.5}))
    with (tmp_path / "joint" / "metrics.csv").open(newline="") as stream:
        assert all(float(line["id"]) > 0 for line in csv.DictReader(stream))
    assert not any("heads" in name for name in load_model(tmp_path / "joint").network.state_dict())
    teach(cut, tmp_path / "alone")
    with (tmp_path / "alone" / "metrics.csv").open(newline="") as stream:
        assert all(line["id"] == "" for line in csv.DictReader(stream))


def test_only_training_people_with_two_faces_are_identified() -> None:
    people = np.array(["a", "b", "a", "", "", "c", "c"], object)
    assert identities(people, np.array([0, 1, 2, 3, 4, 5])).tolist() == [0, -1, 0, -1, -1, -1, -1]


def test_the_recipe_takes_the_network_from_the_start_and_its_faults_are_one_line(cut: CutFaces, tmp_path: Path) -> None:
    teach(cut, tmp_path / "run")
    found = read_attribute_recipe(
        str(tmp_path / "run"), None, ["data.augment=0.25"], {"seed": 3, "schedule.rate": None}
    )
    assert (found.network.name, found.network.start) == ("deepid-31x31", str(tmp_path / "run"))
    assert (found.data.augment, found.seed) == (0.25, 3)
    with pytest.raises(Usage, match="unknown recipe key `data.augmnt`; did you mean `data.augment`?"):
        read_attribute_recipe("", "deepid2", ["data.augmnt=1"], {})
    with pytest.raises(BadInput, match="no network 'deepid3'"):
        read_attribute_recipe("", "deepid3", [], {})
    with pytest.raises(Usage, match="network pixels has no weights to train"):
        read_attribute_recipe("", "pixels", [], {})
    with pytest.raises(BadInput, match="no weights to start from: pixels"):
        read_attribute_recipe("pixels", None, [], {})


def test_each_face_comes_once_an_epoch_in_an_order_of_its_own() -> None:
    epoch = 0
    order = EpochOrder(np.arange(100, 120), 6, seed=1, now=lambda: epoch)
    first = list(order)
    assert len(order) == len(first) == 3
    assert len(set(np.concatenate(first))) == 18
    assert all((one == other).all() for one, other in zip(first, order, strict=True))
    epoch = 1
    assert not all((one == other).all() for one, other in zip(first, order, strict=True))
    assert [len(batch) for batch in EpochOrder(np.arange(3), 6, seed=1, now=lambda: 0)] == [3]


def test_ranks_share_an_epoch_and_no_face() -> None:
    orders = [EpochOrder(np.arange(20), 3, 1, lambda: 0, rank=rank, replicas=2) for rank in range(2)]
    batches = [list(order) for order in orders]
    assert [len(order) for order in orders] == [len(each) for each in batches] == [3, 3]
    assert len(set(np.concatenate(batches[0] + batches[1]))) == 18
    in_turns = [batch for both in zip(*batches, strict=True) for batch in both]
    assert (np.concatenate(in_turns) == np.concatenate(list(EpochOrder(np.arange(20), 3, 1, lambda: 0)))).all()
