"""A tracker on a square that wanders, with a trunk of random weights."""

import io

import numpy as np
import pytest
import torch
from wandering_square import scene

from facerep.metrics.boxes.overlap import iou
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.tracker import Tracker

SETTINGS = TrackerSettings(particles=100, steps=10, again=2, every=4)
START = np.array([40.0, 30, 20, 20])


def path(count):
    return [np.array([40 + 2 * step, 30 + step, 20.0, 20.0]) for step in range(1, count + 1)]


def follow(tracker, boxes):
    return [tracker.follow(scene(*box[:2])) for box in boxes]


@pytest.mark.parametrize("heads", ["both", "general", "specific"])
def test_each_head_alone_and_both_follow_a_square(trunk, heads):
    tracker = Tracker(trunk, scene(40, 30), START, TrackerSettings(particles=200, heads=heads, grow=0.0, steps=30), 0)
    boxes = path(12)
    found = follow(tracker, boxes)
    assert iou(found[-1].box, boxes[-1]) > 0.2  # a trunk of random weights is late; where it began, nothing overlaps
    assert {one.head for one in found} <= ({"general", "specific"} if heads == "both" else {heads})


def test_a_share_of_the_maps_is_kept_and_which_depends_on_how(trunk):
    kept = {}
    for maps in ("selected", "random", "all"):
        tracker = Tracker(trunk, scene(40, 30), START, TrackerSettings(maps=maps, share=0.5, steps=1), 0)
        kept[maps] = [layer.tolist() for layer in tracker.kept]
    middle, late = (len(layer) for layer in kept["all"])
    assert [len(layer) for layer in kept["selected"]] == [middle // 2, late // 2]
    assert [len(layer) for layer in kept["random"]] == [middle // 2, late // 2]
    assert kept["selected"] != kept["random"]


def test_the_same_seed_gives_the_same_boxes_and_a_restored_state_goes_on_the_same(trunk):
    boxes = path(9)
    whole = Tracker(trunk, scene(40, 30), START, SETTINGS, 3)
    expected = follow(whole, boxes)
    first = Tracker(trunk, scene(40, 30), START, SETTINGS, 3)
    begun = follow(first, boxes[:5])
    file = io.BytesIO()
    torch.save(first.state(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    second = Tracker.restored(trunk, SETTINGS, 3, state)
    gone_on = follow(second, boxes[5:])
    for one, other in zip(begun + gone_on, expected, strict=True):
        assert np.array_equal(one.box, other.box)
        assert one.score == other.score


def test_a_lost_face_leaves_the_box_where_it_was(trunk):
    tracker = Tracker(trunk, scene(40, 30), START, TrackerSettings(lost=1.0, steps=1), 0)
    assert np.array_equal(tracker.follow(scene(60, 40)).box, START)


def test_the_box_stays_near_the_frame_and_neither_vanishes_nor_fills_the_world(trunk):
    noise = np.random.default_rng(0)
    wild = TrackerSettings(particles=50, steps=2, move=2.0, grow=1.0, lost=0.0, sure=0.0)
    tracker = Tracker(trunk, scene(40, 30), START, wild, 0)
    for _ in range(15):
        box = tracker.follow(noise.integers(0, 256, (96, 128, 3), dtype=np.uint8)).box
        centre = box[:2] + box[2:] / 2
        assert (centre >= 0).all()
        assert (centre <= [128, 96]).all()
        assert 3 <= box[2] <= 256
        assert 3 <= box[3] <= 192
