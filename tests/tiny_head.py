"""A head drawn here, an egg with a nose, two eyes, hair, a brow and lashes: what `facerep data render` needs, tiny."""

from __future__ import annotations

import itertools

import numpy as np

from facerep.rendering.assets import Assets, Piece, Slider

AROUND, UP, SIDE = 40, 28, 64
MIDDLE, RADII = np.array([0.0, 7.0, 0.6]), np.array([0.75, 1.2, 0.9])
EYES = np.array([[0.31, 7.28, 1.32], [-0.31, 7.28, 1.32]])


def tiny_head() -> Assets:
    """The assets of that head."""
    skin, uv, triangles, uv_triangles = _egg()
    balls = [_ball(centre) for centre in EYES]
    vertices = np.concatenate([skin, *(places for places, _ in balls)])
    first = len(skin)
    second = first + len(balls[0][0])
    eyes = balls[0][1] + first, balls[1][1] + second
    ends = [int(np.argmax(skin[:, 0])), int(np.argmin(skin[:, 0])), int(np.argmax(skin[:, 1]))]
    ends += [int(np.argmin(skin[:, 1])), int(np.argmax(skin[:, 2])), int(np.argmin(skin[:, 2]))]
    return Assets(
        vertices=vertices, triangles=triangles, uv=uv, uv_triangles=uv_triangles, eyes=eyes,
        scale_vertices=np.array(ends).reshape(3, 2), targets=dict(_targets(skin)),
        sliders=(
            Slider("nose", "nose-size", {"positive-unsided": "long", "negative-unsided": "short"}, sides=False),
            Slider("cheek", "cheek-volume", {f"positive-{side}": f"{side}-full" for side in ("left", "right")}, True),
        ),
        masks={"lips": _patch(0.5, 0.397, 0.06, 0.03), "ears": np.zeros((SIDE, SIDE), np.uint8)},
        skins=dict(_skins()), pieces=_pieces(skin, triangles, uv, uv_triangles), sources={"drawn by": "the tests"},
    )  # fmt: skip


def _egg() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    azimuth = np.linspace(-np.pi, np.pi, AROUND + 1)
    height = np.linspace(-0.49 * np.pi, 0.49 * np.pi, UP)
    a, h = np.meshgrid(azimuth, height)
    places = MIDDLE + RADII * np.stack([np.sin(a) * np.cos(h), np.sin(h), np.cos(a) * np.cos(h)], axis=-1)
    bump = np.exp(-((places[..., 0] / 0.12) ** 2) - ((places[..., 1] - 6.9) / 0.15) ** 2) * (places[..., 2] > 0.6)
    places[..., 2] += 0.25 * bump
    uv = np.stack([a / (2 * np.pi) + 0.5, h / np.pi + 0.5], axis=-1).reshape(-1, 2)
    faces, textures = [], []
    for row, column in itertools.product(range(UP - 1), range(AROUND)):

        def at(up: int, right: int, wide: int, row: int = row, column: int = column) -> int:
            return (row + up) * wide + (column + right) % wide

        for corners in (((0, 0), (0, 1), (1, 1)), ((0, 0), (1, 1), (1, 0))):
            faces.append([at(up, right, AROUND) for up, right in corners])
            textures.append([at(up, right, AROUND + 1) for up, right in corners])
    return places[:, :-1].reshape(-1, 3), uv, np.array(faces), np.array(textures)


def _ball(centre: np.ndarray, radius: float = 0.14) -> tuple[np.ndarray, np.ndarray]:
    a, h = np.meshgrid(np.linspace(-np.pi, np.pi, 12, endpoint=False), np.linspace(-1.5, 1.5, 8))
    places = centre + radius * np.stack([np.sin(a) * np.cos(h), np.sin(h), np.cos(a) * np.cos(h)], axis=-1)
    faces = []
    for row, column in itertools.product(range(7), range(12)):
        here, right = row * 12 + column, row * 12 + (column + 1) % 12
        faces += [[here, right, right + 12], [here, right + 12, here + 12]]
    return places.reshape(-1, 3), np.array(faces)


