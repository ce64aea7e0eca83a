"""The skin of a person, painted on the base head's texture: tone, spots, lips, stubble, beard, cropped hair.

Places are given on the base head, in decimetres from the middle between the eyes: x to the side, y up; z is 1.68 at the
tip of the nose. So one rule holds for both sides of a seam of the texture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from facerep.rendering.assets import Assets
from facerep.rendering.person import GROUPS, Person, Skin, oldness

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Of linear red, green, blue: how bright it is."""

SHADES = ("dark", "medium", "light")
_SHADE_LIMITS = (0.20, 0.36)
"""Labels of the skin, by the light that it reflects on the cheeks, at most."""

_DROP = 0.668
"""From the eyes down to the mouth on the head that the figures below are for."""
_NOSE, _MOUTH, _CHIN = -0.375, -0.668, -1.137
_EYE_X, _TIP = 0.308, 1.68
_BORDER = 3
"""Texels around the head's island that are painted too."""
_RED = np.array([1.2, -1.0, -0.8])


@dataclass(frozen=True)
class Painted:
    """A person's skin.

    Attributes:
        surface: how much light is reflected in all directions, and how glossy it is against bare skin, float32
            (s, s, 2).
        beard, scalp: how much hair stands there, 0 to 1, (s, s): it thickens the head.
        shade: label, one of SHADES.
    """

    surface: np.ndarray
    beard: np.ndarray
    scalp: np.ndarray
    shade: str


@dataclass(frozen=True)
class _Ground:
    """What is painted on: the part of the texture that shows the head, and where its texels are."""

    part: tuple[slice, ...]
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    ears: np.ndarray
    lips: np.ndarray


def paint(assets: Assets, person: Person) -> Painted:
    """Paint the skin of a person."""
    skin = person.paint
    draw = np.random.Generator(np.random.PCG64(skin.seed))
    whole = _blended(assets, person)
    whole = whole**skin.gamma * (skin.gain * np.array([1 + skin.warmth, 1, 1 - skin.warmth]))
    on = _ground(assets)
    fine, middling, coarse = (_noise(draw, on.x.shape, width) for width in (0.7, 3.2, 14.0))
    colour = whole[on.part]
    colour = colour * np.exp(skin.blotches * (0.8 * middling + coarse) + 0.03 * fine)[:, :, None]
    colour = _make_up(colour, skin, on)
    shade = _shade(colour, on)
    colour = _spots(colour, skin, on, draw)
    scalp = _scalp(skin, on, coarse)
    cropped = _grained(scalp * skin.scalp, 0.12 * fine)
    colour = _over(colour, person.hair_colour * np.exp(0.25 * fine)[:, :, None], cropped)
    beard = _beard(person.beard, on, scalp * skin.scalp)
    strength = {"shadow": 0.22, "stubble": 0.48}.get(person.beard, draw.uniform(0.75, 0.97))
    bearded = _grained(beard * strength, 0.10 * fine)
    colour = _over(colour, person.hair_colour * np.exp(0.15 * fine)[:, :, None], bearded)
    surface = np.stack([whole @ LUMA, np.ones(whole.shape[:2])], axis=2)
    surface[on.part] = np.stack([np.clip(colour @ LUMA, 0.002, 1), 1 - np.maximum(cropped, bearded)], axis=2)
    thick = np.zeros((2, *whole.shape[:2]))
    if person.beard in ("moustache", "goatee", "full"):
        thick[0][on.part] = gaussian_filter(beard, 2)
    if person.hair == "buzz":
        thick[1][on.part] = scalp
    return Painted(surface.astype(np.float32), thick[0], thick[1], shade)


