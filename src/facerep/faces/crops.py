"""Crops: named, versioned contracts of how a face is cut out of a picture.

A preset says where the five points are: in the table, at their typical place in the table's box, or at the typical
place of a source whose pictures are aligned already. From there on every preset is the same: a similarity onto one
template, a window of it, a size. So a face that comes by `points` and one that comes by `lfw` look alike to a network.

Range 0..255, uint8, RGB or grey. A picture of a size that a preset does not know is refused.
Template: the five points usual for 112x112 crops (docs/design.md, section 12, ruling 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from PIL import Image

from facerep.errors import BadInput, Mismatch, Usage
from facerep.faces.alignment import SWAPPED, TEMPLATE, points_in, similarity, warp
from facerep.faces.moves import UNMOVED, Move, moves
from facerep.faces.patches import WHOLE_FACE, Patch, window
from facerep.faces.point_checks import fault_of_box, fault_of_points

ONE_SHADE = 8
"""A crop whose values, in each channel, lie within so few of the 256 shows nothing."""


@dataclass(frozen=True)
class Preset:
    """Where the five points of a picture are.

    Attributes:
        name: what it is called on the command line.
        version: counted up when a figure of it changes; features of two versions are never compared.
        about: one line for a person.
        typical: the five points by (width, height) of the picture; (0, 0) stands for any size, in units of
            the side of the centred square. Empty: the table's own points or box are used.
        boxed: the table's box is used.
        edges: the units count from the square's edge, not from its first pixel's centre; so a crop of the template is
            the square itself.
    """

    name: str
    version: int
    about: str
    typical: dict[tuple[int, int], tuple[tuple[float, float], ...]] = field(hash=False)
    boxed: bool = False
    edges: bool = False

    def locate(self, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
        """The five points, float64 (5, 2), in pixels of `picture` (h, w, 3).

        Args:
            marks: what the table says, as `Faces.marks` has it: five points, (5, 2), or behind them the two corners of
                a box, (7, 2).

        Raises:
            CannotCrop: points or box are not known or lie outside, or the picture's size is not one of the preset's.
        """
        height, width = picture.shape[:2]
        if self.boxed:
            box = marks[5:].ravel()
            if len(box) == 0 or not np.isfinite(box).all():
                raise CannotCrop("no box is known")
            if fault := fault_of_box(box, width, height):
                raise CannotCrop(fault)
            return points_in(box)
        if not self.typical:
            points = np.asarray(marks[:5], np.float64)
            if not np.isfinite(points).all():
                raise CannotCrop("the five points are not known")
            if fault := fault_of_points(points, width, height):
                raise CannotCrop(fault)
            return points
        if (width, height) in self.typical:
            return np.array(self.typical[width, height])
        if (0, 0) in self.typical:
            side = min(width, height)
            corner = np.array([(width - side) / 2, (height - side) / 2]) - 0.5 * self.edges
            return np.array(self.typical[0, 0]) * side + corner
        known = " or ".join(f"{w}x{h}" for w, h in self.typical)
        raise CannotCrop(f"picture is {width}x{height}, crop preset {self.name} takes {known}")


class CannotCrop(Exception):
    """Raised when a face cannot be cut out of its picture; becomes one line of the failures list."""


def _double(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    # pixel centres are at whole numbers: position x of a half-size picture is 2x + 0.5 of the full one
    return tuple((2 * x + 0.5, 2 * y + 0.5) for x, y in points)


# Medians of the points found in 13,233 LFW pictures and in 10,008 CelebA pictures; ORL read off the mean face
_LFW = ((72.3, 80.9), (114.5, 80.0), (93.7, 105.1), (76.0, 126.6), (112.7, 125.9))
_CELEBA = ((34.0, 56.0), (54.0, 56.0), (44.0, 68.0), (36.0, 76.0), (53.0, 76.0))
_ORL = ((31.0, 50.5), (62.0, 50.5), (46.5, 71.0), (36.0, 86.0), (57.0, 86.0))
_LOOSE = ((0.4055, 0.4394), (0.5874, 0.4385), (0.4967, 0.5398), (0.4245, 0.6180), (0.5769, 0.6187))

PRESETS = {
    preset.name: preset
    for preset in (
        Preset("points", 1, "similarity of the five points in the table onto the template", {}),
        Preset("box", 1, "the box in the table, brows to chin: the typical place of the five points in it", {}, True),
        Preset(
            "lfw", 1, "LFW, deep-funneled: the typical place of a face, in 250x250 or its 176x176 centre",
            {(250, 250): tuple((x + 32, y + 32) for x, y in _LFW), (176, 176): _LFW},
        ),
        Preset(
            "celeba", 1, "CelebA's aligned pictures, 178x218 or half",
            {(178, 218): _double(_CELEBA), (89, 109): _CELEBA},
        ),
        Preset("orl", 1, "ORL (AT&T), 92x112", {(92, 112): _ORL}),
        Preset(
            "aligned", 1, "pictures that are aligned to the template already: 112x112, or its middle 96x112",
            {(112, 112): tuple(map(tuple, TEMPLATE)), (96, 112): tuple(map(tuple, TEMPLATE - [8, 0]))},
        ),
        Preset(
            "whole", 1, "the centred square of the picture, as it is",
            {(0, 0): tuple(map(tuple, ((TEMPLATE + 0.5) / 112).tolist()))}, edges=True,
        ),
        Preset("loose", 1, "any picture with one face in its middle, half as high as the picture", {(0, 0): _LOOSE}),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Crop:
    """The whole contract of a network's input: preset, size, patch.

    Attributes:
        preset: where the five points are.
        height, width: of the crop, in pixels.
        patch: which window of the aligned face, in which colour.
        moved: how many moved crops there are of a face, see faces/moves.py; their features are averaged.
    """

    preset: Preset
    height: int
    width: int
    patch: Patch = WHOLE_FACE
    moved: int = 1

    def __str__(self) -> str:
        """The contract as text, such as `points@55x47/1`, `lfw@31x31/left-eye*1.2/grey/1`, `points@55x47/moved*5/1`."""
        middle = "" if self.patch == WHOLE_FACE else f"/{self.patch}"
        several = "" if self.moved == 1 else f"/moved*{self.moved}"
        return f"{self.preset.name}@{self.height}x{self.width}{middle}{several}/{self.preset.version}"

    @property
    def channels(self) -> int:
        """3 for RGB, 1 for grey."""
        return 3 if self.patch.colour == "rgb" else 1

    def cut(
        self, picture: np.ndarray, marks: np.ndarray, *, mirrored: bool = False, move: Move = UNMOVED
    ) -> np.ndarray:
        """Cut the face out.

        Args:
            picture: uint8 (h, w, 3), RGB.
            marks: the table's five points, (5, 2), behind them the corners of its box, (7, 2); NaN where unknown.
            mirrored: cut the same patch of the mirrored face; a left-eye patch then shows the mirrored right eye
                (DeepID, section 3.2).
            move: of the crop; of a mirrored face mirrored too.

        Returns:
            uint8 (height, width, channels).

        Raises:
            CannotCrop: see Preset.locate; or points that are not those of a face; or nothing but one shade is seen.
        """
        located = self.preset.locate(picture, marks)
        if mirrored:
            picture = picture[:, ::-1]
            located = located[SWAPPED] * [-1, 1] + [picture.shape[1] - 1, 0]
        crop = self._as_it_is(picture) if move == UNMOVED else None
        if crop is None:
            aligned = similarity(located, TEMPLATE)
            try:
                seen = window(self.patch, aligned, located, self.height, self.width)
                seen = move.mirrored(mirrored).of(seen, self.height, self.width)
                crop = warp(picture, seen, self.height, self.width)
            except ValueError as error:
                raise CannotCrop(str(error)) from error
        if _of_one_shade(crop):
            raise CannotCrop("the crop is of one shade")
        if self.patch.colour == "grey":
            return np.asarray(Image.fromarray(crop).convert("L"))[:, :, None]
        return crop

    def _as_it_is(self, picture: np.ndarray) -> np.ndarray | None:
        """The centred square itself, where it is the crop pixel by pixel; None where pixels must be computed."""
        height, width = picture.shape[:2]
        side = min(height, width)
        unmoved = (self.patch.region, self.patch.scale) == (WHOLE_FACE.region, WHOLE_FACE.scale)
        if not (self.preset.edges and unmoved and self.height == self.width == side and not (height - width) % 2):
            return None
        top, left = (height - side) // 2, (width - side) // 2
        return np.ascontiguousarray(picture[top : top + side, left : left + side])

    @property
    def views(self) -> int:
        """Crops that training needs of a face: 1, or 2 where turning a crop about does not give the mirrored twin."""
        return 1 if self.patch.symmetric else 2

    def cut_both(self, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
        """The face and its mirror, uint8 (2, height, width, channels)."""
        return np.stack([self.cut(picture, marks), self.cut(picture, marks, mirrored=True)])


def _of_one_shade(crop: np.ndarray) -> bool:
    """Whether no channel spreads over ONE_SHADE levels; channel by channel, since most stop at the first."""
    return all(
        int(channel.max()) - int(channel.min()) < ONE_SHADE for channel in (crop[:, :, c] for c in range(crop.shape[2]))
    )


def cut_for(crops: tuple[Crop, ...], mirror: str, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """All crops of one face as one flat uint8 array, as it travels from a decoding process.

    Of each crop its moved ones one after the other, each as the face and, where the mirror rule wants it, its mirror.
    """
    cuts = [
        crop.cut(picture, marks, mirrored=mirrored, move=move).ravel()
        for crop in dict.fromkeys(crops)
        for move in moves(crop.moved)
        for mirrored in ((False,) if mirror == "none" else (False, True))
    ]
    return cuts[0] if len(cuts) == 1 else np.concatenate(cuts)


def length_of(crop: Crop, mirror: str) -> int:
    """Bytes of a crop in what `cut_for` gives."""
    return (1 if mirror == "none" else 2) * crop.moved * crop.height * crop.width * crop.channels


def preset(name: str) -> Preset:
    """The preset `name`.

    Raises:
        Usage: there is none of that name; the message lists those there are.
    """
    if name not in PRESETS:
        raise Usage(f"no crop preset {name!r}", hint="there are: " + ", ".join(PRESETS))
    return PRESETS[name]


def choose_preset(kind: str, marks: np.ndarray) -> Preset:
    """The preset that fits a data set where none was asked for.

    Pictures that are crops already, as they are; else five points, where most faces have them; else boxes, where most
    have them; else the data set's own fixed place; else `loose`.
    `marks` are those of all faces, (n, 5, 2) or (n, 7, 2).
    """
    if set(kind.split("+")) <= _AS_THEY_ARE:
        return PRESETS["whole"]
    for name, part in (("points", marks[:, :5]), ("box", marks[:, 5:])):
        if part.size and np.isfinite(part).all(axis=(1, 2)).mean() > 0.5:
            return PRESETS[name]
    fitting = {_OF_KIND.get(part, part) for part in kind.split("+")}
    return PRESETS.get(fitting.pop() if len(fitting) == 1 else "", PRESETS["loose"])


_OF_KIND = {
    "insightface-bin": "aligned", "insightface-rec": "aligned", "rendered": "whole", "multipie": "whole",
}  # fmt: skip
"""The preset of a kind of data set that is not called as the kind is."""

_AS_THEY_ARE = frozenset({"rendered", "multipie"})
"""Kinds whose pictures are the crops, also where five points are known: they were cut alike by whoever made them."""


_CROP = re.compile(
    r"(?P<preset>[a-z]+)@(?P<h>\d+)x(?P<w>\d+)(/(?P<region>[a-z-]+)\*(?P<scale>[\d.]+)/(?P<colour>rgb|grey))?(/moved\*(?P<moved>[2-7]))?/(?P<version>\d+)"
)


def parse_crop(text: str) -> Crop:
    """The crop whose text form is `text`.

    Raises:
        BadInput: not such a text.
        Mismatch: the preset has another version now: it cuts faces otherwise.
    """
    match = _CROP.fullmatch(text)
    if match is None or match["preset"] not in PRESETS:
        raise BadInput(f"not a crop contract: {text!r}")
    chosen = preset(match["preset"])
    if int(match["version"]) != chosen.version:
        raise Mismatch(f"crop {text} is of another version, preset {chosen.name} is at {chosen.version}")
    colour: Literal["rgb", "grey"] = "grey" if match["colour"] == "grey" else "rgb"
    patch = Patch(match["region"], float(match["scale"]), colour) if match["region"] else WHOLE_FACE
    return Crop(chosen, int(match["h"]), int(match["w"]), patch, int(match["moved"] or 1))
