"""Made sequences: the box lies where the face is, whatever passes by."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.tracking.made import GROUND, KINDS, SIDE, Actors, as_head, sequence

RED, GREEN, BLUE = (250, 10, 10), (10, 250, 10), (10, 10, 250)


def of(colour: tuple[int, int, int], *shape: int) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (*shape, 3)).copy()


def actors() -> Actors:
    return Actors(of(RED, 1, 64, 64), of(GREEN, 2, 64, 64), of((90, 90, 90), GROUND, GROUND), of(BLUE, 40, 40))


def shows(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Where the colour's own channel is far above the others."""
    channel = int(np.argmax(colour))
    others = np.delete(pixels.astype(int), channel, axis=2).max(axis=2)
    return pixels[..., channel].astype(int) - others > 80


def test_the_box_is_that_of_the_oval_in_every_frame() -> None:
    sizes = []
    for pixels, (x, y, width, height) in sequence("plain", actors(), 40, (3,)):
        assert pixels.shape == (SIDE, SIDE, 3)
        rows, columns = np.nonzero(shows(pixels, RED))
        ends = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        np.testing.assert_allclose(ends, [x, y, x + width, y + height], atol=6)
        sizes.append(width)
    assert max(sizes) > 1.2 * min(sizes)


@pytest.mark.parametrize("kind", ["alike", "covered"])
def test_the_face_stays_in_its_box_while_others_pass(kind: str) -> None:
    for pixels, (x, y, width, height) in sequence(kind, actors(), 40, (3,)):
        rows, columns = np.nonzero(shows(pixels, RED))
        if len(rows):
            assert columns.min() >= x - 6
            assert columns.max() <= x + width + 6
            assert rows.min() >= y - 6
            assert rows.max() <= y + height + 6


def test_look_alikes_and_covers_meet_the_face() -> None:
    for kind, colour in (("alike", GREEN), ("covered", BLUE)):
        hidden = []
        for pixels, box in sequence(kind, actors(), 60, (3,)):
            x, y, width, height = np.clip(np.round(box), 0, SIDE).astype(int)
            hidden.append(shows(pixels, colour)[y : y + height, x : x + width].mean())
        assert max(hidden) > 0.4
        assert min(hidden) < 0.02


def test_views_go_from_the_last_to_the_first_and_back_in_grey() -> None:
    views = np.stack([of((level, level, 0), 64, 64) for level in (40, 120, 220)])
    shown = []
    for pixels, (x, y, width, height) in sequence(
        "turned", Actors(views, of(GREEN, 2, 64, 64), of((90, 90, 90), GROUND, GROUND), of(BLUE, 9, 9)), 15, (0,)
    ):
        assert np.ptp(pixels.mean(axis=(0, 1))) < 1  # noise alone differs between the channels
        middle = pixels[round(y + height / 2) - 3 :, round(x + width / 2) - 3 :][:6, :6].mean()
        shown.append(int(np.argmin(np.abs(np.array([40, 120, 220]) * 2 / 3 - middle))))
    assert shown == [2, 2, 2, 1, 1, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_longer_sequence_begins_as_the_shorter_one_and_seeds_differ() -> None:
    def boxes(frames: int, seed: int) -> np.ndarray:
        return np.array([box for _, box in sequence("plain", actors(), frames, (seed,))])

    np.testing.assert_array_equal(boxes(4, 1), boxes(8, 1)[:4])
    assert not np.array_equal(boxes(4, 1), boxes(4, 2))


def test_all_of_a_tight_picture_lies_in_the_oval() -> None:
    picture = of((0, 0, 0), 112, 92)
    picture[:, 0] = picture[:, -1] = picture[0] = picture[-1] = 255
    head = as_head(picture, 128)
    assert head.shape == (128, 128, 3)
    assert (head[2, :] > 100).all()  # the edge goes on beyond the oval
    assert head[64, 64].max() < 30


def test_there_is_a_kind_for_every_difficulty() -> None:
    assert KINDS == ("plain", "alike", "covered", "turned")
