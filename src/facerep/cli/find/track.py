"""`facerep track`: a face through the frames of a folder or video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from facerep.cli.completions import trunks
from facerep.cli.options import Device, Json, Overwrite, Seed, Strict

Maps = Literal["selected", "random", "all"]
Heads = Literal["both", "general", "specific"]


def track(
    model: Annotated[
        str, Argument(autocompletion=trunks, help="mobilenet; or bundled, a run or weights of a network of ours.")
    ],
    frames: Annotated[
        Path, Argument(help="Folder of frames, also in OTB's layout; or a video file.", metavar="FRAMES")
    ],
    box: Annotated[
        str | None,
        Option(
            metavar="X,Y,WIDTH,HEIGHT",
            help="The face in the first frame, pixels from 0. Default: the first box of groundtruth_rect.txt.",
        ),
    ] = None,
    output: Annotated[Path | None, Option("--output", "-o", metavar="FILE", help="CSV file of a box a frame.")] = None,
    video: Annotated[Path | None, Option("--video", metavar="FILE", help="MP4 in which the boxes are drawn.")] = None,
    keep: Annotated[
        Maps, Option(metavar="WHICH", help="Maps that heads see: selected by significance, random, or all.")
    ] = "selected",
    heads: Annotated[Heads, Option(metavar="WHICH", help="Heads that choose: both, general or specific.")] = "both",
    resume: Annotated[bool, Option("--resume", help="Go on where this command was stopped.")] = False,
    overwrite: Overwrite = False,
    device: Device = "auto",
    seed: Seed = 0,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Follow a face from its box in the first frame by maps of a network (FCNT).

    Example: facerep track mobilenet Girl/ --box 56,20,31,45 -o boxes.csv
    """
    import time

    from facerep.console import console
    from facerep.errors import Failures, Usage, refuse_meaningless
    from facerep.files.atomic import refuse_existing
    from facerep.report.target import FileTarget
    from facerep.report.tracking.track import report_of

    if output is None:
        refuse_meaningless({"--resume": resume or None}, "without --output")
    if video is not None:
        if video.suffix.lower() != ".mp4":
            raise Usage("--video wants a name that ends in .mp4", hint=f"give {video.with_suffix('.mp4')}")
        refuse_existing(video, overwrite=overwrite)
    target = FileTarget(output, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.studies.tracking.state_file import StateFile
    from facerep.studies.tracking.track import track as study
    from facerep.tracking.frames import parse_box
    from facerep.tracking.settings import TrackerSettings
    from facerep.tracking.source import open_frames
    from facerep.tracking.trunk import load_trunk
    from facerep.tracking.video import drawing_video

    first = None if box is None else parse_box(box)
    source = open_frames(frames)
    trunk = load_trunk(model, pick_device(device))
    state = None if output is None else StateFile(output, resume=resume, overwrite=overwrite)
    started = time.monotonic()
    with drawing_video(video, source.rate, overwrite=overwrite) as draw:
        result = study(
            trunk, source, first, TrackerSettings(maps=keep, heads=heads), seed=seed, state=state,
            seen=None if draw is None else lambda frame, row: draw(frame.pixels, row.box, row.head),
        )  # fmt: skip
    speed = len(result.rows) / max(time.monotonic() - started, 1e-9)
    console.note(f"{len(result.rows):,} frames, {speed:.1f} frames a second")
    target.deliver(report_of(result))
    if state is not None:
        state.remove()
    if strict and result.failures:
        raise Failures(f"frames that failed, {len(result.failures)}", frames)
