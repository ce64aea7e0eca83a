"""One person's shard: every picture of the plan, with labels and points that fit it."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.rendering.assets import Assets
from facerep.rendering.names import LIGHTS, parse
from facerep.rendering.set_files import COLUMNS, PICTURES, VIEWS
from facerep.rendering.shard import read_table, render, write_shard
from tiny_head import tiny_head

SIZE = 32


@pytest.fixture(scope="module")
def head() -> Assets:
    """The drawn head."""
    return tiny_head()


@pytest.fixture(scope="module")
def found(head) -> list[tuple[list[object], np.ndarray]]:
    """All pictures of a person with their lines."""
    return list(render(head, 0, 5, SIZE))


@pytest.fixture(scope="module")
def lines(found) -> list[dict]:
    """The lines by column."""
    return [dict(zip(COLUMNS, row, strict=True)) for row, _ in found]


def points(line: dict) -> np.ndarray:
    names = [name for name in COLUMNS if name.endswith(("_x", "_y"))]
    return np.array([float(line[name]) for name in names]).reshape(5, 2)


def test_every_view_light_and_expression_once(lines, found):
    assert len(found) == PICTURES == 9 * 20 * 2
    seen = Counter((line["view"], line["light"], line["expression"]) for line in lines)
    assert set(seen.values()) == {1}
    assert {view for view, _, _ in seen} == set(VIEWS)
    assert {light for _, light, _ in seen} == set(range(LIGHTS))
    assert {expression for _, _, expression in seen} == {"neutral", "smile"}


def test_a_name_says_what_the_labels_say(lines):
    for line in lines:
        name = parse(line["name"])
        assert (name.subject, name.view, int(name.light)) == (line["person"], line["view"], line["light"])
        assert name.expression == line["expression"]


def test_points_are_where_the_face_is_and_a_turned_face_shows_its_side(lines):
    for line in lines:
        left, right, nose, *mouth = points(line)
        assert (points(line) > 0).all()
        assert (points(line) < SIZE - 1).all()
        assert left[0] < right[0]
        assert mouth[0][0] < mouth[1][0]
        assert max(left[1], right[1]) < nose[1] < min(mouth[0][1], mouth[1][1])
        box = np.array([float(line[name]) for name in ("x1", "y1", "x2", "y2")])
        assert (box >= 0).all()
        assert (box <= SIZE - 1).all()
        assert box[2] - box[0] > 8
        assert box[3] - box[1] > 12
        middle = (left[0] + right[0]) / 2
        if abs(line["view"]) >= 30:  # a camera at its left sees the nose to the right of the eyes
            assert np.sign(nose[0] - middle) == -np.sign(line["view"])


def test_the_nose_is_where_the_picture_shows_it(lines, found):
    """Under a flash from far above the tip is the brightest place of the lower face's middle: it comes out most."""
    rows = [place for place, line in enumerate(lines) if line["view"] == -60 and line["light"] == 7]
    for place in rows:
        nose = points(lines[place])[2]
        picture = found[place][1].astype(float)
        row = picture[round(nose[1])]
        edge = np.flatnonzero(row > row[-3:].mean() + 25).max()  # the last place that is face
        assert edge == pytest.approx(nose[0], abs=2.5)


def test_every_picture_has_its_own_error(lines):
    frontal = [points(line) for line in lines if line["view"] == 0 and line["expression"] == "neutral"]
    moves = np.array(frontal)[:, 0] - frontal[0][0]
    assert len({tuple(move) for move in moves.round(3)}) == LIGHTS
    assert np.ptp(moves, axis=0).max() < 4 * SIZE / 64 + 0.01


def test_lights_differ_and_views_differ_and_a_smile_differs(lines, found):
    pixels = [picture for _, picture in found]
    keys = [(line["view"], line["light"], line["expression"]) for line in lines]
    shown = dict(zip(keys, pixels, strict=True))
    base = shown[0, 7, "neutral"].astype(float)
    for other in ((0, 2, "neutral"), (30, 7, "neutral"), (0, 0, "neutral")):
        assert np.abs(shown[other] - base).mean() > 8
    assert np.abs(shown[0, 7, "smile"] - base).mean() > 2


def test_the_same_person_is_the_same_bytes_and_others_are_not(head, tmp_path):
    for name, seed, number in (("a", 0, 5), ("b", 0, 5), ("c", 1, 5), ("d", 0, 6)):
        write_shard(tmp_path / name, head, seed, number, 16)
    a, b, c, d = ((tmp_path / name).read_bytes() for name in "abcd")
    assert a == b
    assert a != c
    assert a != d
    assert c != d


def test_a_shard_is_a_plain_tar_whose_table_says_where_each_picture_lies(found, head, tmp_path):
    path = tmp_path / "005.tar"
    write_shard(path, head, 0, 5, SIZE)
    content = path.read_bytes()
    with tarfile.open(path, "r:") as tar:
        assert {(member.mtime, member.uid, member.mode) for member in tar} == {(0, 0, 0o600)}
    for line, (row, pixels) in zip(read_table(path), found, strict=True):
        assert line[: len(COLUMNS)] == [str(cell) for cell in row]
        shard, start, size, crc = line[len(COLUMNS) :]
        assert zlib.crc32(content[int(start) : int(start) + int(size)]) == int(crc)
        assert shard == "005.tar"
        stored = Image.open(io.BytesIO(content[int(start) : int(start) + int(size)]))
        assert (stored.format, stored.mode) == ("PNG", "L")
        np.testing.assert_array_equal(np.asarray(stored), pixels)


@pytest.mark.parametrize("damage", ["cut short", "no tar", "another table"])
def test_a_damaged_shard_is_one_line(head, tmp_path, damage):
    path = tmp_path / "005.tar"
    write_shard(path, head, 0, 5, 16)
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut short": content[:200_000],
            "no tar": b"something else" * 99,
            "another table": content.replace(b"name,person,split", b"name,person,splat", 1),
        }[damage]
    )
    with pytest.raises(BadInput, match=r"shard .*005.tar; remove it and give --resume"):
        read_table(path)
