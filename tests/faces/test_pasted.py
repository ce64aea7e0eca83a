"""Pasted faces and backgrounds: where things come to lie, and that nothing but the thing differs."""

from __future__ import annotations

import numpy as np
import torch

from facerep.faces.alignment import BOX_POINTS
from facerep.faces.backgrounds import cut_beside, drawn
from facerep.faces.pasted import CLOSE, WIDE, box_of, paste, seen_through, shuffled


def test_the_box_of_points_is_the_one_that_their_typical_places_are_of():
    box = np.array([10.0, 20.0, 50.0, 60.0])
    np.testing.assert_allclose(box_of(BOX_POINTS * 40 + box[:2]), box, atol=1e-9)


def test_what_is_pasted_lies_where_its_box_says_at_a_size_in_the_range():
    things = torch.zeros(40, 3, 64, 64)
    things[:, 0] = 255.0
    for sides in (WIDE, CLOSE):
        draws = torch.Generator().manual_seed(1)
        mixed, boxes = paste(torch.zeros(40, 3, 48, 48), things, draws, sides)
        side = (boxes[:, 2] - boxes[:, 0]) / 48
        assert float(side.min()) >= sides.least - 1e-6
        assert float(side.max()) <= sides.most + 1e-6
        assert float(boxes.min()) >= -0.5 - 1e-4
        assert float(boxes.max()) <= 47.5 + 1e-4
        for picture, (left, top, right, bottom) in zip(mixed[:, 0], boxes, strict=True):
            middle = picture[round(float(top + bottom) / 2), round(float(left + right) / 2)]
            assert middle > 100  # the thing, whatever its light
            y, x = torch.nonzero(picture > 0, as_tuple=True)
            grown = 1.6 * (right - left)  # the head reaches over its box, the picture beyond stays as it is
            assert float((x - (left + right) / 2).abs().max()) <= grown
            assert float((y - (top + bottom) / 2).abs().max()) <= grown


def test_the_same_generator_gives_the_same_pictures():
    first, second = (
        paste(torch.zeros(3, 3, 48, 48), torch.rand(3, 3, 64, 64) * 0 + 9, torch.Generator().manual_seed(5), WIDE)[0]
        for _ in range(2)
    )
    torch.testing.assert_close(first, second)


def test_shuffled_tiles_keep_every_pixel():
    picture = torch.arange(2 * 3 * 8 * 8, dtype=torch.float32).reshape(2, 3, 8, 8)
    mixed = shuffled(picture, torch.Generator().manual_seed(0))
    assert not torch.equal(mixed, picture)
    for one, other in zip(mixed, picture, strict=True):
        assert torch.equal(one[0].flatten().sort()[0], other[0].flatten().sort()[0])
        assert torch.equal(one[1] - one[0], other[1] - other[0])  # the channels move together


def test_a_part_of_a_square_has_the_size_that_is_asked_for():
    parts = seen_through(torch.full((4, 3, 64, 64), 7.0), torch.Generator().manual_seed(0), 48)
    torch.testing.assert_close(parts, torch.full((4, 3, 48, 48), 7.0))


def test_squares_are_cut_beside_the_box_only():
    photograph = np.random.default_rng(0).integers(0, 100, (250, 250, 3)).astype(np.uint8)
    photograph[80:170, 80:170] = 255  # the face
    draws = np.random.default_rng(1)
    squares = [cut_beside(photograph, np.array([80.0, 80, 169, 169]), draws, side=64) for _ in range(50)]
    found = [square for square in squares if square is not None]
    assert len(found) > 40
    assert max(int(square.max()) for square in found) < 200


def test_a_photograph_that_is_all_face_gives_no_square():
    photograph = np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    assert cut_beside(photograph, np.array([5.0, 5, 95, 95]), np.random.default_rng(0), side=64) is None
    tiny = photograph[:30, :30]
    assert cut_beside(tiny, np.array([1.0, 1, 2, 2]), np.random.default_rng(0), side=64) is None


def test_drawn_backgrounds_differ_and_come_again_by_their_generator():
    first, again, other = (drawn(np.random.default_rng(seed), 64) for seed in (0, 0, 1))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5
