"""Several views: a network draws a person in another view than the one it sees, and so learns who it is.

One E and one M step a batch (signals/multiview.py) are one gradient step of a loss: the loop of all lessons is used
as it is. Validated as every network with a feature; the lower bound on fixed samples, of held-out people, is a column.

Source: Zhu, Luo, Wang, Tang, NIPS 2014.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from facerep.console import console, counted
from facerep.errors import BadInput, Usage
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.table import Faces
from facerep.networks.build import build
from facerep.networks.catalog import MULTIVIEW, row
from facerep.networks.mvp import MVP
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.signals.multiview import Model, Wanted, em_step, expectation, lower_bound
from facerep.training.lessons.held_out_faces import HeldOutFaces, cut_and_split
from facerep.training.lessons.lesson import Lesson, Note
from facerep.training.lessons.multiview_recipe import MultiViewRecipe
from facerep.training.lessons.view_triples import TripleBatches, Triples, fixed_conditions, make_triples, view_labels
from facerep.training.people_split import Split

BOUND_TRIPLES = 512
"""Held-out triples that the bound is the mean of."""


class MultiView(Lesson):
    """Draw the person in another view.

    Args:
        recipe: every choice.
        crop, cut: the faces, of which some rows train.
        judges: the faces that validate, each with its mirrored picture's crop, as extraction cuts them.
        split: rows of `cut` by use.

    Raises:
        BadInput: see view_labels and fixed_conditions; nobody has pictures in two views.
    """

    COLUMNS = ("picture", "view", "training_bound", "bound")
    SHOWN = ("picture", "view", "bound")

    recipe: MultiViewRecipe
    judging: HeldOutFaces

    def __init__(self, recipe: MultiViewRecipe, crop: Crop, cut: CutFaces, judges: CutFaces, split: Split) -> None:
        super().__init__(recipe, crop, cut, split.train, split.by)
        faces, signal = cut.faces, recipe.signal
        self.views = view_labels(faces, signal.factors, among=self.train)
        self.fixed = fixed_conditions(faces.take(self.train), signal.factors, signal.target)
        triples = make_triples(faces, self.train, self.views, self.fixed)
        if triples is None:
            of = ", ".join(f"{column}={value}" for column, value in self.fixed.items()) or "the same light as they have"
            raise BadInput(
                f"nobody has faces in two views by {', '.join(signal.factors)}, one of them with {of}", faces.root,
                "faces of a person in other views are needed, or another signal.target",
            )  # fmt: skip
        self.triples = triples
        self.alone = len(set(faces.people[self.train])) - len(set(faces.people[triples.inputs]))
        self.people = sorted(set(faces.people[triples.inputs]))
        self.answers = (self.views.labels,)
        self.faces_per_step = recipe.data.batch_size
        self.judging = HeldOutFaces(judges, recipe.data.validation_pairs, recipe.seed)
        self.held_out, self.validation, self.judged = self.judging.people, self.judging.validation, self.judging.judged
        self.card = {
            "multiview": {
                "factors": list(self.views.factors), "classes": [list(view) for view in self.views.classes],
                "fixed": self.fixed, "sigma": signal.sigma,
            }
        }  # fmt: skip
        self._held_out_triples = self._draw_held_out(judges)
        self._network: MVP | None = None
        self._bound = float("nan")

    @classmethod
    def prepare(cls, material: Faces, recipe: MultiViewRecipe, workers: int) -> Self:
        """The lesson on faces of labelled people and views.

        Raises:
            BadInput: see the class and cut_and_split.
            Usage: a network that draws no views.
        """
        shape = row(recipe.network.name)
        if shape.family not in MULTIVIEW:
            raise Usage(f"network {shape.name} draws no views", hint="give --network mvp-32-conv or mvp-32")
        view_labels(material, recipe.signal.factors)  # before a pixel is read
        crop, cut, judges, split = cut_and_split(material, recipe, workers)
        return cls(recipe, crop, cut, judges, split)

    def describe(self) -> str:
        views = counted(len(self.views.classes), "view")
        return (
            f"{views} by {', '.join(self.views.factors)}; {counted(len(self.triples.inputs), 'face')} of "
            f"{counted(len(self.people), 'person', 'people')}, crop {self.crop}, {len(self.failures)} failed; "
            f"validation by {self.by}, {self.judged} pairs"
        )

    def remarks(self) -> list[str]:
        if not self.alone:
            return []
        return [f"{counted(self.alone, 'person', 'people')} with one view only: not trained on"]

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> TripleBatches:
        choice = self.recipe.data
        return TripleBatches(
            self.triples, choice.batch_size, self.recipe.seed, wanted=choice.wanted, balanced=choice.balanced,
            rank=rank, replicas=replicas, now=now,
        )  # fmt: skip

    def make_network(self) -> MVP:
        choice = self.recipe.network
        asked = replace(row(choice.name), random_units=self.recipe.signal.random_units, classes=len(self.views.classes))
        network = build(asked, normalise=choice.normalise, dropout=choice.dropout)
        assert isinstance(network, MVP)
        return network

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,  # noqa: ARG002
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        assert isinstance(network, MVP)
        signal, n = self.recipe.signal, len(pictures) // (1 + self.recipe.data.wanted)
        faces = normalise(pictures[:n, 0])
        wanted = wanted_of(pictures[n:, 0], answers[0][n:], n)
        if self.recipe.data.augment:
            faces = augment(faces, draws, self.recipe.data.augment, mirror=False, place_only=True)
        samples = torch.rand(n, signal.samples, network.row.random_units, generator=draws).to(faces.device)
        found = em_step(model_of(network, network(faces)), samples, wanted, signal.sigma)
        # divided so that it is near the mean squared error of a pixel, whatever sigma and the picture's size are
        scale = 2 * signal.sigma**2 / wanted.pictures.shape[2]
        best = -scale * found.best.mean()
        note("picture", -scale * found.terms.picture.mean() - _constant(signal.sigma))
        note("view", found.terms.view.mean())
        note("training_bound", found.bound.mean())
        return best

    def validate(self, network: Network, pictures: Tensor) -> None:
        assert isinstance(network, MVP)
        self._network = network
        self.judging.validate(network, pictures)

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        if self._network is not None and self._held_out_triples is not None:
            self._bound = self._held_out_bound(self._network, *self._held_out_triples)
        return self.judging.judge()

    def measured(self) -> dict[str, float]:
        return {} if self._held_out_triples is None else {"bound": self._bound}

    def _draw_held_out(self, judges: CutFaces) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Rows of `judges` that go in and that are to be drawn, and the views of these; None where there are none."""
        views = view_labels(judges.faces, self.views.factors, self.views.classes)
        triples: Triples | None = make_triples(judges.faces, np.arange(len(judges.faces)), views, self.fixed)
        if triples is None:
            console.warn("held-out people have no faces in two views: no bound is reported")
            return None
        rows, drawn = triples.draw(BOUND_TRIPLES, np.random.default_rng(self.recipe.seed), balanced=True)
        return rows, drawn[:, 0], views.labels[drawn[:, 0]]

    def _held_out_bound(self, network: MVP, rows: np.ndarray, drawn: np.ndarray, labels: np.ndarray) -> float:
        """The mean lower bound on fixed samples."""
        signal, device = self.recipe.signal, network.fixed.device
        pixels = self.judging.judges.pixels[:, 0]
        draws = torch.Generator().manual_seed(self.recipe.seed)
        found = []
        for part in np.array_split(np.arange(len(rows)), max(1, len(rows) // 128)):
            faces, pictures = (torch.from_numpy(pixels[which[part]]).to(device) for which in (rows, drawn))
            samples = torch.rand(len(part), signal.samples, network.row.random_units, generator=draws).to(device)
            wanted = wanted_of(pictures, torch.from_numpy(labels[part]).to(device), len(part))
            with torch.no_grad():
                model = model_of(network, network(normalise(faces)))
            found.append(lower_bound(expectation(model, samples, wanted, signal.sigma).log_weights))
        return float(torch.cat(found).mean())


def wanted_of(pictures: Tensor, views: Tensor, faces: int) -> Wanted:
    """What is to be drawn, of pictures uint8 (faces x t, h, w, c) and views int (faces x t,), face by face."""
    return Wanted(normalise(pictures).reshape(faces, len(pictures) // faces, -1), views.reshape(faces, -1))


def model_of(network: MVP, identity: Tensor) -> Model:
    """The model of the signal: h2_id (n, feature) put in."""
    return Model(lambda samples: network.draw(identity, samples)[2], network.log_views)


def _constant(sigma: float) -> float:
    """What log p(y) has beside the squared error, in the scale of the loss."""
    return 2 * sigma**2 * float(np.log(sigma * np.sqrt(2 * np.pi)))
