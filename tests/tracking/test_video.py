"""Videos in and out by ffmpeg, and what is told where it is absent or the file is none."""

import builtins
import subprocess

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput, NotAvailable
from facerep.tracking.source import open_frames
from facerep.tracking.video import draw, drawing_video

pytestmark = [
    # imageio-ffmpeg leaves its pipes to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_drawn_video_has_its_frames_and_boxes(tmp_path):
    pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed")
    with drawing_video(tmp_path / "out.mp4", 10, overwrite=False) as add:
        for number in range(5):
            add(np.full((48, 65, 3), 40 + 20 * number, np.uint8), (10, 10, 20.0, 20.0), "specific")
        add(None, None, "")
    frames = open_frames(tmp_path / "out.mp4")
    assert frames.rate == 10
    found = list(frames.read(2))
    assert [frame.name for frame in found] == ["3", "4", "5"]
    assert found[0].pixels.shape == (48, 66, 3)  # an odd side is filled up: the codec has none
    assert abs(int(found[0].pixels[40, 50, 0]) - 80) < 6
    edge = found[0].pixels[10, 14:26].mean(axis=0)
    assert edge[0] > edge[2] + 60


@pytest.mark.parametrize(("turn", "corner"), [(90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_a_turned_video_is_read_upright_and_in_silence(tmp_path, capfd, turn, corner):
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed").get_ffmpeg_exe()
    picture = np.full((48, 64, 3), 40, np.uint8)
    picture[:24, :32] = (250, 10, 10)
    with drawing_video(tmp_path / "flat.mp4", 10, overwrite=False) as add:
        for _ in range(3):
            add(picture, None, "")
    words = ("-v", "error", "-display_rotation", str(turn), "-i", tmp_path / "flat.mp4", "-c", "copy")
    if subprocess.run([ffmpeg, *words, tmp_path / "turned.mp4"]).returncode:
        pytest.skip("this ffmpeg cannot turn a video")
    frames = list(open_frames(tmp_path / "turned.mp4").read())
    assert len(frames) == 3
    pixels = frames[0].pixels
    assert pixels.shape == ((64, 48, 3) if turn != 180 else (48, 64, 3))
    down, across = (length * (3 if end else 1) // 4 for length, end in zip(pixels.shape, corner, strict=False))
    assert pixels[down, across, 0] > 200
    assert capfd.readouterr() == ("", "")


def test_a_frame_that_a_viewer_turns_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (20, 30)).save(tmp_path / "1.jpg", exif=exif)
    (frame,) = open_frames(tmp_path).read()
    assert frame.pixels.shape == (20, 30, 3)


def test_a_file_that_is_no_video_is_one_line(tmp_path):
    pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed")
    (tmp_path / "bad.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(BadInput, match="not a video that ffmpeg decodes, or damaged"):
        open_frames(tmp_path / "bad.mp4")


def test_a_playlist_that_points_elsewhere_is_not_followed(tmp_path):
    pytest.importorskip("imageio_ffmpeg", reason="imageio-ffmpeg is not installed")
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(BadInput):
        open_frames(tmp_path / "list.mp4")


def test_other_files_are_refused_by_their_ending(tmp_path):
    (tmp_path / "frames.txt").write_text("x")
    with pytest.raises(BadInput, match=r"videos end in \.avi"):
        open_frames(tmp_path / "frames.txt")
    with pytest.raises(BadInput, match="no such folder of frames, nor video"):
        open_frames(tmp_path / "absent")


def test_without_imageio_ffmpeg_one_line_names_the_extra(tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *others):
        if name == "imageio_ffmpeg":
            raise ImportError(name)
        return real(name, *others)

    monkeypatch.setattr(builtins, "__import__", absent)
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(NotAvailable, match=r"videos need imageio-ffmpeg; pip install 'facerep\[video\]'"):
        open_frames(tmp_path / "a.mp4")


def test_a_box_is_drawn_as_a_frame_and_may_leave_the_picture():
    plain = np.zeros((20, 30, 3), np.uint8)
    drawn = draw(plain, (5, 4, 10, 8), "general").any(axis=2)
    assert drawn[4, 5:15].all()
    assert drawn[11, 5:15].all()
    assert drawn[4:12, 5].all()
    assert drawn[4:12, 14].all()
    assert drawn.sum() == 2 * 10 + 2 * 6
    assert not plain.any()
    assert draw(plain, (-5, -4, 100, 100), "given").any()
    assert not draw(plain, (50, 50, 5, 5), "given").any()
    assert draw(plain, None, "") is plain
