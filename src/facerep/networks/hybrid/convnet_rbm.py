"""The hybrid ConvNet-RBM: groups of relational networks, one a region, and a classification RBM on top of them.

Of a pair each network gives P(same), the mean over its eight input modes: the faces exchanged or not, either of them
mirrored or not. The networks of one group, trained from different starts, are averaged too. What is left is one number
a group, from which the RBM computes the probability that the pair is of one person.
Source: Sun, Wang, Tang, ICCV 2013; docs/pairs.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from facerep.errors import BadInput
from facerep.faces.patches import Patch, parse_patch
from facerep.networks.catalog import CatalogRow
from facerep.networks.hybrid.rbm import ClassificationRBM
from facerep.networks.hybrid.regions import Region
from facerep.networks.hybrid.relational import Relational
from facerep.networks.network import Network

STAGES = ("networks", "rbm", "tuned")
"""What is learned, in this order: the networks alone; the RBM on what they give; all together."""
STEPS = ("network", "modes", "networks", "groups", "rbm", "tuned")
"""What a pair can be scored by, each with one thing more than the one before."""
DIFFERENT, SAME = 0, 1
"""The two outputs of a network and of the RBM."""


class Group(NamedTuple):
    """One group: which patch its networks see, and at what size."""

    patch: Patch
    size: tuple[int, int]


def group_of(text: str) -> Group:
    """The group that a row names, such as `left-eye*1.25/grey@31x31`.

    Raises:
        BadInput: not such a text.
    """
    what, _, size = text.partition("@")
    window, _, colour = what.partition("/")
    high, _, wide = size.partition("x")
    if colour not in ("rgb", "grey") or not (high.isdigit() and wide.isdigit()):
        raise BadInput(f"not a group of networks: {text!r}", hint="such as left-eye*1.25/grey@31x31")
    return Group(parse_patch(window, "grey" if colour == "grey" else "rgb"), (int(high), int(wide)))


class Stack(nn.Module):
    """The networks, group by group, and the RBM."""

    def __init__(self, row: CatalogRow, normalise: bool, dropout: float) -> None:
        super().__init__()
        groups = [group_of(text) for text in row.groups]
        self.networks = nn.ModuleList(
            Relational(
                3 if group.patch.colour == "rgb" and row.channels == 3 else 1, group.size, row.maps,
                kernel=row.kernel, stride=row.stride,
                block=row.conv3_block, normalise=normalise, dropout=dropout,
            )
            for group in groups
            for _ in range(row.networks)
        )  # fmt: skip
        self.rbm = ClassificationRBM(len(groups), row.hidden)


class ConvNetRBM(Network):
    """A row of the catalog as a hybrid.

    Faces are float (n, channels, height, width) in -1..1, whole aligned faces; the regions are cut here. A pair is two
    rows of them. As other networks have a feature of a face, this one has one of a pair, the pooled numbers: `forward`
    takes the two faces of each pair stacked, (p, 2 * channels, height, width), and gives (p, groups).

    Attributes:
        row: the catalog row.
        now: networks and RBM as they are.
        before: the same as they were before everything was tuned together.
        stage: how far learning has come, a place in STAGES.
    """

    stage: Tensor

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        groups = [group_of(text) for text in row.groups]
        self.regions = nn.ModuleList(Region(group.patch, (row.height, row.width), group.size) for group in groups)
        self.now = Stack(row, normalise, dropout)
        self.before = Stack(row, normalise, dropout).requires_grad_(False)
        self.register_buffer("stage", torch.zeros((), dtype=torch.int64))

    def keep(self) -> None:
        """Note the weights as those before everything was tuned together."""
        self.before.load_state_dict(self.now.state_dict())

    def forward(self, faces: Tensor) -> Tensor:
        each = torch.arange(len(faces), device=faces.device)
        both = faces.unflatten(1, (2, -1)).transpose(0, 1).flatten(0, 1)
        return self.pooled(self.modes(both, each, each + len(faces)))

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        return [self(faces) for _ in names]

    def _seen(self, stack: Stack, *faces: Tensor) -> Iterator[tuple[Relational, list[Tensor]]]:
        """Every network, with the region that it sees of each batch of faces."""
        for group, region in enumerate(self.regions):
            windows = [region(some) for some in faces]
            for number in range(self.row.networks):
                network = stack.networks[group * self.row.networks + number]
                assert isinstance(network, Relational)
                yield network, windows

    def logits(self, faces: Tensor, left: Tensor, right: Tensor) -> Tensor:
        """What each network says of pairs as they stand, in one mode: (networks, p, 2).

        Args:
            faces: (n, channels, height, width), each mirrored or not.
            left, right: rows of these, int64 (p,).
        """
        each = []
        for network, (window,) in self._seen(self.now, faces):
            responses = network.respond(window)
            each.append(network.relate(responses.first[left], responses.second[right]))
        return torch.stack(each)

    def modes(
        self, faces: Tensor, left: Tensor, right: Tensor, *, before: bool = False, groups: int | None = None
    ) -> Tensor:
        """P(same) of each network in each of the eight modes, (networks, 8, p); the first is the pair as it stands.

        Args:
            faces, left, right: see `logits`.
            before: by the weights before everything was tuned together.
            groups: of the first so many groups alone.
        """
        seen = self._seen(self.before if before else self.now, faces, faces.flip(3))
        seen = itertools.islice(seen, None if groups is None else groups * self.row.networks)
        return torch.stack([_modes(network, windows, left, right) for network, windows in seen])

    def pooled(self, modes: Tensor) -> Tensor:
        """One number a group of each pair, (p, groups): the mean over modes and over the group's networks."""
        groups, each = len(self.regions), self.row.networks
        return modes.reshape(groups, each * modes.shape[1], -1).mean(dim=1).T


def _modes(network: Relational, windows: list[Tensor], left: Tensor, right: Tensor) -> Tensor:
    """P(same) in the eight modes, (8, p), of the regions of some faces and of the same faces, mirrored.

    Each goes through the first layer once.
    """
    responses = [network.respond(window) for window in windows]
    pairs = [
        (one.first[a], other.second[b])
        for a, b in ((left, right), (right, left))
        for one in responses
        for other in responses
    ]
    answers = network.relate(torch.cat([pair[0] for pair in pairs]), torch.cat([pair[1] for pair in pairs]))
    return answers.softmax(dim=1)[:, SAME].reshape(len(pairs), len(left))
