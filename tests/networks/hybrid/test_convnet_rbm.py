"""The hybrid: its eight modes, its means, and scores that do not change when faces are exchanged or mirrored."""

from dataclasses import replace

import pytest
import torch

from facerep.errors import BadInput
from facerep.networks.catalog import row
from facerep.networks.hybrid.convnet_rbm import ConvNetRBM, group_of

SMALL = replace(
    row("convnet-rbm"), maps=(4, 4, 6, 4), networks=2, hidden=5, feature=3,
    groups=("face*1/rgb@39x31", "left-eye*1/grey@31x31", "nose*1.25/rgb@31x31"),
)  # fmt: skip
LEFT, RIGHT = torch.tensor([0, 1, 3, 2]), torch.tensor([1, 2, 0, 3])


@pytest.fixture
def hybrid() -> ConvNetRBM:
    torch.manual_seed(5)
    made = ConvNetRBM(SMALL).eval()
    for parameter in made.now.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return made


@pytest.fixture
def faces() -> torch.Tensor:
    return torch.rand(4, 3, 64, 56, generator=torch.Generator().manual_seed(2)) * 2 - 1


def test_the_catalog_row_has_twelve_groups_of_five_networks() -> None:
    paper = row("convnet-rbm")
    assert (len(paper.groups), paper.networks, paper.feature) == (12, 5, 12)
    assert len({group_of(text) for text in paper.groups}) == 12


def test_each_mode_is_the_network_on_faces_that_were_exchanged_and_mirrored_beforehand(
    hybrid: ConvNetRBM, faces: torch.Tensor
) -> None:
    modes = hybrid.modes(faces, LEFT, RIGHT)
    place = 0
    for first, second in ((LEFT, RIGHT), (RIGHT, LEFT)):
        for one in (faces, faces.flip(3)):
            for other in (faces, faces.flip(3)):
                both = torch.cat([one[first], other[second]])
                logits = hybrid.logits(both, torch.arange(4), torch.arange(4, 8))
                assert torch.allclose(modes[:, place], logits.softmax(dim=2)[..., 1], atol=1e-6)
                place += 1
    assert place == modes.shape[1] == 8


def test_what_is_pooled_is_the_mean_over_modes_and_over_the_networks_of_a_group(
    hybrid: ConvNetRBM, faces: torch.Tensor
) -> None:
    modes = hybrid.modes(faces, LEFT, RIGHT)
    pooled = hybrid.pooled(modes)
    assert pooled.shape == (4, 3)
    for group in range(3):
        by_hand = (modes[2 * group].mean(dim=0) + modes[2 * group + 1].mean(dim=0)) / 2
        assert torch.allclose(pooled[:, group], by_hand, atol=1e-6)


def test_the_pooled_numbers_are_the_same_when_faces_are_exchanged_or_either_is_mirrored(
    hybrid: ConvNetRBM, faces: torch.Tensor
) -> None:
    wanted = hybrid.pooled(hybrid.modes(faces, LEFT, RIGHT))
    one, other = faces.clone(), faces.clone()
    one[0], other[1] = faces[0].flip(2), faces[1].flip(2)
    assert torch.allclose(hybrid.pooled(hybrid.modes(faces, RIGHT, LEFT)), wanted, atol=1e-6)
    assert torch.allclose(hybrid.pooled(hybrid.modes(one, LEFT, RIGHT)), wanted, atol=1e-6)
    assert torch.allclose(hybrid.pooled(hybrid.modes(other, LEFT, RIGHT)), wanted, atol=1e-6)
    assert torch.allclose(hybrid.pooled(hybrid.modes(faces.flip(3), LEFT, RIGHT)), wanted, atol=1e-6)
    assert not torch.allclose(hybrid.logits(faces, LEFT, RIGHT), hybrid.logits(faces, RIGHT, LEFT), atol=1e-3)


def test_weights_from_before_are_kept_and_do_not_learn(hybrid: ConvNetRBM, faces: torch.Tensor) -> None:
    hybrid.keep()
    before = hybrid.modes(faces, LEFT, RIGHT, before=True)
    assert torch.equal(before, hybrid.modes(faces, LEFT, RIGHT))
    hybrid.now.rbm(hybrid.pooled(hybrid.modes(faces, LEFT, RIGHT)))[:, 0].sum().backward()
    with torch.no_grad():
        for parameter in hybrid.now.parameters():
            assert parameter.grad is not None
            parameter -= parameter.grad
    assert all(parameter.grad is None for parameter in hybrid.before.parameters())
    assert torch.equal(before, hybrid.modes(faces, LEFT, RIGHT, before=True))
    assert not torch.equal(before, hybrid.modes(faces, LEFT, RIGHT))


def test_the_two_faces_of_a_pair_may_come_stacked(hybrid: ConvNetRBM, faces: torch.Tensor) -> None:
    stacked = torch.cat([faces[LEFT], faces[RIGHT]], dim=1)
    wanted = hybrid.pooled(hybrid.modes(faces, LEFT, RIGHT))
    assert torch.allclose(hybrid(stacked), wanted, atol=1e-6)


@pytest.mark.parametrize("text", ["face*1/rgb", "face*1@39x31", "face*1/blue@39x31", "chin*1/rgb@39x31"])
def test_a_group_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        group_of(text)
