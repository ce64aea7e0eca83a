"""HOG and colour: the vector of a face that FaceTracer's kind of attribute classifiers sees; no network.

Gradients: 9 orientations in cells of 8x8 pixels, blocks of 2x2 cells brought to length 1 (L2-Hys). Colours: in each
square of 16x16 pixels histograms of hue (8), saturation (4) and value (8).
Source: Dalal and Triggs, CVPR 2005; Kumar, Belhumeur, Nayar, ECCV 2008; sizes ours.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from facerep.errors import NotAvailable
from facerep.faces.crops import Crop, Preset

HEIGHT, WIDTH = 80, 64
NAME = "hog+colour"
_SQUARE = 16
_BINS = (8, 4, 8)


def hog_crop(preset: Preset) -> Crop:
    """The crop that is looked at: the whole face, as networks see it, in 80x64."""
    return Crop(preset, HEIGHT, WIDTH)


def require_hog() -> None:
    """Check that scikit-image is here.

    Raises:
        NotAvailable: it is not.
    """
    try:
        import skimage.feature  # noqa: F401
    except ImportError as error:
        raise NotAvailable("HOG needs scikit-image", hint="pip install 'facerep[hog]'") from error


def hog_and_colour(crop: Crop, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """The vector of one face, float32 (2668,).

    Args:
        crop: as hog_crop gives it.
        picture: uint8 (h, w, 3), RGB.
        marks: the table's points and box, as Crop.cut takes them.

    Raises:
        CannotCrop: see Crop.cut.
    """
    from skimage.feature import hog

    face = crop.cut(picture, marks)
    gradients = hog(
        face, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2), block_norm="L2-Hys", channel_axis=-1
    )
    return np.concatenate([gradients, colours(face)]).astype(np.float32)


def colours(face: np.ndarray) -> np.ndarray:
    """Histograms of hue, saturation and value of each square, as shares of its pixels; float64 (squares * 20,).

    Args:
        face: uint8 (height, width, 3), sides multiples of 16.
    """
    hsv = np.asarray(Image.fromarray(face).convert("HSV")).astype(np.int64)
    rows, columns = face.shape[0] // _SQUARE, face.shape[1] // _SQUARE
    squares = hsv.reshape(rows, _SQUARE, columns, _SQUARE, 3).swapaxes(1, 2).reshape(rows * columns, -1, 3)
    found = []
    for channel, bins in enumerate(_BINS):
        bin_of = squares[:, :, channel] * bins // 256 + bins * np.arange(len(squares))[:, None]
        found.append(np.bincount(bin_of.ravel(), minlength=bins * len(squares)).reshape(len(squares), bins))
    return np.concatenate(found, axis=1).ravel() / _SQUARE**2
