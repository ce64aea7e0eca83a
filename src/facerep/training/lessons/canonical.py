"""Canonical view: from any picture of a person, the person's canonical one; or one picture of each view.

Source: FIP, ICCV 2013, section 3; without labels arXiv 1404.3543, section 3. Several views: the multi-task network
that MVP (NIPS 2014, section 4) is compared with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from facerep.console import counted
from facerep.errors import Usage
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.faces.table import Faces, as_text
from facerep.networks.build import build
from facerep.networks.catalog import RECONSTRUCTING, row
from facerep.networks.fip import Reconstruction
from facerep.networks.network import Network
from facerep.readers.cache import CutFaces
from facerep.results.figures import Rate
from facerep.signals.canonical import squared_error
from facerep.training.lessons.attributes import EpochOrder
from facerep.training.lessons.canonical_recipe import CanonicalRecipe
from facerep.training.lessons.canonical_targets import MEASURE, Targets, choose_targets, chosen_rule
from facerep.training.lessons.held_out_faces import HeldOutFaces, cut_and_split
from facerep.training.lessons.lesson import Lesson, Note
from facerep.training.people_split import Split


class CanonicalView(Lesson):
    """What does this person look like from the front, in plain light?

    Args:
        recipe: every choice.
        crop, cut: the faces, of which some rows train.
        judges: the faces that validate, each with its mirrored picture's crop, as extraction cuts them.
        split: rows of `cut` by use.

    Attributes:
        targets: of the training people.
        wanted: their pixels, uint8 (people, targets, height, width).
        known: which of them there are, bool (people, targets).
        chosen: labels of the first target of each person, by column.
        mirror_order: the targets of a mirrored face among those of the face; None: faces are not mirrored.
        judging: what `judges` come to.
    """

    COLUMNS = ("error", "validation_error")
    SHOWN = ("error", "validation_error")

    recipe: CanonicalRecipe
    judging: HeldOutFaces

    def __init__(self, recipe: CanonicalRecipe, crop: Crop, cut: CutFaces, judges: CutFaces, split: Split) -> None:
        self.judging = HeldOutFaces(judges, recipe.data.validation_pairs, recipe.seed)
        self.held_out, self.validation, self.judged = self.judging.people, self.judging.validation, self.judging.judged
        several = row(recipe.network.name).views > 1
        rule = chosen_rule(cut.faces, recipe.signal.target, several=several)
        taught = cut.faces.take(split.train)
        self.targets = choose_targets(taught, cut.pixels[split.train, 0, ..., 0], rule)
        self.wanted, self.known = pixels_of(self.targets, cut.pixels[split.train])
        place = {person: place for place, person in enumerate(self.targets.people)}
        places = np.full(len(cut.faces), -1, np.int64)
        places[split.train] = [place.get(person, -1) for person in taught.people]
        super().__init__(recipe, crop, cut, split.train[places[split.train] >= 0], split.by)
        self.answers, self.people = (places,), sorted(self.targets.people)
        self.left_out = len(split.train) - len(self.train), len(set(taught.people)) - len(self.people)
        self.faces_per_step = min(recipe.data.batch_size, len(self.train))
        self.mirror_order = _mirror_order(self.targets) if recipe.data.mirror else None
        self.chosen = {name: column[self.targets.rows[:, 0]] for name, column in taught.labels.items()}
        self.card = {"taught": "canonical", "target": rule, "targets": list(self.targets.names)}
        names = np.append(taught.names, "")[self.targets.rows]
        self.split = {"target": rule, "canonical": dict(zip(self.people, names.tolist(), strict=True))}
        held_out = choose_targets(
            judges.faces, judges.pixels[:, 0, ..., 0], rule, self.targets.names, anybody=False
        ).of(judges.faces.people)  # fmt: skip
        self._truth = torch.from_numpy(judges.pixels[:, 0, ..., 0][held_out]), torch.from_numpy(held_out >= 0)
        self._errors: list[tuple[Tensor, int]] = []
        self._validated = 0

    @classmethod
    def prepare(cls, material: Faces, recipe: CanonicalRecipe, workers: int) -> Self:
        """The lesson on labelled faces.

        Raises:
            BadInput: see cut_and_split and choose_targets.
            Usage: the network draws no pictures; or several where a person has one canonical picture.
        """
        chosen = row(recipe.network.name)
        if chosen.family not in RECONSTRUCTING:
            raise Usage(f"network {chosen.name} draws no pictures", hint="give --network fip-conv-32 or fip-32")
        rule = chosen_rule(material, recipe.signal.target, several=chosen.views > 1)
        if rule == MEASURE and chosen.views > 1:
            hint = "--set signal.target=view=* needs a column `view`; or give --network fip-conv-32"
            raise Usage(f"network {chosen.name} draws several views, the measure chooses one picture", hint=hint)
        if rule != MEASURE:  # what labels lack is reported before a pixel is read
            choose_targets(material, None, rule)
        return cls(recipe, *cut_and_split(material, recipe, workers))

    def describe(self) -> str:
        names = self.targets.names
        how = f"{self.targets.rule}, {len(names)} targets" if len(names) > 1 else self.targets.rule
        return (
            f"{counted(len(self.train), 'face')} of {counted(len(self.people), 'person', 'people')}, canonical "
            f"pictures by {how}, crop {self.crop}, {len(self.failures)} failed; validation by {self.by}, "
            f"{self.judged} pairs"
        )

    def remarks(self) -> list[str]:
        faces, people = self.left_out
        remarks = []
        if people:
            remarks.append(
                f"{counted(people, 'person', 'people')} without a canonical picture ({self.targets.rule}) left out, "
                f"{counted(faces, 'face')}"
            )
        if self.targets.rule == MEASURE and "view" in self.chosen:
            views = Counter(as_text(self.chosen["view"]).tolist()).most_common(3)
            shares = ", ".join(f"{view or '(none)'} of {count:,}" for view, count in views)
            remarks.append(
                f"views that the measure chose, of {counted(len(self.people), 'person', 'people')}: {shares}"
            )
        return remarks

    def batches(self, *, rank: int, replicas: int, now: Callable[[], int]) -> EpochOrder:
        size = self.recipe.data.batch_size
        return EpochOrder(self.train, size, self.recipe.seed, now, rank=rank, replicas=replicas)

    def make_network(self) -> Network:
        choice = self.recipe.network
        drawn = replace(row(choice.name), views=len(self.targets.names))
        network = build(drawn, normalise=choice.normalise, dropout=choice.dropout)
        assert isinstance(network, Reconstruction)
        network.start_from(self.mean_picture())
        return network

    def mean_picture(self) -> Tensor:
        """The mean of the canonical pictures, view by view: float (targets, height, width) in -1..1."""
        shares = self.known.float()[:, :, None, None]
        return (_levels(self.wanted) * shares).sum(0) / shares.sum(0).clamp(min=1)

    def step(
        self,
        network: Network,
        pictures: Tensor,
        answers: Sequence[Tensor],
        epochs: float,  # noqa: ARG002
        note: Note,
        draws: torch.Generator,
    ) -> Tensor:
        assert isinstance(network, Reconstruction)
        (places,) = answers
        self.wanted, self.known = self.wanted.to(places.device), self.known.to(places.device)
        faces, wanted, known = normalise(pictures[:, 0]), _levels(self.wanted[places]), self.known[places]
        if self.mirror_order is not None:
            turned = (torch.rand(len(faces), generator=draws) < 0.5).to(places.device)
            faces = torch.where(turned[:, None, None, None], faces.flip(3), faces)
            wanted = torch.where(turned[:, None, None, None], wanted[:, self.mirror_order].flip(3), wanted)
            known = torch.where(turned[:, None], known[:, self.mirror_order], known)
        if self.recipe.data.augment:
            faces = augment(faces, draws, self.recipe.data.augment, mirror=False, place_only=True)
        error = squared_error(network.pictures(faces), wanted, known)
        note("error", error)
        return error

    def validate(self, network: Network, pictures: Tensor) -> None:
        assert isinstance(network, Reconstruction)
        self.judging.validate(network, pictures)
        drawn = network.pictures(normalise(pictures[:, 0])).float().cpu()
        rows = slice(self._validated, self._validated + len(drawn))
        self._validated = rows.stop
        wanted, known = (truth[rows] for truth in self._truth)
        self._errors.append((squared_error(drawn, _levels(wanted), known), int(known.sum())))

    def judge(self) -> tuple[Rate, dict[str, Any]]:
        count = sum(known for _, known in self._errors)
        total = sum(float(error) * known for error, known in self._errors)
        self._measured = {"validation_error": total / count} if count else {}
        self._errors, self._validated = [], 0
        return self.judging.judge()

    def measured(self) -> dict[str, float]:
        return self._measured


def pixels_of(targets: Targets, pixels: np.ndarray) -> tuple[Tensor, Tensor]:
    """The pictures of targets, uint8 (people, targets, height, width), and which there are, bool (people, targets).

    Args:
        targets: rows of the faces.
        pixels: of the faces, grey, uint8 (n, views, height, width, 1).
    """
    return torch.from_numpy(pixels[targets.rows, 0, ..., 0]), torch.from_numpy(targets.rows >= 0)


def _levels(pictures: Tensor) -> Tensor:
    """uint8 to -1..1, as faces come to a network."""
    return (pictures.float() - 127.5) / 127.5


def _mirror_order(targets: Targets) -> list[int] | None:
    """Where the targets of a mirrored face stand among those of the face: of one target itself, of view 30 view -30.

    None where names are no views, or lie on one side: there is no telling what a mirrored face's would be.
    """
    if len(targets.names) == 1:
        return [0]
    if "view=*" not in targets.rule.replace(" ", ""):
        return None
    place = {name: place for place, name in enumerate(targets.names)}
    other = [f"-{name}" if name != "0" and not name.startswith("-") else name.removeprefix("-") for name in place]
    return [place[name] for name in other] if all(name in place for name in other) else None
