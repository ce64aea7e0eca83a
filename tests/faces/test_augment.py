"""Augmentation: small, repeatable, and the identity where it should be."""

import torch

from facerep.faces.augment import augment
from facerep.faces.batches import normalise


def faces(n=8):
    torch.manual_seed(0)
    return normalise(torch.randint(0, 256, (n, 55, 47, 3), dtype=torch.uint8))


def test_normalising_goes_from_bytes_to_minus_one_to_one():
    pixels = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 2, 1).expand(1, 1, 2, 3)
    answer = normalise(pixels)
    assert answer.shape == (1, 3, 1, 2)
    assert answer[0, 0].tolist() == [[-1.0, 1.0]]


def test_the_same_generator_gives_the_same_batch_and_another_another():
    one, same, other = (augment(faces(), torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_at_strength_zero_a_face_is_itself_or_its_mirror():
    before = faces(32)
    after = augment(before, torch.Generator().manual_seed(0), strength=0.0)
    kept = torch.isclose(after, before, atol=1e-4).flatten(1).all(1)
    mirrored = torch.isclose(after, before.flip(3), atol=1e-4).flatten(1).all(1)
    assert (kept | mirrored).all()
    assert kept.any()
    assert mirrored.any()


def test_a_turn_keeps_a_circle_round():
    y, x = torch.meshgrid(torch.arange(55.0), torch.arange(47.0), indexing="ij")
    disc = (((y - 27) ** 2 + (x - 23) ** 2) < 12**2).float().expand(64, 3, 55, 47) * 2 - 1
    moved = augment(disc.contiguous(), torch.Generator().manual_seed(0))
    for picture in moved[:, 0]:
        inside = picture > picture.max() - 0.1
        tall, wide = inside.any(1).sum(), inside.any(0).sum()
        if inside.sum() > max(372, 0.75 * tall * wide):  # not one of those with a hidden part
            assert abs(int(tall) - int(wide)) <= 3
