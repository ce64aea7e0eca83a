"""Pairs scored by a network that sees both faces: the same number, whatever the order, the mirror and the company."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from facerep.errors import Usage
from facerep.faces.crops import Crop, preset
from facerep.networks.catalog import row
from facerep.networks.hybrid.convnet_rbm import STAGES, STEPS, ConvNetRBM
from facerep.networks.weights import Model
from facerep.pairs.pair_network import PairNetwork

SMALL = replace(
    row("convnet-rbm-small"), maps=(4, 4, 6, 4), networks=2, hidden=5, feature=2,
    groups=("face*0.9/rgb@33x33", "left-eye*1/grey@33x33"),
)  # fmt: skip
FACES = 40


def model(stage: str = "tuned") -> Model:
    torch.manual_seed(5)
    network = ConvNetRBM(SMALL, normalise=True).eval()
    for parameter in network.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    network.stage.fill_(STAGES.index(stage))
    network = network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return Model(network, SMALL, Crop(preset("points"), 64, 56), "", "sha", "run", {})


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (FACES, 64, 56, 3), dtype=np.uint8)


@pytest.fixture
def pairs() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(2)
    return chance.integers(FACES, size=50), chance.integers(FACES, size=50)


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_score_has_the_same_bits_when_faces_are_exchanged_or_mirrored(
    pixels: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], step: str
) -> None:
    left, right = pairs
    wanted = PairNetwork(model(), pixels, step, "cpu").score(left, right)
    assert len(np.unique(wanted)) > 40
    assert np.array_equal(PairNetwork(model(), pixels, step, "cpu").score(right, left), wanted)
    mirrored = pixels.copy()
    mirrored[::2] = pixels[::2, :, ::-1]
    assert np.array_equal(PairNetwork(model(), mirrored, step, "cpu").score(left, right), wanted)


def test_one_network_in_one_mode_does_depend_on_the_order(
    pixels: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    judge = PairNetwork(model(), pixels, "network", "cpu")
    assert not np.allclose(judge.score(*pairs), judge.score(*pairs[::-1]), atol=1e-3)


def test_a_score_does_not_depend_on_the_pairs_beside_it(
    pixels: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    judge, (left, right) = PairNetwork(model(), pixels, device="cpu"), pairs
    alone = np.concatenate([judge.score(left[place : place + 1], right[place : place + 1]) for place in range(5)])
    assert np.array_equal(judge.score(left, right)[:5], alone)


def test_the_matrix_has_the_scores_of_all_pairs(pixels: np.ndarray) -> None:
    judge = PairNetwork(model(), pixels, device="cpu")
    rows = np.arange(FACES, dtype=np.float32)[:, None]
    matrix = judge.matrix(rows[:3], rows[3:8])
    assert matrix.shape == (3, 5)
    assert matrix[2, 4] == judge.score(rows[2:3], rows[7:8])[0]


def test_steps_are_what_their_names_say(pixels: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> None:
    made, (left, right) = model(), pairs
    assert isinstance(made.network, ConvNetRBM)
    faces = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().sub(127.5).div(127.5)
    with torch.inference_mode():
        before, now = (
            made.network.modes(faces, torch.from_numpy(left), torch.from_numpy(right), before=before)
            for before in (True, False)
        )
        rbm = made.network.before.rbm(made.network.pooled(before))
        tuned = made.network.now.rbm(made.network.pooled(now))
    wanted = {
        "network": before[0, 0],
        "modes": before[0].mean(dim=0),
        "networks": before[:2].mean(dim=(0, 1)),
        "groups": before.mean(dim=(0, 1)),
        "rbm": rbm[:, 1] - rbm[:, 0],
        "tuned": tuned[:, 1] - tuned[:, 0],
    }
    for step, scores in wanted.items():
        assert np.allclose(PairNetwork(made, pixels, step, "cpu").score(left, right), scores.numpy(), atol=1e-5), step


def test_the_last_step_of_a_run_is_taken_and_one_that_it_has_not_come_to_is_refused(pixels: np.ndarray) -> None:
    assert PairNetwork(model("networks"), pixels, device="cpu").step == "groups"
    assert PairNetwork(model("rbm"), pixels, device="cpu").step == "rbm"
    assert PairNetwork(model("tuned"), pixels, device="cpu").name == "convnet-rbm-small, tuned"
    for stage, step in (("networks", "rbm"), ("rbm", "tuned")):
        with pytest.raises(Usage, match=f"has no step {step}"):
            PairNetwork(model(stage), pixels, step, "cpu")
