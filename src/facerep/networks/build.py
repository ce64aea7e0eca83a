"""Build: a row of the catalog becomes a network, by its family."""

from __future__ import annotations

from collections.abc import Callable

from facerep.errors import Usage
from facerep.networks.catalog import CatalogRow
from facerep.networks.deepid import DeepID
from facerep.networks.fip import FIP, ConvolutionFIP
from facerep.networks.hybrid.convnet_rbm import ConvNetRBM
from facerep.networks.localizing.lnet import LNet
from facerep.networks.mvp import MVP
from facerep.networks.network import Network
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.vgg import LocalVGG

FAMILIES: dict[str, Callable[..., Network]] = {
    "deepid": DeepID, "deepid2": DeepID, "deepid2+": DeepID, "vgg": LocalVGG, "fip": FIP, "fip-conv": ConvolutionFIP,
    "mvp": MVP, "mvp-conv": MVP, "pair": ConvNetRBM,
    "lnet": LNet, "lnet-mobilenet": LNet, "points": PointCascade,
}  # fmt: skip
"""What builds a network of a family that has weights, of its row, with `normalise` and `dropout`."""


def build(row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> Network:
    """The network of a row, with random weights.

    Args:
        row: a row with weights.
        normalise, dropout: what the papers' networks did not have (recipe, section network).

    Raises:
        Usage: the row has no weights.
    """
    if row.family not in FAMILIES:
        raise Usage(f"network {row.name} has no weights to train", hint="give --network deepid2")
    return FAMILIES[row.family](row, normalise=normalise, dropout=dropout)
