"""Pairs: are two faces of one person? Taught to a hybrid ConvNet-RBM, in three stages of one run.

The networks learn alone, each in one mode of a pair at a time; then the RBM is fitted to what they give for people whom
they have not seen; then everything is tuned together, through the means over all eight modes, at a low rate.
Source: Sun, Wang, Tang, ICCV 2013, section 3.4; docs/pairs.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Sampler

from facerep.console import console, counted
from facerep.faces.augment import augment
from facerep.faces.batches import normalise, one_view
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.metrics.clusters import clusters
from facerep.metrics.pair_draws import count_pairs, draw_pairs
from facerep.networks.hybrid.convnet_rbm import DIFFERENT, SAME, STAGES, ConvNetRBM
from facerep.networks.hybrid.rbm import ClassificationRBM
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces, cut_all
from facerep.results.figures import Rate
from facerep.signals.pair import rbm_loss, softmax_losses
from facerep.training.held_out import judge_scores
from facerep.training.lessons.lesson import Lesson, Note, crop_of, require_finite
from facerep.training.lessons.pair_recipe import PairRecipe
from facerep.training.people_split import Split, doubts, split_people
from facerep.training.sampler import PeopleBatches

NETWORKS, RBM, TUNED = range(len(STAGES))
FITTED = 200
"""Iterations at most in which the RBM is fitted."""


class PairLesson(Lesson):
    """Which pairs of a batch are of one person?

    Attributes:
        pairs: rows of `cut` on both sides, and kind, of the pairs that validate.
        of_rbm: training people whom only the later stages see, bool by number.
    """

    COLUMNS = ("pair", "rbm", "one_network", "all_modes", "all_groups")
    SHOWN = ("pair", "rbm")
    ALONE = True

    recipe: PairRecipe

    def __init__(self, recipe: PairRecipe, crop: Crop, cut: CutFaces, split: Split) -> None:
        super().__init__(recipe, crop, cut, split.train, split.by)
        people, choice = cut.faces.people, recipe.data
        self.people = sorted(set(people[self.train]))
        self.held_out = sorted(set(people[split.validation]))
        numbers = {person: number for number, person in enumerate(self.people)}
        labels = np.full(len(people), -1, np.int64)
        labels[self.train] = [numbers[person] for person in people[self.train]]
        self.answers = labels, np.arange(len(labels))
        chance = np.random.default_rng((recipe.seed, 1))
        apart = round(recipe.signal.rbm_people * len(self.people))
        self.of_rbm = np.zeros(len(self.people), bool)
        if min(apart, len(self.people) - apart) >= 2:
            self.of_rbm[chance.permutation(len(self.people))[:apart]] = True
        self.faces_per_step = self._batches_of(~self.of_rbm).people * choice.pictures_per_person
        whose = people[split.validation]
        most = min(choice.validation_pairs // 2, *count_pairs(whose))
        left, right, same = draw_pairs(whose, most, seed=recipe.seed)
        self.pairs = split.validation[left], split.validation[right], same
        # the two faces of a pair come one after the other, so that they are in one batch
        self.validation = cut.pixels, np.stack(self.pairs[:2], axis=1).ravel()
        self.clusters = clusters(whose[left], whose[right], "people")
        self.judged = len(left)
        self.card = {"taught": "pairs", "rule": ""}
        self.split = {"rbm": [person for person, apart in zip(self.people, self.of_rbm, strict=True) if apart]}
        self._bootstraps = torch.from_numpy(self._draw_bootstraps())
        self._outputs: list[tuple[Tensor, Tensor]] = []
        self._scores: list[dict[str, Tensor]] = []
        self._measured: dict[str, float] = {}

    @classmethod
    def prepare(cls, material: Faces, recipe: PairRecipe, workers: int) -> Self:
        """The lesson on labelled faces.

        Raises:
            BadInput: see split_people and cut_all.
        """
        crop = crop_of(material, recipe)
        split_people(material, recipe.data, recipe.seed)  # bad input is reported before a pixel is read
        cut = cut_all(material, crop, workers=workers)
        split = split_people(cut.faces, recipe.data, recipe.seed)
        for doubt in doubts(cut.faces, split):
            console.warn(doubt)
        return cls(recipe, crop, cut, split)

    def describe(self) -> str:
        return (
            f"pairs of {counted(len(self.train), 'face')} of {counted(len(self.people), 'person', 'people')}, "
            f"{self.of_rbm.sum()} of them for the RBM, crop {self.crop}, {len(self.failures)} failed; "
            f"validation by {self.by}, {self.judged} pairs"
        )

    def _draw_bootstraps(self) -> np.ndarray:
        """How often each network counts each person, float32 (networks, people)."""
        row = self.make_network().row
        networks, people = len(row.groups) * row.networks, len(self.people)
        if row.networks == 1 or not self.recipe.signal.bootstrap:
            return np.ones((networks, people), np.float32)
        chance = np.random.default_rng((self.recipe.seed, 2))
        return chance.poisson(1.0, (networks, people)).astype(np.float32)

    def _batches_of(self, people: np.ndarray, **stream: Any) -> PeopleBatches:
        labels, choice = self.answers[0], self.recipe.data
        kept = np.where((labels >= 0) & people[labels], labels, -1)
        kept[kept >= 0] = np.unique(kept[kept >= 0], return_inverse=True)[1]
        return PeopleBatches(
            kept, people=choice.people_per_batch, pictures=choice.pictures_per_person, balance=choice.balance,
            cap=choice.cap, seed=self.recipe.seed, **stream,
        )  # fmt: skip

    def stage(self, epoch: int) -> int:
        """What is learned in an epoch, a place in STAGES."""
        schedule = self.recipe.schedule
        first_tuned = schedule.epochs - schedule.tuned_epochs
        return NETWORKS if epoch < first_tuned - 1 else RBM if epoch < first_tuned else TUNED

    def begins(self, epoch: int) -> bool:
        return epoch > 0 and self.stage(epoch) != self.stage(epoch - 1)

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> StageBatches:
        stream = {"rank": rank, "replicas": replicas, "now": now}
        others = self.of_rbm if self.of_rbm.any() else ~self.of_rbm
        everybody = np.ones_like(self.of_rbm)
        by_stage = [self._batches_of(people, **stream) for people in (~self.of_rbm, others, everybody)]
        return StageBatches(by_stage, lambda: self.stage(now()))

    def rate(self, done: float) -> float:
        """The rate rises and falls while the networks learn, and falls again from a lower one while all is tuned."""
        schedule = self.recipe.schedule
        networks = (schedule.epochs - schedule.tuned_epochs - 1) / schedule.epochs
        tuned = schedule.tuned_epochs / schedule.epochs
        if done < networks:
            return super().rate(done / networks)
        left = (1 - done) / tuned if tuned else 0.0
        return schedule.tuned_rate * max(1e-3, 0.5 * (1 - math.cos(math.pi * min(1.0, left))))

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        assert isinstance(network, ConvNetRBM)
        people, rows = answers
        faces = augment(normalise(one_view(pictures, draws)), draws, self.recipe.data.augment)
        # a step in the middle of an epoch stands for the place, so that rounding cannot take it to the epoch before
        stage = self.stage(math.floor(epochs + 1e-6))
        self._enter(network, stage)
        left, right, same = batch_pairs(people.cpu(), rows.cpu(), draws)
        if stage == NETWORKS:
            weights = self._weights(people[left].cpu(), people[right].cpu(), same)
            logits = network.logits(faces, left.to(faces.device), right.to(faces.device))
            losses = softmax_losses(logits, same.to(faces.device), weights.to(faces.device))
            note("pair", losses.mean())
            return losses.sum()  # they share no weight
        few = torch.randperm(len(left), generator=draws)[: max(2, round(self.recipe.signal.in_all_modes * len(left)))]
        left, right, same = left[few].to(faces.device), right[few].to(faces.device), same[few].to(faces.device)
        network.now.networks.eval()
        with torch.set_grad_enabled(stage == TUNED):
            pooled = network.pooled(network.modes(faces, left, right))
            loss = rbm_loss(network.now.rbm(pooled), same)
        note("rbm", loss)
        if stage == TUNED:
            return loss
        self._outputs.append((pooled, same))
        return torch.zeros((), device=faces.device, requires_grad=True)  # of which no weight has a gradient

    def _enter(self, network: ConvNetRBM, stage: int) -> None:
        if stage == TUNED and int(network.stage) < TUNED:
            network.keep()
        network.stage.fill_(stage)

    def _weights(self, left: Tensor, right: Tensor, same: Tensor) -> Tensor:
        """How much each network counts each pair: as often as its draw of the people has both, (networks, p)."""
        one, other = self._bootstraps[:, left], self._bootstraps[:, right]
        return torch.where(same, one, one * other)

    def validate(self, network: Network, pictures: Tensor) -> None:
        assert isinstance(network, ConvNetRBM)
        if self._outputs:
            pooled, same = (torch.cat(part) for part in zip(*self._outputs, strict=True))
            self._outputs = []
            with torch.inference_mode(False), torch.enable_grad():
                fit_rbm(network.now.rbm, pooled.clone(), same.clone(), self.recipe.signal.rbm_decay)
        faces = normalise(pictures[:, 0])
        pair = torch.arange(len(faces) // 2, device=faces.device) * 2
        modes = network.modes(faces, pair, pair + 1)
        pooled = network.pooled(modes)
        logits = network.now.rbm(pooled)
        found = {
            "one_network": modes[0, 0],
            "all_modes": modes[0].mean(dim=0),
            "all_groups": pooled.mean(dim=1),
            "rbm": logits[:, SAME] - logits[:, DIFFERENT],
            "stage": network.stage.expand(len(pair)),
        }
        self._scores.append({name: values.double().cpu() for name, values in found.items()})

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        found = {name: torch.cat([part[name] for part in self._scores]).numpy() for name in self._scores[0]}
        self._scores = []
        stage = int(found.pop("stage")[0])
        for scores in found.values():
            require_finite(scores, "scores")
        rates = {name: judge_scores(scores, self.pairs[2], self.clusters)[0] for name, scores in found.items()}
        self._measured = {name: rates[name].value for name in ("one_network", "all_modes", "all_groups")}
        return rates["all_groups" if stage == NETWORKS else "rbm"], {"stage": STAGES[stage]}

    def measured(self) -> dict[str, float]:
        return self._measured


class StageBatches(Sampler[np.ndarray]):
    """Batches of the people whom the stage of an epoch is for; as many in each epoch as while the networks learn."""

    def __init__(self, by_stage: Sequence[PeopleBatches], now: Callable[[], int]) -> None:
        self.by_stage, self.now = by_stage, now

    def __len__(self) -> int:
        return len(self.by_stage[NETWORKS])

    def __iter__(self) -> Iterator[np.ndarray]:
        # a generator: the epoch is asked for when the first batch is drawn, not when a loader is made ready
        batches = self.by_stage[self.now()]
        batches.batches = len(self)
        yield from batches


def batch_pairs(people: Tensor, rows: Tensor, draws: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """All genuine pairs of a batch and as many impostor pairs, drawn, each in one order or the other.

    Args:
        people: number of each face's person, int64 (n,).
        rows: of the faces in their table, (n,): a face that is in the batch twice makes no pair with itself.
        draws: decides.

    Returns:
        Places in the batch on both sides, and whether they are of one person, (p,) each.
    """
    one, other = torch.triu_indices(len(people), len(people), 1)
    same = people[one] == people[other]
    genuine = torch.nonzero(same & (rows[one] != rows[other]))[:, 0]
    impostor = torch.nonzero(~same)[:, 0]
    impostor = impostor[torch.randperm(len(impostor), generator=draws)[: len(genuine)]]
    chosen = torch.cat([genuine, impostor])
    turned = torch.rand(len(chosen), generator=draws) < 0.5
    one, other = one[chosen], other[chosen]
    return torch.where(turned, other, one), torch.where(turned, one, other), same[chosen]


def fit_rbm(rbm: ClassificationRBM, pooled: Tensor, same: Tensor, decay: float) -> None:
    """Fit an RBM to numbers (n, inputs) whose pairs are of one person or not, bool (n,), by its exact gradient."""
    weights = [rbm.seen, rbm.classes]
    search = torch.optim.LBFGS(rbm.parameters(), max_iter=FITTED, line_search_fn="strong_wolfe", tolerance_grad=1e-6)

    def closure() -> Tensor:
        search.zero_grad()
        loss = rbm_loss(rbm(pooled), same) + decay / 2 * torch.stack([(item**2).sum() for item in weights]).sum()
        loss.backward()
        return loss

    search.step(closure)
    search.zero_grad()
