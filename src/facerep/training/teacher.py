"""The teacher: a network, its signals, and one step of training, as flat as a loop's body.

All randomness of a step comes from (seed, step, rank), so that a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from facerep.errors import FacerepError
from facerep.faces.augment import augment
from facerep.faces.batches import normalise, one_view
from facerep.metrics.clusters import Clusters
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.feature_statistics import VIEWS, measured, reference
from facerep.networks.sparse import hold, hold_gradients
from facerep.signals.identification import MarginHead, Softmax
from facerep.signals.margin import Margin
from facerep.signals.verification import Verification
from facerep.training.held_out import judge_pairs
from facerep.training.recipe import Recipe


class Teacher(pl.LightningModule):
    """Teaches one network with `id`, `ve` or both (DeepID2, algorithm of table 1).

    The loss of a pair is Ident_i + Ident_j + lambda Verif_ij; over the pairs of a batch and divided by two it is
    mean(Ident) + lambda / 2 mean(Verif). DeepID2+ adds the same for every supervised feature layer, equally weighted.

    Args:
        recipe: every choice.
        people: how many training people there are.
        pairs: validation pairs as metrics.pair_draws.draw_pairs gives them.
        clusters: the people of these pairs, for the interval.
    """

    def __init__(
        self, recipe: Recipe, people: int, pairs: tuple[np.ndarray, np.ndarray, np.ndarray], clusters: Clusters
    ) -> None:  # fmt: skip
        super().__init__()
        self.recipe, self.pairs, self.clusters = recipe, pairs, clusters
        signal = recipe.signal
        choice = recipe.network
        network = build(row(choice.name), normalise=choice.normalise, dropout=choice.dropout)
        self.network = network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        length = self.network.row.feature
        taught = 1 + len(self.network.below)
        self.heads = nn.ModuleList(self._head(length, people) for _ in range(taught if "id" in signal.loss else 0))
        self.verifications = nn.ModuleList(
            Verification(signal.verification, signal.share, signal.scale, unit=signal.unit)
            for _ in range(taught if "ve" in signal.loss else 0)
        )
        self.margins = nn.ModuleList(Margin(signal.margin_pairs, signal.margin_start) for _ in self.verifications)
        self.told: dict[str, float] = {}
        self._validated: list[Tensor] = []
        self._measured: dict[str, list[np.ndarray]] = {view: [] for view in VIEWS}
        self.typical: dict[str, Any] | None = None

    def _head(self, length: int, people: int) -> Softmax | MarginHead:
        signal = self.recipe.signal
        if signal.head == "softmax":
            return Softmax(length, people, signal.smoothing)
        return MarginHead(signal.head, length, people, signal.head_margin, signal.head_scale)

    def on_train_epoch_start(self) -> None:
        """Begin the sums that `summarise` divides."""
        self.sums: dict[str, Tensor] = {}
        self.steps = 0

    def training_step(self, batch: tuple[Tensor, Tensor], _number: int) -> Tensor:
        pictures, people = batch
        signal = self.recipe.signal
        # seeded by the step: how often a loader or a resumed process drew before does not matter to dropout
        step = torch.manual_seed(seed_of(self.recipe.seed, self.global_step, self.global_rank))
        seen = normalise(one_view(pictures, step))
        faces = augment(seen, step, self.recipe.data.augment, mirror=pictures.shape[1] == 1)
        features = self.network.supervised(faces)
        loss = torch.zeros((), device=self.device)
        epochs = self.global_step / max(1, self.trainer.num_training_batches)
        for head, feature in zip(self.heads, features, strict=False):
            if isinstance(head, MarginHead):
                head.bring_in(epochs / signal.head_warmup if signal.head_warmup else 1.0)
            identification = head(feature, people)
            loss = loss + identification
            self._note("id", identification)
        alone = not len(self.heads)
        weight = 1.0 if alone else signal.weight / 2 * min(1.0, epochs / signal.ramp if signal.ramp else 1.0)
        for verification, margin, feature in zip(self.verifications, self.margins, features, strict=False):
            assert isinstance(verification, Verification)
            assert isinstance(margin, Margin)
            with torch.autocast(self.device.type, enabled=False):
                distance, same = verification.distances(feature.float(), people)
                pair_loss = verification.of_distances(distance, same, margin.value)
            loss = loss + weight * pair_loss
            self._note("ve", pair_loss)
            if verification.kind == "cosine":  # it has no margin, and what it compares are no distances
                continue
            margin.update(distance.detach(), same)
            if feature is features[-1]:
                self._note("margin", margin.value)
                self._note("genuine_distance", distance[same].mean())
                self._note("impostor_distance", distance[~same].mean())
        self.steps += 1
        return loss

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:  # noqa: ARG002
        hold_gradients(self.network)

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        super().optimizer_step(*arguments, **options)
        hold(self.network)

    def _note(self, name: str, value: Tensor) -> None:
        self.sums[name] = self.sums.get(name, torch.zeros((), device=self.device)) + value.detach()

    def summarise(self) -> dict[str, float]:
        """Means over the epoch that ended, by name, and the validation accuracy."""
        taught = {"id": len(self.heads), "ve": len(self.verifications)}
        for name, total in self.sums.items():
            self.told[name] = float(total) / (self.steps * taught.get(name, 1))
        self.told["rate"] = self.optimizers().param_groups[0]["lr"]  # pyright: ignore
        return dict(self.told)

    def validation_step(self, pictures: Tensor, _number: int) -> None:
        # as extraction has it: the mean of the features of the face and of the mirrored picture's crop
        n, views = pictures.shape[:2]
        each = self.network(normalise(pictures.flatten(0, 1))).float().reshape(n, views, -1)
        features = each.mean(dim=1)
        for view, some in zip(VIEWS, (each[:, 0], features), strict=True):
            self._measured[view].append(measured(some.cpu().numpy()))
        self._validated.append(features.cpu())

    def on_validation_epoch_end(self) -> None:
        features = torch.cat(self._validated).numpy()
        self._validated.clear()
        if not np.isfinite(features).all():
            raise FacerepError("training diverged: features are not finite", hint="give a lower --rate")
        rows = {view: np.concatenate(parts) for view, parts in self._measured.items()}
        self._measured = {view: [] for view in VIEWS}
        self.typical = reference(rows, f"{len(features):,} faces of held-out people", self.clusters.count)
        found, _ = judge_pairs(features, self.pairs, self.clusters)
        self.told |= {
            "validation_accuracy": found.value, "validation_low": found.low, "validation_high": found.high,
        }  # fmt: skip

    def configure_optimizers(self) -> Any:
        schedule = self.recipe.schedule
        # weight decay on what multiplies faces, not on offsets, normalisation and the cosine signal's two numbers
        parameters = [item for item in self.parameters() if item.requires_grad]
        groups = [
            {"params": [item for item in parameters if item.ndim > 1 and item.shape[-2:-1] != (1,)]},
            {
                "params": [item for item in parameters if item.ndim <= 1 or item.shape[-2:-1] == (1,)],
                "weight_decay": 0.0,
            },
        ]
        optimizer = torch.optim.SGD(
            groups,
            lr=schedule.rate,
            momentum=schedule.momentum,
            weight_decay=schedule.decay,
            nesterov=schedule.momentum > 0,
        )
        total = schedule.epochs * len(self.trainer.datamodule.train_dataloader())  # pyright: ignore

        def rate(step: int) -> float:
            return learning_rate(schedule.shape, schedule.warmup, step / max(1, total))

        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def learning_rate(shape: str, warmup: float, done: float) -> float:
    """The learning rate as a share of its peak, when `done` of the run (0..1) is over."""
    if done < warmup:
        return 0.05 + 0.95 * done / warmup
    if shape == "constant":
        return 1.0
    if shape == "steps":
        return 1.0 if done < 0.6 else 0.1 if done < 0.85 else 0.01
    return max(1e-3, 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))))


def seed_of(*numbers: int) -> int:
    """One 63-bit seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
