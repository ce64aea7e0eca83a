"""Teaching pairs: which pairs a batch gives, the three stages, a run that goes on exactly."""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, Stopped, Usage
from facerep.networks.hybrid.convnet_rbm import ConvNetRBM
from facerep.networks.hybrid.rbm import ClassificationRBM
from facerep.networks.weights import load_model, load_pair_model
from facerep.readers.load import load
from facerep.signals.pair import rbm_loss
from facerep.training import each_epoch
from facerep.training.lessons.catalog import read_run_recipe
from facerep.training.lessons.pair import NETWORKS, RBM, TUNED, PairLesson, batch_pairs, fit_rbm
from facerep.training.lessons.pair_recipe import PairRecipe
from facerep.training.machine import Machine
from facerep.training.train import train

HERE = Machine(device="cpu", workers=0)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


def recipe(**changes: object) -> PairRecipe:
    settings = {
        "signal.loss": "pair", "network.name": "convnet-rbm-face", "schedule.epochs": 4, "schedule.tuned_epochs": 1,
        "data.people_per_batch": 2, "data.held_out": 0.34, "signal.rbm_people": 0.5, "signal.in_all_modes": 1.0,
        **changes,
    }  # fmt: skip
    chosen = read_run_recipe("modern", settings)
    assert isinstance(chosen, PairRecipe)
    return chosen


