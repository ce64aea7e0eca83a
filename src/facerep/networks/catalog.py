"""The catalog: one row a network. A row is the whole architecture; nothing about a network is decided elsewhere."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from facerep.errors import BadInput

RECONSTRUCTING = ("fip", "fip-conv")
"""Families whose networks draw pictures of a face."""

DRAWN_LAYERS = ("rl",)
"""Layers whose units are pixels, on either side of 0: zero is no threshold for their bits."""

LOCALIZING = ("lnet", "lnet-mobilenet")
"""Families whose maps respond where a face is."""

MULTIVIEW = ("mvp", "mvp-conv")
"""Families that draw a face in other views."""

IN_THE_BOX = "bundled"
"""What options call the weights in the box."""

DISTILLED = "distilled"
"""And the second ones there, which learned another network's features (docs/distillation.md)."""


@dataclass(frozen=True, kw_only=True)
class CatalogRow:
    """One network.

    Attributes:
        name: what `--network` takes.
        family: "deepid", "deepid2", "deepid2+", "vgg", "fip", "fip-conv", "mvp", "mvp-conv", "pair" (the hybrid
            ConvNet-RBM), "lnet", "lnet-mobilenet", "points" (a cascade that finds five points), or without weights, as
            baselines, "lbp" and "pixels" (the crop itself).
        height, width, channels: of the input crop.
        maps: maps of the four convolutions; of each pair of convolutions, the last also of the local layers (vgg); of
            each local layer or convolution (fip, fip-conv); of each convolution below h1_id (mvp-conv); units of h1_id
            (mvp); of each convolution, without those of MobileNetV2 (lnet-mobilenet).
        feature: length of the feature layer.
        cell: side of the square cells that are counted apart, in pixels (lbp).
        wide_input: the feature layer sees pool3 and conv4; False: conv4 alone (not vgg).
        supervised: layers below have feature layers of their own, taught by the same signals (DeepID2+, vgg).
        conv3_block: side of the blocks that share conv3's weights; 0 shares them everywhere (deepid families).
        hidden: units between feature and pictures, 0 is none (fip, fip-conv); hidden units of the RBM (pair).
        views: how many pictures are drawn of a face (fip, fip-conv).
        drawing: units of h3_r and h4_r (mvp, mvp-conv).
        random_units: view units, which are random (mvp, mvp-conv); a recipe may ask for more or fewer.
        classes: labels of the view (mvp, mvp-conv), attributes (lnet); training counts them in its faces.
        groups: what the networks of each group see, REGION*SCALE/COLOUR@HEIGHTxWIDTH (pair).
        networks: how many a group has (pair).
        signed: the feature layer has no ReLU: its units are on either side of 0 (deepid families).
        kernel, stride: of the first convolution; a stride above 1 stands for its pooling too (pair).
        outputs: names of what can be asked for, the feature last (onnx: a network of others, no row of the table).
        paper: where it is from.
    """

    name: str
    family: str
    height: int
    width: int
    channels: int = 3
    maps: tuple[int, ...] = (20, 40, 60, 80)
    feature: int = 160
    wide_input: bool = True
    supervised: bool = False
    signed: bool = False
    conv3_block: int = 2
    cell: int = 14
    hidden: int = 0
    views: int = 1
    drawing: tuple[int, ...] = ()
    random_units: int = 0
    classes: int = 0
    groups: tuple[str, ...] = ()
    networks: int = 1
    kernel: int = 4
    stride: int = 1
    outputs: tuple[str, ...] = ()
    paper: str = ""

    @property
    def baseline(self) -> bool:
        """Whether it is a network without weights: its name says all."""
        return self.family in ("lbp", "pixels")

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that `extract --layer` can take, the feature last."""
        if self.outputs:
            return self.outputs
        if self.baseline:
            return (self.family,)
        if self.family in RECONSTRUCTING:
            return ("rl", "fip")
        if self.family in MULTIVIEW:
            return ("h1_id", "h3_r", "h4_r", "h2_id")
        if self.family in ("pair", "points"):  # what they compute is of two faces, or places
            return ()
        if self.family in LOCALIZING:
            return ("feature",)
        if self.family == "vgg":
            pairs = len(self.maps)
            pools = (f"pool{number}" for number in range(1, pairs + 1))
            return (*self._taught(2), *pools, f"local{pairs + 1}a", f"local{pairs + 1}b", "feature")
        return (*self._taught(3), "pool1", "pool2", "pool3", "conv4", "feature")

    def _taught(self, number: int) -> tuple[str, ...]:
        """The feature layers below the feature, bottom up."""
        return tuple(f"feature-{place}" for place in range(1, number + 1)) if self.supervised else ()


_GROUPS = (
    "face*1/rgb@39x31", "face*1/grey@39x31", "face*0.8/rgb@39x31", "inner*1/rgb@39x31", "upper*1/rgb@31x31",
    "middle*1/rgb@31x31", "middle*1/grey@31x31", "lower*1/rgb@31x31", "left-eye*1/rgb@31x31",
    "left-eye*1.25/rgb@31x31", "nose*1.25/rgb@31x31", "left-mouth*1.25/rgb@31x31",
)  # fmt: skip
"""Twelve region pairs: positions, scales and colours. Of two eyes one is enough: the mirrored face shows the other."""
_SQUARE_GROUPS = (
    "face*0.9/rgb@33x33", "face*0.9/grey@33x33", "face*0.75/rgb@33x33", "inner*1/rgb@33x33", "upper*1/rgb@33x33",
    "upper*1.25/grey@33x33", "middle*1/rgb@33x33", "lower*1/rgb@33x33", "left-eye*0.9/rgb@33x33",
    "left-eye*1.25/rgb@33x33", "nose*1.25/rgb@33x33", "left-mouth*1.25/rgb@33x33",
)  # fmt: skip

_ROWS = (
    CatalogRow(name="deepid-39x31", family="deepid", height=39, width=31, paper="DeepID, section 3.1"),
    CatalogRow(name="deepid-31x31", family="deepid", height=31, width=31, paper="DeepID, section 3.1"),
    CatalogRow(name="deepid-39x31-grey", family="deepid", height=39, width=31, channels=1, paper="DeepID, section 3.1"),
    CatalogRow(name="deepid-31x31-grey", family="deepid", height=31, width=31, channels=1, paper="DeepID, section 3.1"),
    CatalogRow(name="deepid-55x47", family="deepid", height=55, width=47, paper="DeepID's layers at DeepID2's input"),
    CatalogRow(name="deepid2", family="deepid2", height=55, width=47, paper="DeepID2, section 2"),
    CatalogRow(
        name="deepid2+", family="deepid2+", height=55, width=47, maps=(128, 128, 128, 128), feature=512,
        wide_input=False, supervised=True, paper="DeepID2+, section 3",
    ),
    CatalogRow(
        name="deepid2-wide", family="deepid2", height=55, width=47, maps=(64, 128, 192, 128), feature=256,
        conv3_block=0, paper="DeepID2's skeleton, widths found here (docs/systems.md)",
    ),
    CatalogRow(
        name="deepid2-wide-signed", family="deepid2", height=55, width=47, maps=(64, 128, 192, 128), feature=128,
        conv3_block=0, signed=True, paper="the same, to learn another network's features (docs/distillation.md)",
    ),
    CatalogRow(
        name="deepid2+wide", family="deepid2+", height=55, width=47, maps=(64, 128, 192, 128), feature=256,
        supervised=True, conv3_block=0, paper="the same with a feature layer on every convolution",
    ),
    CatalogRow(
        name="deepid2-narrow", family="deepid2", height=55, width=47, maps=(16, 32, 48, 48), feature=128,
        conv3_block=0, paper="the same, narrow: teaches the first convolutions of lnet",
    ),
    CatalogRow(
        name="deepid2-32x32-grey", family="deepid2", height=32, width=32, channels=1, maps=(24, 64, 160, 320),
        feature=512, paper="DeepID2's skeleton at the input of the rendered set, a million weights (docs/systems.md)",
    ),
    CatalogRow(
        name="vgg-local", family="vgg", height=112, width=96, maps=(64, 96, 192, 256), feature=512, supervised=True,
        paper="Sparsifying, section 3: the dense baseline",
    ),
    CatalogRow(
        name="vgg-local-narrow", family="vgg", height=56, width=48, maps=(24, 48, 96), feature=256,
        paper="the same at half the input, without its first pair, narrow",
    ),
    CatalogRow(
        name="fip-32", family="fip", height=32, width=32, channels=1, maps=(32, 32, 32), feature=8 * 8 * 32,
        paper="FIP, section 3, at a third of its side",
    ),
    CatalogRow(
        name="fip-96", family="fip", height=96, width=96, channels=1, maps=(32, 32, 32), feature=24 * 24 * 32,
        paper="FIP, section 3",
    ),
    CatalogRow(
        name="fip-conv-32", family="fip-conv", height=32, width=32, channels=1, maps=(32, 64, 128), feature=512,
        hidden=512, paper="the same with ordinary convolutions and a full layer, widths found here (docs/canonical.md)",
    ),
    CatalogRow(
        name="multi-task-32", family="fip-conv", height=32, width=32, channels=1, maps=(32, 64, 128), feature=512,
        hidden=512, views=9, paper="MVP, section 4: a shared encoder, and a full layer for each view",
    ),
    CatalogRow(
        name="mvp-32", family="mvp", height=32, width=32, channels=1, maps=(1024,), feature=512, drawing=(512, 512),
        random_units=2, classes=9, paper="MVP, section 2: its layers, sizes ours",
    ),
    CatalogRow(
        name="mvp-32-conv", family="mvp-conv", height=32, width=32, channels=1, maps=(32, 64, 128), feature=512,
        drawing=(512, 512), random_units=2, classes=9, paper="the same on the convolutions of fip-conv-32",
    ),
    CatalogRow(
        name="convnet-rbm", family="pair", height=64, width=56, feature=12, groups=_GROUPS, networks=5, hidden=64,
        paper="Hybrid ConvNet-RBM, section 3: twelve groups of five networks",
    ),
    CatalogRow(
        name="convnet-rbm-small", family="pair", height=64, width=56, maps=(32, 32, 48, 64), feature=12,
        groups=_SQUARE_GROUPS, hidden=32, kernel=6, stride=3, conv3_block=0,
        paper="twelve groups of one network, a quarter of the cost (docs/pairs.md)",
    ),
    CatalogRow(
        name="convnet-rbm-face", family="pair", height=32, width=32, channels=1, maps=(32, 32, 48, 64), feature=1,
        groups=("face*1/grey@32x32",), hidden=8, kernel=5, stride=3, conv3_block=0,
        paper="one network of the same on the whole face: for rendered faces",
    ),
    CatalogRow(
        name="lnet", family="lnet", height=48, width=48, maps=(16, 32, 48, 48, 48), feature=48, classes=40,
        paper="LNets, section 3.1: two fully convolutional networks, widths ours",
    ),
    CatalogRow(
        name="lnet-wide", family="lnet", height=48, width=48, maps=(64, 128, 192, 64, 64), feature=64, classes=40,
        paper="the same on the convolutions of deepid2-wide",
    ),
    CatalogRow(
        name="lnet-mobilenet", family="lnet-mobilenet", height=64, width=64, maps=(48, 48), feature=48, classes=40,
        paper="the same on MobileNetV2's blocks, learnt on ImageNet as the paper's",
    ),
    CatalogRow(
        name="five-points", family="points", height=48, width=48, channels=1, maps=(16, 32, 64, 96), feature=128,
        paper="Sun, Wang, Tang, CVPR 2013: a cascade, two stages for all points at once",
    ),
    CatalogRow(
        name="lbp", family="lbp", height=112, width=96, channels=1, feature=8 * 6 * 59,
        paper="no network: local binary patterns in 8x6 cells, a baseline",
    ),
    CatalogRow(
        name="lbp-64", family="lbp", height=64, width=64, channels=1, feature=4 * 4 * 59, cell=16,
        paper="the same of a square face, in 4x4 cells",
    ),
    CatalogRow(
        name="lbp-32", family="lbp", height=32, width=32, channels=1, feature=2 * 2 * 59, cell=16,
        paper="the same of a part of the face, in 2x2 cells: with /PATCH, such as lbp-32/left-eye*0.8",
    ),
    CatalogRow(
        name="pixels", family="pixels", height=55, width=47, feature=55 * 47 * 3,
        paper="no network: the aligned crop, a baseline",
    ),
    CatalogRow(
        name="pixels-32", family="pixels", height=32, width=32, channels=1, feature=32 * 32,
        paper="the same, square and grey",
    ),
)  # fmt: skip

CATALOG = {row.name: row for row in _ROWS}

BASELINES = tuple(row.name for row in _ROWS if row.baseline)
"""The networks without weights."""


def row(name: str) -> CatalogRow:
    """The row `name`.

    Raises:
        BadInput: there is none of that name; the message gives the nearest.
    """
    if name not in CATALOG:
        near = difflib.get_close_matches(name, CATALOG, n=1)
        hint = f"did you mean {near[0]}?" if near else "there are: " + ", ".join(CATALOG)
        raise BadInput(f"no network {name!r} in the catalog", hint=hint)
    return CATALOG[name]
