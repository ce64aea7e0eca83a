"""A person: all settings of the generator, drawn from (seed, number) alone.

Sex, age, skin and so on are settings, no judgement of a viewer. Proportions are near Multi-PIE's, as far as its paper
tells: 69 % men, mean age about 28.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facerep.rendering.assets import Assets, Slider

SHAPE = 0.8
"""By how much all sliders are drawn in: at 1 many faces are caricatures."""

GROUPS = ("african", "asian", "caucasian")
"""MakeHuman's names of the three shapes that a head is mixed from."""

_SPREAD = {
    "head": 0.45, "nose": 0.45, "mouth": 0.40, "chin": 0.45, "cheek": 0.45, "eyes": 0.40, "eyebrows": 0.45,
    "forehead": 0.45, "ears": 0.40, "neck": 0.35,
}  # fmt: skip
_LEFT_OUT = frozenset({
    "head-trans-in-out", "head-trans-backward-forward", "head-trans-down-up", "head-angle-in-out", "head-age-decr-incr",
    "mouth-trans-in-out", "nose-trans-in-out", "neck-trans-in-out", "neck-trans-down-up",
    "neck-trans-backward-forward", "neck-scale-vert-decr-incr", "measure-neck-height-decr-incr", "eye-trans-down-up",
})  # fmt: skip
"""They move parts to the side, or do what pose and age do."""
_GENTLE = {
    "eye-scale-decr-incr": 0.5, "eye-push1-in-out": 0.4, "eye-push2-in-out": 0.4, "eye-height1-decr-incr": 0.6,
    "eye-height2-decr-incr": 0.6, "eye-height3-decr-incr": 0.6, "ear-flap-decr-incr": 0.5,
    "nose-compression-compress-uncompress": 0.5, "nose-trans-backward-forward": 0.5, "nose-flaring-decr-incr": 0.7,
    "neck-double-decr-incr": 0.7, "mouth-trans-backward-forward": 0.5, "mouth-angles-down-up": 0.4,
    "mouth-scale-vert-decr-incr": 0.7, "mouth-laugh-lines-in-out": 0.6, "eyebrows-angle-down-up": 0.5,
}  # fmt: skip
_SHIFTED = {"eyebrows-angle-down-up": 0.30, "eyebrows-trans-down-up": 0.15, "mouth-angles-down-up": 0.08}
"""Means that are not 0: at 0 everyone looks angry."""

HAIR = {
    "black": (0.012, 0.010, 0.010), "dark": (0.030, 0.020, 0.014), "brown": (0.075, 0.045, 0.026),
    "light": (0.160, 0.100, 0.055), "blond": (0.360, 0.250, 0.120), "red": (0.220, 0.075, 0.025),
}  # fmt: skip
"""Colours of hair, as reflected light, red to blue."""
_GREY = np.array([0.30, 0.29, 0.28])
_IRIS = np.array([
    [0.06, 0.03, 0.015], [0.12, 0.06, 0.025], [0.10, 0.10, 0.04], [0.07, 0.12, 0.07], [0.10, 0.17, 0.28],
    [0.20, 0.24, 0.27],
])  # fmt: skip

_STYLES = {
    "male": {"buzz": 0.34, "short01": 0.22, "short02": 0.25, "short04": 0.15, "short03": 0.015, "afro01": 0.02},
    # bobs, the braid and short03 hide an eye
    "female": {
        "long01": 0.36, "ponytail01": 0.34, "short01": 0.08, "short02": 0.08, "short04": 0.06, "afro01": 0.02,
        "bob01": 0.015, "bob02": 0.015, "Braid01": 0.01,
    },
}  # fmt: skip
_BEARDS = {"none": 0.40, "shadow": 0.20, "stubble": 0.14, "moustache": 0.06, "goatee": 0.09, "full": 0.11}


@dataclass(frozen=True)
class Skin:
    """How the skin is painted; amounts are those of texture.py."""

    seed: int
    gain: float
    gamma: float
    warmth: float
    blotches: float
    cheeks: float
    rings: float
    lids: float
    lips: np.ndarray
    moles: int
    freckles: float
    scar: bool
    hairline: float
    scalp: float
    gloss: float
    shine: float


