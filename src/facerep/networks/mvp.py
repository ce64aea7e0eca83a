"""The multi-view perceptron: who it is in some units, which view of them in others, and a picture drawn from both.

    x ─▶ h1_id ─▶ h2_id ─┬─▶ h3_r ─▶ h4_r ─▶ y, the picture in the wanted view ─┐
                 h_v ────┴──────────────────────────────────────────────────────┴─▶ v, the view's label

Identity units (h1_id, h2_id) are determined by the picture x; view units h_v are random, each U(0, 1); all others
follow from these. ReLU everywhere but at y. Source: Zhu, Luo, Wang, Tang, NIPS 2014, section 2; sizes are ours, the
paper gives none. Family "mvp" is fully connected as the paper's; "mvp-conv" has convolutions below h1_id.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn
from torch.quasirandom import SobolEngine

from facerep.networks.catalog import CatalogRow
from facerep.networks.network import FeatureLayer, Network

SAMPLES, SEED = 32, 0
"""The fixed samples of the view units by which a picture's own view is found, see MVP.own_samples."""


class MVP(Network):
    """A multi-view perceptron at the widths of a row.

    Attributes:
        fixed: samples of the view units, float (SAMPLES, k); the same in every network with as many of them.
    """

    fixed: Tensor

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        third, fourth = row.drawing
        pixels = row.height * row.width * row.channels
        self.first, flat = _first(row, normalise)
        self.identity = FeatureLayer(flat, row.feature, normalise, dropout)
        self.third, self.turn = nn.Linear(row.feature, third), nn.Linear(row.random_units, third, bias=False)
        self.fourth = nn.Linear(third, fourth)
        self.picture = nn.Linear(fourth, pixels)
        self.view_of_picture = nn.Linear(pixels, row.classes)
        self.view_of_units = nn.Linear(row.random_units, row.classes, bias=False)
        for layer in (self.third, self.fourth):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        # far apart from the start: samples that draw the same picture cannot become different views
        nn.init.uniform_(self.turn.weight, -2, 2)
        nn.init.uniform_(self.view_of_units.weight, -2, 2)
        nn.init.zeros_(self.view_of_picture.weight)
        nn.init.zeros_(self.view_of_picture.bias)
        self.register_buffer("fixed", spread_samples(SAMPLES, row.random_units), persistent=False)

    def forward(self, faces: Tensor) -> Tensor:
        return self.identity(self.first(faces))

    def draw(self, identity: Tensor, samples: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The picture of each person in the view of each sample.

        Args:
            identity: h2_id, (n, feature).
            samples: h_v, (n, s, k), or (1, s, k) for all.

        Returns:
            h3_r, h4_r and y, flattened: (n, s, length) each.
        """
        third = functional.relu(self.third(identity)[:, None] + self.turn(samples - 0.5))
        fourth = functional.relu(self.fourth(third))
        return third, fourth, self.picture(fourth)

    def log_views(self, pictures: Tensor, samples: Tensor) -> Tensor:
        """log p(v | y, h_v): (..., classes) of pictures (..., pixels) and samples (..., k) that broadcast."""
        return (self.view_of_picture(pictures) + self.view_of_units(samples - 0.5)).log_softmax(dim=-1)

    def log_likeness(self, faces: Tensor, drawn: Tensor, sigma: float) -> Tensor:
        """How likely a face is by each picture that is drawn of it, up to a constant: (n, s).

        A network that draws one light knows no other. So slow shading is taken out of both, and gain and offset of
        the drawn picture are fitted to the face: with the correlation c of what is left, the squared error is
        |x - mean|^2 (1 - c^2).

        Args:
            faces: as forward takes them.
            drawn: flattened, (n, s, pixels).
            sigma: deviation of a pixel.
        """
        seen = self._details(faces.flatten(1))
        alike = functional.cosine_similarity(self._details(drawn), seen[:, None], dim=2).clamp_min(0)
        return -seen.square().sum(dim=1, keepdim=True) * (1 - alike.square()) / (2 * sigma**2)

    def _details(self, pictures: Tensor) -> Tensor:
        """Pictures, flattened, less the mean of a square of a quarter of their side around each pixel."""
        row = self.row
        maps = pictures.reshape(-1, row.channels, row.height, row.width)
        side = 2 * (row.height // 8) + 1
        slow = functional.avg_pool2d(maps, side, stride=1, padding=side // 2, count_include_pad=False)
        details = (maps - slow).reshape(pictures.shape)
        return details - details.mean(dim=-1, keepdim=True)

    def read(self, faces: Tensor, identity: Tensor, samples: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """What view faces show.

        Args:
            faces: as forward takes them.
            identity: their h2_id.
            samples: (1, s, k).
            sigma: deviation of a pixel.

        Returns:
            Of the samples the one by which each face is most likely, (n, k); the posterior of its view, (n, classes).
        """
        drawn = self.draw(identity, samples)[2]
        likely = self.log_likeness(faces, drawn, sigma)
        chances = self.log_views(drawn, samples).exp()
        return samples[0, likely.argmax(dim=1)], (likely.softmax(dim=1)[:, None] @ chances)[:, 0]

    def own_samples(self, faces: Tensor, identity: Tensor) -> Tensor:
        """Of the fixed samples the one by which the face itself is most likely: (n, k)."""
        drawn = self.draw(identity, self.fixed[None])[2]
        return self.fixed[self.log_likeness(faces, drawn, 1.0).argmax(dim=1)]

    def view_units(self, identity: Tensor, samples: Tensor) -> Tensor:
        """The view units that each view of a person is drawn by: (n, classes, k).

        The mean of the samples (1, s, k), each weighted by p(v | y, h_v) of what it draws of the person.
        """
        chances = self.log_views(self.draw(identity, samples)[2], samples)
        return chances.softmax(dim=1).transpose(1, 2) @ samples

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        first = self.first(faces)
        found = {"h1_id": first, "h2_id": self.identity(first)}
        found["feature"] = found["h2_id"]
        if not set(names) <= set(found):
            own = self.own_samples(faces, found["h2_id"])
            third, fourth, _ = self.draw(found["h2_id"], own[:, None])
            found |= {"h3_r": third[:, 0], "h4_r": fourth[:, 0]}
        return [found[name] for name in names]


def spread_samples(count: int, units: int) -> Tensor:
    """Samples of the view units that cover the cube evenly, always the same ones: float (count, units)."""
    with torch.device("cpu"):  # also where the weights are built without memory
        return SobolEngine(units, scramble=True, seed=SEED).draw(count)


def _first(row: CatalogRow, normalise: bool) -> tuple[nn.Sequential, int]:
    """What gives h1_id, flattened, and its length."""
    if row.family == "mvp":
        (length,) = row.maps
        return nn.Sequential(
            nn.Flatten(), FeatureLayer(row.height * row.width * row.channels, length, normalise, 0.0)
        ), length
    parts, before, high, wide = [], row.channels, row.height, row.width
    for width in row.maps:
        convolution = nn.Conv2d(before, width, 3, padding=1)
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        nn.init.zeros_(convolution.bias)  # pyright: ignore[reportArgumentType]
        # pooling first, as in DeepID: nearly the same maps at a quarter of the cost
        parts += [convolution, nn.MaxPool2d(2), nn.BatchNorm2d(width) if normalise else nn.Identity(), nn.ReLU()]
        before, high, wide = width, high // 2, wide // 2
    return nn.Sequential(*parts, nn.Flatten()), before * high * wide
