"""Augmentation: small, repeatable, and the identity where it should be."""

import torch

from facerep.faces.augment import augment
from facerep.faces.batches import face_and_twin, normalise, one_view


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


def test_without_the_mirror_a_face_at_strength_zero_stays():
    before = faces(32)
    after = augment(before, torch.Generator().manual_seed(0), strength=0.0, mirror=False)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=0)


def test_of_two_views_each_face_shows_one_and_both_come_up():
    views = torch.stack([torch.zeros(64, 5, 4, 3), torch.ones(64, 5, 4, 3)], dim=1).byte()
    shown = one_view(views, torch.Generator().manual_seed(0)).flatten(1).float()
    assert set(shown.mean(1).tolist()) == {0.0, 1.0}
    assert torch.equal(one_view(views[:, :1], torch.Generator()), views[:, 0])


def test_the_twin_is_the_second_view_or_the_face_turned_about():
    views = torch.randint(0, 256, (3, 2, 5, 4, 3), dtype=torch.uint8)
    face, twin = face_and_twin(views)
    assert torch.equal(face, normalise(views[:, 0]))
    assert torch.equal(twin, normalise(views[:, 1]))
    assert torch.equal(face_and_twin(views[:, :1])[1], face.flip(3))


def test_place_only_moves_faces_and_changes_no_value_beyond_those_it_moves():
    faces = torch.full((64, 1, 16, 16), 0.25)
    moved = augment(faces, torch.Generator().manual_seed(0), mirror=False, place_only=True)
    torch.testing.assert_close(moved, faces)
    faces = torch.rand(64, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    moved = augment(faces, torch.Generator().manual_seed(0), mirror=False, place_only=True)
    assert (moved - faces).abs().mean() > 0.05
    assert faces.min() <= moved.min()
    assert moved.max() <= faces.max() + 1e-6
