"""LBP in batches equals a loop over pixels and neighbours."""

import math

import numpy as np
import pytest
import torch

from facerep.errors import BadInput
from facerep.networks.catalog import row
from facerep.networks.lbp import LBP, PATTERNS, RADIUS, patterns
from facerep.networks.weights import load_model

CELL = row("lbp").cell


def slow_pattern(picture, y, x):
    """The pattern of one inner pixel by the definition of Ojala et al."""
    found = 0
    for bit in range(8):
        v, u = y - RADIUS * math.sin(math.pi * bit / 4), x + RADIUS * math.cos(math.pi * bit / 4)
        v, u = round(v, 6), round(u, 6)
        a, b = math.floor(v), math.floor(u)
        c, d = min(a + 1, len(picture) - 1), min(b + 1, picture.shape[1] - 1)
        top = picture[a, b] * (1 - (u - b)) + picture[a, d] * (u - b)
        bottom = picture[c, b] * (1 - (u - b)) + picture[c, d] * (u - b)
        found |= (top * (1 - (v - a)) + bottom * (v - a) >= picture[y, x] - 1e-3) << bit
    return found


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (3, 112, 96)).astype(np.float64)


def seen(faces):
    return torch.from_numpy((faces - 127.5) / 127.5).float()[:, None]


def test_patterns_equal_a_loop_over_neighbours(faces):
    found = patterns(torch.from_numpy(faces).float())
    rng = np.random.default_rng(1)
    for _ in range(300):
        face, y, x = rng.integers(3), rng.integers(RADIUS, 112 - RADIUS), rng.integers(RADIUS, 96 - RADIUS)
        assert found[face, y, x] == slow_pattern(faces[face], y, x)


def test_a_cell_holds_the_square_roots_of_the_shares_of_its_patterns(faces):
    network = LBP(row("lbp"))
    found = network(seen(faces)).reshape(3, 8, 6, PATTERNS)
    assert (found**2).sum(dim=-1).numpy() == pytest.approx(1, abs=1e-5)
    labels = network.labels[patterns(torch.from_numpy(faces).float())].numpy()
    cell = labels[1, 2 * CELL : 3 * CELL, 6 + 4 * CELL : 6 + 5 * CELL]
    counts = np.bincount(cell.ravel(), minlength=PATTERNS)
    assert found[1, 2, 4].numpy() == pytest.approx(np.sqrt(counts / CELL**2), abs=1e-6)


def test_58_patterns_have_at_most_two_changes_and_a_label_of_their_own():
    labels = LBP(row("lbp")).labels.tolist()
    assert sorted(labels)[:58] == list(range(58))
    assert labels.count(58) == 256 - 58
    assert labels[0b00011100] != 58
    assert labels[0b10011100] == 58


def test_a_face_gives_the_same_in_any_batch_and_in_any_light(faces):
    model = load_model("lbp")
    assert str(model.crop) == "points@112x96/face*1/grey/1"
    together = model.network.layer(seen(np.concatenate([faces] * 20)), "lbp")
    alone = model.network.layer(seen(faces[:1]), "lbp")
    assert (together[57] == alone[0]).all()
    darker = model.network.layer(seen(np.floor(faces / 2) * 2 / 2), "lbp")
    brighter = model.network.layer(seen(np.floor(faces / 2) * 2 / 2 + 60), "lbp")
    torch.testing.assert_close(darker, brighter)


def test_a_black_face_has_one_pattern():
    found = load_model("lbp").network.layer(torch.full((1, 1, 112, 96), -1.0), "lbp").reshape(48, PATTERNS)
    assert (found.max(dim=1).values == 1).all()
    assert (found.argmax(dim=1) == 57).all()


def test_a_smaller_row_has_its_own_cells_and_may_see_a_part_of_the_face(faces):
    model = load_model("lbp-64")
    assert (model.row.layers, model.row.feature, str(model.crop)) == (("lbp",), 944, "points@64x64/face*1/grey/1")
    found = model.network.layer(seen(faces[:, :64, :64]), "lbp").reshape(3, 4, 4, PATTERNS)
    labels = model.network.labels[patterns(torch.from_numpy(faces[:, :64, :64]).float())].numpy()
    counts = np.bincount(labels[2, 16:32, 48:64].ravel(), minlength=PATTERNS)
    assert found[2, 1, 3].numpy() == pytest.approx(np.sqrt(counts / 256), abs=1e-6)
    part = load_model("lbp-32/left-eye*0.8")
    assert (str(part.crop), part.row.name, part.sha256) == ("points@32x32/left-eye*0.8/grey/1", "lbp-32", "")
    assert part.network.layer(seen(faces[:, :32, :32]), "lbp").shape == (3, part.row.feature)


@pytest.mark.parametrize(
    ("name", "words"),
    [("lbp-32/ear", "no patch 'ear'"), ("lbp-32/nose*x", "no patch"), ("lbp-32/", "no such run or weights file")],
)
def test_a_part_of_the_face_that_there_is_not_is_refused(name, words):
    with pytest.raises(BadInput, match=words):
        load_model(name)


def test_pixels_32_are_a_square_grey_crop(faces):
    model = load_model("pixels-32")
    small = seen(faces[:, :32, :32])
    assert (str(model.crop), model.row.layers) == ("points@32x32/face*1/grey/1", ("pixels",))
    assert torch.equal(model.network.layer(small, "pixels"), small.flatten(1))
