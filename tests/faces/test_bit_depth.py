"""Pictures of more than 8 bits: what the file says is followed, what it does not say is judged and told."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from facerep.faces.decode import decode, decode_assuming
from facerep.faces.table import make_faces
from facerep.readers.decode_many import pictures

GREY = np.random.default_rng(0).integers(0, 250, (20, 30), dtype=np.uint8)
GREY[0, 0] = 250
COLOUR = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], axis=2)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(values: np.ndarray, *, significant: int = 0) -> bytes:
    """A PNG of 16 bits: grey (h, w), colours (h, w, 3) or with transparency (h, w, 4)."""
    kind = {2: 0, 3: 2}[values.ndim] if values.shape[-1] != 4 else 6
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    bits = chunk(b"sBIT", bytes([significant] * (values.shape[2] if values.ndim == 3 else 1))) if significant else b""
    body = chunk(b"IHDR", header) + bits + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def difference(picture: bytes, wanted: np.ndarray) -> int:
    seen = decode(picture).astype(int)
    return int(np.abs(seen - (wanted if wanted.ndim == 3 else wanted[:, :, None])).max())


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("wanted", [GREY, COLOUR], ids=["grey", "colour"])
def test_few_bits_in_a_picture_of_sixteen_come_out_bright_and_are_told(wanted, bits):
    picture = png(wanted.astype(np.uint16) << (bits - 8))
    assert decode_assuming(picture)[1] == f"{bits} bits"
    assert difference(picture, wanted) == 0


def test_what_a_png_says_of_its_bits_is_followed_and_not_told():
    dark = GREY // 4  # would be taken for 10 bits
    picture = png(dark.astype(np.uint16) << 4, significant=12)
    assert decode_assuming(picture)[1] == ""
    assert difference(picture, dark) == 0


@pytest.mark.parametrize("wanted", [GREY, COLOUR], ids=["grey", "colour"])
def test_sixteen_bits_keep_their_upper_eight(wanted):
    for significant in (0, 12, 16):
        picture = png(wanted.astype(np.uint16) << 8, significant=significant)
        assert decode_assuming(picture)[1] == ""
        assert difference(picture, wanted) == 0


def test_transparency_of_sixteen_bits_stays_beside_colours_of_twelve():
    values = np.dstack([COLOUR.astype(np.uint16) << 4, np.full(GREY.shape, 65535, np.uint16)])
    assert difference(png(values), COLOUR) == 0


@pytest.mark.parametrize(("top", "told"), [(1, "0..1"), (255, "")])
def test_values_with_a_point_are_taken_by_their_largest(tmp_path, top, told):
    Image.fromarray((GREY / 255 * top).astype(np.float32)).save(tmp_path / "f.tif")
    seen, assumed = decode_assuming(tmp_path / "f.tif")
    assert np.abs(seen[:, :, 0].astype(int) - GREY).max() <= 1
    assert assumed == told


def test_a_tiff_that_states_its_largest_value_is_scaled_by_it(tmp_path):
    dark = GREY // 4
    Image.fromarray(dark.astype(np.uint16) << 4).save(tmp_path / "t.tif", tiffinfo={281: 4095})
    seen, assumed = decode_assuming(tmp_path / "t.tif")
    assert np.array_equal(seen[:, :, 0], dark)
    assert assumed == ""


def test_a_dark_pgm_of_sixteen_bits_stays_dark(tmp_path):
    (tmp_path / "d.pgm").write_bytes(b"P5\n30 20\n65535\n" + (GREY // 2).astype(">u2").tobytes())
    assert decode_assuming(tmp_path / "d.pgm")[0].max() == 0
    assert decode_assuming(tmp_path / "d.pgm")[1] == ""


def shape_of(picture: np.ndarray, _marks: np.ndarray) -> np.ndarray:
    return np.array(picture.shape)


def test_what_was_assumed_is_told_once_with_the_count(capsys):
    places = [png(GREY.astype(np.uint16)), png(COLOUR.astype(np.uint16)), png(GREY.astype(np.uint16) << 8)]
    faces = make_faces("table", ["a", "b", "c"], [""] * 3, places)
    assert len(list(pictures(faces, shape_of, workers=0))) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: 2 pictures of more than 8 bits without a stated range, such as a: taken as 8 b")
