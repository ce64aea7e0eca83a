"""Regions cut from one aligned face, beside what the crop contract cuts from the picture."""

import numpy as np
import torch

from facerep.faces.crops import Crop, preset
from facerep.faces.patches import Patch
from facerep.networks.hybrid.regions import Region

NONE = np.full((7, 2), np.nan)


def picture(side: int = 112) -> np.ndarray:
    """A smooth picture, which any good resampling shows alike."""
    y, x = np.mgrid[:side, :side] / side
    waves = [np.sin(9 * x + 2 * y), np.cos(7 * y - 3 * x), np.sin(5 * x) * np.cos(6 * y)]
    return (127.5 + 100 * np.stack(waves, axis=2)).astype(np.uint8)


def test_a_region_of_the_aligned_face_is_what_the_crop_contract_cuts() -> None:
    whole = Crop(preset("aligned"), 112, 96).cut(picture(), NONE)
    faces = torch.from_numpy(whole.copy()).permute(2, 0, 1)[None].float()
    for name, scale in (("face", 1.0), ("inner", 1.0), ("upper", 0.8), ("nose", 1.25), ("left-eye", 1.0)):
        patch = Patch(name, scale)
        wanted = Crop(preset("aligned"), 39, 31, patch).cut(picture(), NONE)
        found = Region(patch, (112, 96), (39, 31))(faces)[0].permute(1, 2, 0).numpy()
        assert np.abs(found - wanted).mean() < 1.5, name


def test_a_grey_region_is_the_mean_that_the_eye_sees() -> None:
    faces = torch.rand(2, 3, 64, 56)
    grey = Region(Patch("face", 1.0, "grey"), (64, 56), (39, 31))(faces)
    rgb = Region(Patch("face"), (64, 56), (39, 31))(faces)
    assert grey.shape == (2, 1, 39, 31)
    assert torch.allclose(grey[:, 0], 0.299 * rgb[:, 0] + 0.587 * rgb[:, 1] + 0.114 * rgb[:, 2], atol=1e-5)


def test_the_whole_of_a_face_at_its_own_size_is_the_face() -> None:
    faces = torch.rand(2, 1, 32, 32)
    assert torch.allclose(Region(Patch("face"), (32, 32), (32, 32))(faces), faces, atol=1e-6)


def test_the_region_of_the_mirrored_face_is_the_mirror_image_where_it_lies_in_the_middle() -> None:
    faces, region = torch.rand(2, 3, 64, 56), Region(Patch("inner"), (64, 56), (39, 31))
    assert torch.allclose(region(faces.flip(3)), region(faces).flip(3), atol=1e-5)
