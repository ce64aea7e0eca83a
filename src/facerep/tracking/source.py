"""Source: whatever holds frames, a folder or a video file, opened."""

from __future__ import annotations

from pathlib import Path

from facerep.errors import BadInput
from facerep.files.inputs import remember
from facerep.tracking.frames import Frames, folder_frames
from facerep.tracking.video import SUFFIXES, video_frames


def open_frames(path: Path) -> Frames:
    """The frames of a folder or of a video.

    Raises:
        BadInput: neither of these; see folder_frames and video_frames.
        NotAvailable: a video, and imageio-ffmpeg is not here.
    """
    remember(path)
    if path.is_dir():
        return folder_frames(path)
    if not path.is_file():
        raise BadInput("no such folder of frames, nor video", path)
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput(
            "no folder of frames, nor a video by its ending", path, "videos end in " + ", ".join(sorted(SUFFIXES))
        )
    return video_frames(path)
