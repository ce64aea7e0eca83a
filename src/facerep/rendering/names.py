"""Names of Multi-PIE: `SSS_SS_RR_CCC_LL`, subject, session, recording, camera and light, and what they stand for.

Source: Gross, Matthews, Cohn, Kanade, Baker: Multi-PIE, Image and Vision Computing 28(5), 2010.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CAMERAS = {
    "110": -90, "120": -75, "090": -60, "080": -45, "130": -30, "140": -15, "051": 0,
    "050": 15, "041": 30, "190": 45, "200": 60, "010": 75, "240": 90,
}  # fmt: skip
"""The view of each camera at head height, in degrees of azimuth."""

CAMERA_AT = {view: camera for camera, view in CAMERAS.items()}
"""The camera of each view."""

LIGHTS = 20
"""Lights: 0 the room's, 1 to 18 one flash each, 7 that in front; 19 stands for none, in Multi-PIE for the room's again.
"""

FRONTAL_LIGHT = 7

EXPRESSIONS = {
    ("01", "01"): "neutral", ("01", "02"): "smile",
    ("02", "01"): "neutral", ("02", "02"): "surprise", ("02", "03"): "squint",
    ("03", "01"): "neutral", ("03", "02"): "smile", ("03", "03"): "disgust",
    ("04", "01"): "neutral", ("04", "02"): "scream", ("04", "03"): "neutral",
}  # fmt: skip
"""The expression of each recording, by session and recording."""

PEOPLE = 337
TRAINED, FITTED = 200, 180
"""The first 200 people train; the last 20 of them choose the epoch, the first 180 are learned from."""

_NAME = re.compile(r"(\d{3})_(\d{2})_(\d{2})_(\d{3})_(\d{2})")


class PictureName(NamedTuple):
    """One picture: subject, session, recording, camera and light, as their digits."""

    subject: str
    session: str
    recording: str
    camera: str
    light: str

    def __str__(self) -> str:
        return "_".join(self)

    @property
    def view(self) -> int | None:
        """The azimuth in degrees; None for a camera that is not at head height."""
        return CAMERAS.get(self.camera)

    @property
    def expression(self) -> str:
        """The expression in a word; the recording's number where Multi-PIE has none of it."""
        return EXPRESSIONS.get((self.session, self.recording), self.recording)


def parse(stem: str) -> PictureName | None:
    """A picture's name without its ending; None where it is not such a name.

    >>> parse("001_01_02_051_07").expression, parse("001_01_02_051_07").view, parse("smile")
    ('smile', 0, None)
    """
    match = _NAME.fullmatch(stem)
    return PictureName(*match.groups()) if match else None


def split_of(subject: int) -> str:
    """The split of a subject, counted from 1: 180 train, 20 validation, the others test.

    >>> split_of(180), split_of(181), split_of(201)
    ('train', 'validation', 'test')
    """
    return "train" if subject <= FITTED else "validation" if subject <= TRAINED else "test"