@dataclass(frozen=True)
class Person:
    """One person's settings.

    Attributes:
        number: counted from 1.
        sex, age: labels.
        groups: how much of each of GROUPS, sum 1.
        shape: weight of each target.
        smile: weights that a smile adds.
        paint: the skin.
        hair: a piece's name, "buzz" or "none"; volume: how far it stands off.
        beard: one of the kinds that texture.py paints.
        brows, lashes: pieces.
        hair_colour, brow_colour, iris: reflected light.
        brow_least, brow_strength: which texels of the brows are there, and how dark they are.
        iris_size: in degrees of the eyeball.
        poses: yaw, pitch and roll in degrees, by expression.
    """

    number: int
    sex: str
    age: float
    groups: np.ndarray
    shape: dict[str, float]
    smile: dict[str, float]
    paint: Skin
    hair: str
    volume: float
    beard: str
    brows: str
    lashes: str
    hair_colour: np.ndarray
    brow_colour: np.ndarray
    iris: np.ndarray
    brow_least: float
    brow_strength: float
    iris_size: float
    poses: dict[str, np.ndarray]


def sample_person(assets: Assets, seed: int, number: int) -> Person:
    """The person of that number."""
    draw = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
    sex = "male" if draw.random() < 0.69 else "female"
    age = float(np.clip(draw.gamma(4.5, 3.6) + 17, 18, 75))
    old = oldness(age)
    groups = draw.dirichlet([0.25, 0.5, 0.75])
    if draw.random() < 0.55:
        groups = groups**3 / (groups**3).sum()
    dark = groups[0] + groups[1]
    shape = _macro(draw, sex, old, groups) | _sliders(draw, assets.sliders) | _asymmetry(draw, assets)
    smile = _smile(draw)
    hair_colour, grey = _hair_colour(draw, groups, age)
    brow_colour = np.minimum((hair_colour * (1 - 0.4 * grey) + 0.4 * grey * 0.02) * draw.uniform(0.5, 1.0), 0.12)
    kind = draw.choice(2, p=[0.7, 0.3]) if draw.random() < dark else draw.integers(len(_IRIS))
    iris = _IRIS[kind] * np.exp(draw.normal(0, 0.2))
    bald = sex == "male" and draw.random() < 0.08 + 0.3 * old
    hair = _style(draw, assets.names("hair"), sex, groups, hair_colour, bald=bald)
    beard = _weighted(draw, _BEARDS) if sex == "male" else "none"
    paint = _skin(draw, sex, groups, bald=bald, buzzed=hair == "buzz")
    return Person(
        number=number, sex=sex, age=round(age, 1), groups=groups, shape=shape, smile=smile, paint=paint,
        hair=hair, volume=float(draw.uniform(1.0, 1.12)), beard=beard,
        brows=str(draw.choice(assets.names("brows"))), lashes=str(draw.choice(assets.names("lashes"))),
        hair_colour=hair_colour, brow_colour=brow_colour, iris=iris,
        brow_least=float(draw.uniform(0.18, 0.55)), brow_strength=float(draw.uniform(0.55, 1.0)),
        iris_size=float(draw.uniform(22.5, 26.5)),
        poses={name: draw.normal(0, [2.0, 2.5, 1.5]) for name in ("neutral", "smile")},
    )  # fmt: skip


def oldness(age: float) -> float:
    """0 up to 25 years, 1 from 80 on."""
    return float(np.clip((age - 25) / 55, 0, 1))


def _weighted(draw: np.random.Generator, weights: Mapping[str, float]) -> str:
    shares = np.array(list(weights.values()))
    return str(draw.choice(list(weights), p=shares / shares.sum()))


def _macro(draw: np.random.Generator, sex: str, old: float, groups: np.ndarray) -> dict[str, float]:
    """Sex, age, group, muscle and weight of the whole head; sexes are mixed a little."""
    own = float(np.clip(draw.normal(0.93, 0.1), 0.6, 1.0))
    muscle, weight = draw.dirichlet([1.2, 2.5, 1.2]), draw.dirichlet([1.1, 2.2, 1.3])
    found: dict[str, float] = {}
    for name, share in ((sex, own), ("female" if sex == "male" else "male", 1 - own)):
        for age, part in (("young", 1 - old), ("old", old)):
            for group, much in zip(GROUPS, groups, strict=True):
                found[f"macrodetails/{group}-{name}-{age}"] = share * part * float(much)
            for m, strong in zip(("min", "average", "max"), muscle, strict=True):
                for w, heavy in zip(("min", "average", "max"), weight, strict=True):
                    key = f"macrodetails/universal-{name}-{age}-{m}muscle-{w}weight"
                    found[key] = share * part * float(strong * heavy)
    return found


def _sliders(draw: np.random.Generator, sliders: Sequence[Slider]) -> dict[str, float]:
    """Every slider of the face; left and right differ a little."""
    found: dict[str, float] = {}
    for slider in sliders:
        value = float(np.clip(draw.normal(0, _SPREAD[slider.part]), -0.9, 0.9)) * SHAPE * _GENTLE.get(slider.name, 1.0)
        value += _SHIFTED.get(slider.name, 0.0)
        apart = draw.normal(0, 0.06, 2) * SHAPE
        if slider.name in _LEFT_OUT:
            continue
        sides = (("left", apart[0]), ("right", apart[1])) if slider.sides else (("unsided", 0.0),)
        for side, more in sides:
            amount = value + float(more)
            target = slider.targets.get(f"{'positive' if amount > 0 else 'negative'}-{side}")
            if target:
                found[f"{slider.part}/{target}"] = abs(amount)
    return found