def _targets(skin: np.ndarray):
    x, y, z = skin.T
    front = z > 0.9
    nose = np.flatnonzero(front & (np.abs(x) < 0.2) & (np.abs(y - 6.9) < 0.2))
    yield "nose/long", (nose, np.tile([0.0, 0.0, 0.2], (len(nose), 1)))
    yield "nose/short", (nose, np.tile([0.0, 0.0, -0.1], (len(nose), 1)))
    for side, sign in (("left", 1), ("right", -1)):
        cheek = np.flatnonzero(front & (sign * x > 0.3) & (np.abs(y - 6.7) < 0.3))
        yield f"cheek/{side}-full", (cheek, np.tile([0.1 * sign, 0.0, 0.1], (len(cheek), 1)))
        corner = np.flatnonzero(front & (sign * x > 0.15) & (sign * x < 0.4) & (np.abs(y - 6.62) < 0.15))
        yield f"unit/mouthSmile{side.title()}", (corner, np.tile([0.0, 0.12, 0.0], (len(corner), 1)))
    all_of_it = np.arange(len(skin))
    for sex, wide in (("male", 0.05), ("female", -0.05)):
        moves = np.stack([wide * np.sign(x), 0 * x, 0 * x], axis=1)
        for group in ("african", "asian", "caucasian"):
            yield f"macrodetails/{group}-{sex}-young", (all_of_it, moves)
    side = np.stack([0.05 * np.ones(len(skin)), 0 * x, 0 * x], axis=1)
    yield "asym/asym-top-1-l", (all_of_it, side)
    yield "asym/asym-top-1-r", (all_of_it, -side)


def _patch(u: float, v: float, wide: float, high: float) -> np.ndarray:
    """An elliptic mask."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    inside = ((at[None] - u) / wide) ** 2 + ((1 - at[:, None] - v) / high) ** 2 < 1
    return np.where(inside, 255, 0).astype(np.uint8)


def _skins():
    tones = {"darkskinned": (92, 62, 48), "lightskinned": (214, 170, 150), "lightskinned2": (200, 160, 120)}
    for age, sex in itertools.product(("young", "middleage", "old"), ("male", "female")):
        for tone, colour in tones.items():
            name, number = tone.rstrip("2"), "2" if tone.endswith("2") else ""
            number = "3" if number and age == "young" else number
            yield f"{age}_{name}_{sex}{number}", np.tile(np.array(colour, np.uint8), (SIDE, SIDE, 1))


def _pieces(skin: np.ndarray, triangles: np.ndarray, uv: np.ndarray, uv_triangles: np.ndarray) -> dict[str, Piece]:
    def hung(kept: np.ndarray, out: float, opaque: np.ndarray) -> Piece:
        shell = triangles[kept]
        anchors, own = np.unique(shell, return_inverse=True)
        away = (skin[anchors] - MIDDLE) / RADII
        texture = np.full((SIDE, SIDE, 4), 128, np.uint8)
        texture[:, :, 3] = opaque
        return Piece(
            triangles=own.reshape(-1, 3), uv_triangles=uv_triangles[kept], uv=uv,
            anchors=np.repeat(anchors[:, None], 3, axis=1), weights=np.tile([1.0, 0, 0], (len(anchors), 1)),
            offsets=out * away / np.linalg.norm(away, axis=1, keepdims=True), texture=texture,
        )  # fmt: skip

    all_over = np.full((SIDE, SIDE), 255, np.uint8)
    brows = np.maximum(_patch(0.44, 0.63, 0.04, 0.012), _patch(0.56, 0.63, 0.04, 0.012))
    lashes = np.maximum(_patch(0.44, 0.59, 0.03, 0.008), _patch(0.56, 0.59, 0.03, 0.008))
    at = skin[triangles]
    front = at[:, :, 2].min(axis=1) > 0.9
    return {
        "hair/short01": hung(at[:, :, 1].min(axis=1) > 7.75, 0.08, all_over),
        "brows/eyebrow001": hung(front & (at[:, :, 1].min(axis=1) > 7.2), 0.01, brows),
        "lashes/eyelashes02": hung(front & (at[:, :, 1].min(axis=1) > 7.1), 0.01, lashes),
    }
