"""How batches go through networks: a few faces at a time on a CPU, some batches ahead, in their order."""

from concurrent.futures import Future

import numpy as np
import pytest
import torch

from facerep.extraction.extract import Plan, Runner
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import Model

CPU = torch.device("cpu")


@pytest.fixture
def runner():
    torch.manual_seed(0)
    crop = parse_crop("loose@31x31/1")
    network = build(row("deepid-31x31"), normalise=True).eval()
    model = Model(network, network.row, crop, "> 0", "", "a test", {})
    return Runner(Plan((model,), (crop,), "mean", "feature"), CPU)


def test_every_batch_has_one_shape_and_so_a_face_has_the_same_bits_alone_and_among_others(runner, monkeypatch):
    faces = np.random.default_rng(0).integers(0, 256, (70, 2 * 31 * 31 * 3), dtype=np.uint8)
    seen, maps = [], DeepID.maps
    monkeypatch.setattr(DeepID, "maps", lambda network, batch: seen.append(len(batch)) or maps(network, batch))
    found = runner.layers(faces, ("pool3", "feature"))
    assert [len(values) for values in found] == [70, 70]
    for face in (0, 33, 69):
        for alone, together in zip(runner.layers(faces[face : face + 1], ("pool3", "feature")), found, strict=True):
            np.testing.assert_array_equal(alone[0], together[face])
    assert set(seen) == {64}  # 32 faces, each with its mirror image


def test_answers_come_in_the_order_of_the_batches():
    batches = [np.full((1, 2), number) for number in range(9)]
    with side_by_side(lambda batch: int(batch.sum()), CPU) as send:
        assert list(in_order(send, batches)) == [2 * number for number in range(9)]


def test_no_more_batches_are_made_than_may_wait():
    made, answered = [], []

    def batches():
        for number in range(6):
            made.append(number)
            yield np.array([number])

    def send(batch):
        future = Future()
        future.set_result(int(batch[0]))
        return future

    for answer in in_order(send, batches(), ahead=3):
        answered.append(answer)
        assert len(made) <= len(answered) + 2
    assert answered == list(range(6))