def smooth(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, without a corner."""
    part = np.clip((values - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def _blended(assets: Assets, person: Person) -> np.ndarray:
    """The skins mixed by group and age."""
    old = oldness(person.age)
    ages = {"young": max(0.0, 1 - 2 * old), "middleage": 1 - abs(2 * old - 1), "old": max(0.0, 2 * old - 1)}
    total = np.zeros(next(iter(assets.linear_skins.values())).shape)
    for group, much in zip(GROUPS, person.groups, strict=True):
        for age, part in ages.items():
            if much * part > 0:
                tone = "darkskinned" if group == "african" else "lightskinned"
                number = ("3" if age == "young" else "2") if group == "asian" else ""
                total += float(much * part) * assets.linear_skins[f"{age}_{tone}_{person.sex}{number}"]
    return total


def _ground(assets: Assets) -> _Ground:
    marks, base = assets.marks, assets.vertices
    level = np.mean([base[eye, 1].mean() for eye in marks.eyes])
    scale = float(level - base[list(marks.mouth), 1].mean()) / _DROP
    places, shown = assets.base_places
    y = (places[:, :, 1] - level) / scale
    rows, columns = np.nonzero(shown & (y > 0.8 * _CHIN))
    part = tuple(slice(max(0, at.min() - _BORDER), at.max() + 1 + _BORDER) for at in (rows, columns))
    z = (places[part][:, :, 2] - base[marks.nose, 2]) / scale + _TIP
    ears, lips = (assets.masks[name][part].astype(np.float64) / 255 for name in ("ears", "lips"))
    return _Ground(part, places[part][:, :, 0] / scale, y[part], z, ears, lips)


def _noise(draw: np.random.Generator, shape: tuple[int, ...], width: float) -> np.ndarray:
    noise = gaussian_filter(draw.standard_normal(shape), width)
    return noise / noise.std()


def _grained(share: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """How much of the skin hair covers; grain shows where hair is thin: in thick hair bare skin would be pale dots."""
    return np.clip(share * (1 + grain * (1 - share)), 0, 1)


def _over(colour: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    return colour + share[:, :, None] * (above - colour)


def _make_up(colour: np.ndarray, skin: Skin, on: _Ground) -> np.ndarray:
    """Redness of the cheeks, dark rings, shadow on the lids, lips."""
    side, front = np.abs(on.x), on.z > 0.5
    cheek = front * np.exp(-(((side - 1.35 * _EYE_X) / 0.28) ** 2) - ((on.y - 0.55 * _NOSE) / 0.22) ** 2)
    ring = front * np.exp(-(((side - _EYE_X) / 0.17) ** 2) - ((on.y + 0.16) / 0.08) ** 2)
    lid = front * np.exp(-(((side - _EYE_X) / 0.20) ** 2) - ((on.y - 0.12) / 0.09) ** 2)
    colour = colour * (1 + skin.cheeks * cheek[:, :, None] * _RED)
    colour = colour * (1 - 0.45 * skin.rings * ring - skin.lids * lid)[:, :, None]
    return colour * (1 + on.lips[:, :, None] * skin.lips)


def _shade(colour: np.ndarray, on: _Ground) -> str:
    cheeks = (np.abs(np.abs(on.x) - 0.42) < 0.12) & (np.abs(on.y - _NOSE) < 0.15) & (on.z > 0.5)
    reflected = float((colour[cheeks] @ LUMA).mean())
    return SHADES[int(np.searchsorted(_SHADE_LIMITS, reflected))]


def _spots(colour: np.ndarray, skin: Skin, on: _Ground, draw: np.random.Generator) -> np.ndarray:
    """Freckles, moles, a scar."""
    if skin.freckles:
        dots = (_noise(draw, on.x.shape, 0.9) > 1.3) * np.exp(-((on.x / 0.75) ** 2) - ((on.y - _NOSE) / 0.5) ** 2)
        dots = gaussian_filter(dots * (on.z > 0.4), 0.5)
        colour = colour * (1 - 0.35 * skin.freckles * dots)[:, :, None]
    for _ in range(skin.moles):
        x, y, size, dark = draw.uniform([-0.75, _CHIN, 0.018, 0.4], [0.75, 0.55, 0.05, 0.8])
        dot = np.exp(-((((on.x - x) ** 2 + (on.y - y) ** 2) / size**2) ** 1.5)) * (on.z > 0.3)
        colour = colour * (1 - dark * dot)[:, :, None]
    if skin.scar:
        x, y, size, turn = draw.uniform([-0.7, _CHIN, 0.06, 0.0], [0.7, 0.6, 0.16, np.pi])
        along = (on.x - x) * np.cos(turn) + (on.y - y) * np.sin(turn)
        across = (on.y - y) * np.cos(turn) - (on.x - x) * np.sin(turn)
        mark = np.exp(-((along / size) ** 2) - (across / (0.35 * size)) ** 2) * (on.z > 0.3)
        colour = colour * (1 + draw.choice([-0.35, 0.25]) * mark)[:, :, None]
    return colour


def _scalp(skin: Skin, on: _Ground, coarse: np.ndarray) -> np.ndarray:
    """Where hair grows on the head; above the ears only, where the hairline stands high."""
    receding = skin.hairline > 0.2
    line = 0.60 + skin.hairline + 0.05 * coarse + (0.0 if receding else 0.16) * np.cos(2.4 * on.x)
    front = smooth(on.y - line, -0.04, 0.06)
    side = smooth(0.50 - on.z + 0.25 * on.y, -0.06, 0.06) * smooth(on.y, _NOSE, _NOSE + 0.25)
    if receding:
        front, side = np.zeros_like(front), side * smooth(0.72 + 0.08 * coarse - on.y, -0.12, 0.12)
    return np.clip(np.maximum(front, side), 0, 1) * (1 - np.clip(1.2 * on.ears, 0, 1))


def _beard(kind: str, on: _Ground, scalp: np.ndarray) -> np.ndarray:
    """How much beard grows where."""
    if kind == "none":
        return np.zeros_like(on.x)
    side = np.abs(on.x)
    under_nose = smooth(_NOSE - 0.12 - on.y + 0.10 * np.cos(3 * side), -0.06, 0.08)
    jaw = smooth(_NOSE - 0.20 - on.y + 0.75 * (side - 0.42), -0.10, 0.12) * smooth(on.z, -0.25, 0.1)
    around = smooth(0.52 - side, -0.06, 0.06) * smooth(_MOUTH + 0.02 - on.y, -0.05, 0.1)
    above_neck = smooth(on.y - _CHIN, -0.14, 0.08)
    face = on.z > 0.8
    moustache = face * np.exp(-(((on.y - _MOUTH - 0.135) / 0.075) ** 2)) * smooth(0.34 - side, -0.05, 0.08)
    if kind == "moustache":
        grown = moustache
    else:
        chin = smooth(0.24 - side, -0.04, 0.06) * smooth(_MOUTH - 0.07 - on.y, -0.03, 0.05) * (on.z > 0.5)
        if kind == "goatee":
            below = smooth(0.29 - side, -0.07, 0.07) * smooth(_MOUTH + 0.15 - on.y, -0.03, 0.06) * face
            grown = np.maximum(np.maximum(moustache, chin), below) * above_neck
        else:
            full = np.clip(under_nose * np.maximum(around, jaw), 0, 1)
            full = np.maximum(np.maximum(full, chin), moustache) * above_neck
            # it goes over into the hair before the ears, where there is any
            burns = scalp * smooth(_NOSE + 0.35 - on.y, -0.1, 0.15) * smooth(on.z, -0.1, 0.1)
            grown = np.maximum(full, burns)
    return np.clip(grown * (1 - on.lips) * (1 - on.ears) * smooth(on.z, -0.5, -0.2), 0, 1)