def teach(faces: Path, folder: Path, chosen: PairRecipe | None = None, **options: bool) -> None:
    train(load(faces), chosen or recipe(), folder, machine=HERE, **options)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def metrics(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_batch_gives_all_its_genuine_pairs_and_as_many_impostor_pairs() -> None:
    people, rows = torch.tensor([0, 0, 0, 1, 1, 2, 2]), torch.tensor([10, 11, 12, 20, 20, 30, 31])
    left, right, same = batch_pairs(people, rows, torch.Generator().manual_seed(4))
    pairs = {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}
    genuine = {frozenset(pair) for pair in itertools.combinations(range(7), 2) if people[pair[0]] == people[pair[1]]}
    assert {pair for pair, kind in zip(pairs, same, strict=False)} >= genuine - {frozenset((3, 4))}
    assert frozenset((3, 4)) not in pairs  # one face, twice in the batch
    assert len(pairs) == len(left) == 8
    assert same.sum() == 4
    assert torch.equal(people[left] == people[right], same)


def test_pairs_come_in_both_orders() -> None:
    people = torch.arange(8) // 4
    left, right, _ = batch_pairs(people, torch.arange(8), torch.Generator().manual_seed(0))
    assert 0 < (left < right).sum() < len(left)


def test_the_rbm_is_fitted_to_where_its_gradient_is_none() -> None:
    torch.manual_seed(0)
    pooled = torch.rand(300, 3)
    same = pooled.mean(dim=1) + 0.1 * torch.randn(300) > 0.5
    rbm, decay = ClassificationRBM(3, 4), 1e-3
    before = rbm_loss(rbm(pooled), same)
    fit_rbm(rbm, pooled, same, decay)
    loss = rbm_loss(rbm(pooled), same) + decay / 2 * (rbm.seen.square().sum() + rbm.classes.square().sum())
    slopes = torch.autograd.grad(loss, [*rbm.parameters()])
    assert max(float(slope.abs().max()) for slope in slopes) < 2e-3
    assert rbm_loss(rbm(pooled), same) < 0.7 * before


def test_the_stages_follow_each_other(people_folder: Path) -> None:
    lesson = PairLesson.prepare(load(people_folder), recipe(), 0)
    assert [lesson.stage(epoch) for epoch in range(4)] == [NETWORKS, NETWORKS, RBM, TUNED]
    epoch = [0]
    batches = lesson.batches(rank=0, replicas=1, now=lambda: epoch[0])
    seen = []
    for epoch[0] in range(4):
        people = {int(person) for rows in batches for person in lesson.answers[0][rows]}
        seen.append(people)
        assert len(list(batches)) == len(batches)
    apart = set(np.flatnonzero(lesson.of_rbm).tolist())
    assert len(apart) == 2
    assert not seen[0] & apart
    assert not seen[1] & apart
    assert seen[2] == apart
    assert all(person >= 0 for person in seen[3])
    assert not {*np.array(lesson.people)} & {*lesson.held_out}


def test_the_rate_falls_in_the_networks_stage_and_again_from_a_low_one_at_the_end(people_folder: Path) -> None:
    lesson = PairLesson.prepare(load(people_folder), recipe(), 0)
    assert lesson.rate(0.0) < lesson.rate(0.1)
    assert lesson.rate(0.1) > 0.9
    assert lesson.rate(0.499) < 0.01
    assert lesson.rate(0.75) == pytest.approx(0.05)
    assert lesson.rate(0.999) < 0.001


def test_each_stage_moves_its_own_weights(people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    notice = each_epoch.EachEpoch.on_train_epoch_end

    def noticed(self, trainer, tutor) -> None:
        notice(self, trainer, tutor)
        kept.append({name: value.clone() for name, value in tutor.network.state_dict().items()})

    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_end", noticed)
    teach(people_folder, tmp_path / "run")
    moved = [
        {name.split(".")[1] for name in a if name.startswith("now.") and not torch.equal(a[name], b[name])}
        for a, b in itertools.pairwise(kept)
    ]
    assert moved == [{"networks"}, {"rbm"}, {"networks", "rbm"}]
    assert [int(state["stage"]) for state in kept] == [0, 0, 1, 2]
    for name, value in kept[2].items():  # what the tuning began with is kept
        if name.startswith("now."):
            assert torch.equal(kept[3][name.replace("now.", "before.", 1)], value), name


def test_a_run_says_how_right_each_step_is(people_folder: Path, tmp_path: Path) -> None:
    teach(people_folder, tmp_path / "run")
    rows = metrics(tmp_path / "run")
    assert len(rows) == 4
    for row in rows:
        assert all(0 <= float(row[name]) <= 1 for name in ("one_network", "all_modes", "all_groups"))
    assert rows[0]["pair"]
    assert float(rows[0]["validation_accuracy"]) == float(rows[0]["all_groups"])
    model = load_pair_model(tmp_path / "run")
    assert isinstance(model.network, ConvNetRBM)
    assert model.card["taught"] == "pairs"
    assert model.rule == ""


def test_the_weights_that_are_kept_are_of_the_last_stage_whatever_was_more_right_before(
    people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, told = PairLesson.judge, iter([0.9, 0.8, 0.7, 0.6, 0.5])

    def falling(self):
        rate, card = judge(self)
        return replace(rate, value=next(told)), card

    monkeypatch.setattr(PairLesson, "judge", falling)
    teach(people_folder, tmp_path / "run", recipe(**{"schedule.epochs": 5, "schedule.tuned_epochs": 2}))
    model = load_pair_model(tmp_path / "run")
    assert (model.card["stage"], model.card["epoch"], model.card["validation_accuracy"]) == ("tuned", 3, 0.6)


def test_a_run_of_pairs_has_no_features(people_folder: Path, tmp_path: Path) -> None:
    teach(people_folder, tmp_path / "run", recipe(**{"schedule.epochs": 2, "schedule.tuned_epochs": 0}))
    with pytest.raises(Usage, match="scores pairs of faces, it has no features") as refused:
        load_model(tmp_path / "run")
    assert "facerep verify" in str(refused.value.hint)
    with pytest.raises(BadInput):
        load_pair_model(tmp_path / "none")


def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(people_folder, tmp_path / "whole")
    notice = each_epoch.EachEpoch.on_train_epoch_end
    for stop in (2, 3):  # before the RBM is fitted, and before all is tuned

        def stopping(self, trainer, tutor, stop=stop) -> None:
            notice(self, trainer, tutor)
            if trainer.current_epoch == stop - 1:
                raise Stopped(2)

        folder = tmp_path / f"stopped-{stop}"
        with monkeypatch.context() as patch:
            patch.setattr(each_epoch.EachEpoch, "on_train_epoch_end", stopping)
            with pytest.raises(Stopped):
                teach(people_folder, folder)
        teach(people_folder, folder, resume=True)
        wanted, found = weights(tmp_path / "whole"), weights(folder)
        assert wanted.keys() == found.keys()
        assert all(torch.equal(wanted[name], found[name]) for name in wanted)


def test_networks_of_one_group_count_people_differently(people_folder: Path) -> None:
    several = PairLesson.prepare(load(people_folder), recipe(**{"network.name": "convnet-rbm"}), 0)
    assert several._bootstraps.shape == (60, 4)
    assert len(np.unique(several._bootstraps.numpy(), axis=0)) > 20
    alone = PairLesson.prepare(load(people_folder), recipe(), 0)
    assert (alone._bootstraps == 1).all()


def test_a_setting_of_the_network_leaves_it_the_network_of_pairs() -> None:
    chosen = read_run_recipe("modern", {"signal.loss": "pair", "network.dropout": 0.1})
    assert (chosen.network.name, chosen.network.dropout) == ("convnet-rbm-small", 0.1)
    assert read_run_recipe("paper", {"signal.loss": "pair"}).network.name == "convnet-rbm"


def test_too_few_epochs_for_three_stages_are_refused() -> None:
    with pytest.raises(Usage, match="with 2 epochs there is no epoch each"):
        recipe(**{"schedule.epochs": 2})