def _asymmetry(draw: np.random.Generator, assets: Assets) -> dict[str, float]:
    found = {}
    for name in assets.targets:
        if name.startswith("asym/") and name.endswith("-l"):
            amount = float(draw.normal(0, 0.18)) * SHAPE
            found[name if amount > 0 else f"{name[:-1]}r"] = abs(amount)
    return found


def _smile(draw: np.random.Generator) -> dict[str, float]:
    much, wide = draw.uniform(0.55, 1.0), 0.35 * draw.random()
    left, right = draw.uniform(0.85, 1.1, 2)
    both = {"cheekSquint": 0.7 * much, "eyeSquint": 0.4 * much, "mouthStretch": wide, "mouthDimple": 0.4 * much}
    found = {f"unit/{name}{side}": float(value) for name, value in both.items() for side in ("Left", "Right")}
    return found | {"unit/mouthSmileLeft": float(much * left), "unit/mouthSmileRight": float(much * right)}


def _hair_colour(draw: np.random.Generator, groups: np.ndarray, age: float) -> tuple[np.ndarray, float]:
    """The colour of the hair, and how much of it is grey. Light hair and light skin go together."""
    if draw.random() < groups[2] ** 2:
        name = str(draw.choice(list(HAIR), p=[0.08, 0.27, 0.30, 0.15, 0.14, 0.06]))
    else:
        name = "black" if draw.random() < 0.5 + 0.5 * groups[0] else "dark"
    colour = np.array(HAIR[name]) * np.exp(draw.normal(0, 0.2))
    turned = float(np.clip((age - 38) / 35 + draw.normal(0, 0.25), 0, 1))
    grey = turned * (1 - 0.7 * float(groups[0])) if age > 33 else 0.0
    return colour * (1 - grey) + _GREY * draw.uniform(0.6, 1.3) * grey, grey


def _style(
    draw: np.random.Generator, there: Sequence[str], sex: str, groups: np.ndarray, colour: np.ndarray, *, bald: bool
) -> str:
    """The hair. Afros are black or dark and on heads of that group; short hair there is a buzz cut as a rule."""
    weights = {name: share for name, share in _STYLES[sex].items() if name in there or name == "buzz"}
    if groups[0] > 0.45 and colour.max() < 0.06 and "afro01" in weights:
        weights["afro01"] += 0.25
    else:
        weights.pop("afro01", None)
    chosen = _weighted(draw, weights)
    if groups[0] > 0.6 and chosen.startswith("short") and draw.random() < 0.8:
        chosen = "buzz"
    return "none" if bald else chosen


def _skin(draw: np.random.Generator, sex: str, groups: np.ndarray, *, bald: bool, buzzed: bool) -> Skin:
    tone = draw.normal(0, 1, 3)
    lips = draw.normal(0, 0.14) + np.array([0.05, -0.02, -0.02]) + draw.normal(0, 0.03, 3)
    made_up = draw.random() * 1.2
    if sex == "female":
        lips = lips + np.array([0.02, -0.38, -0.28]) * made_up
    freckled, much = draw.random() < 0.15, draw.uniform(0.3, 1)
    shaved, rest = draw.random() < 0.4, draw.uniform(0.55, 0.92)
    return Skin(
        seed=int(draw.integers(2**62)),
        gain=float(np.exp(0.16 * tone[0])),
        gamma=float(np.clip(1 + 0.07 * tone[2], 0.85, 1.2)),
        warmth=float(0.05 * tone[1]),
        blotches=float(draw.uniform(0.02, 0.07)),
        cheeks=float(draw.normal(0.05, 0.06)),
        rings=float(draw.uniform(0, 0.35)),
        lids=float(draw.uniform(0, 0.4)) if sex == "female" else 0.0,
        lips=lips,
        moles=int(draw.poisson(2.0)),
        freckles=float(much) if freckled and groups[2] > 0.5 else 0.0,
        scar=bool(draw.random() < 0.1),
        hairline=float(draw.normal(0, 0.09) + (0.22 if bald else 0)),
        scalp=(0.0 if shaved else float(rest)) if bald else float(rest) if buzzed else 0.9,
        gloss=float(draw.uniform(0.05, 0.30)),
        shine=float(draw.uniform(8, 30)),
    )
