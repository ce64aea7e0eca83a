"""`facerep analyze tracking`: ways to track side by side on sequences with true boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.completions import trunks
from facerep.cli.options import Device, Json, OutputFolder, Overwrite, Seed, comma_separated


def tracking(
    model: Annotated[
        str, Argument(autocompletion=trunks, help="mobilenet; or bundled, a run or weights of a network of ours.")
    ],
    sequences: Annotated[list[Path], Argument(help="Folders in OTB's layout.", metavar="SEQUENCES...")],
    ways: Annotated[
        str, Option(help="Ways of ours, with commas: selected, random, all, general, specific, fixed.")
    ] = "selected,random,all,general,specific",
    against: Annotated[
        str | None, Option(help="Trackers of OpenCV beside ours, with commas between: csrt, kcf, mil.")
    ] = None,
    seeds: Annotated[int, Option(min=1, max=100, help="Passes a way, each with a seed of its own.")] = 3,
    output: OutputFolder = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """How well faces are followed: all, random and selected maps, one head and both, beside trackers of OpenCV.

    Example: facerep analyze tracking mobilenet Girl/ --against csrt,kcf,mil -o tracking/
    """
    from facerep.report.target import Target
    from facerep.report.tracking.compare import FILES, report_of

    target = Target(output, FILES, overwrite=overwrite, json=json)
    from facerep.networks.device import device as pick_device
    from facerep.studies.tracking.compare import compare
    from facerep.tracking.source import open_frames
    from facerep.tracking.trunk import load_trunk

    found = [open_frames(path) for path in sequences]
    trunk = load_trunk(model, pick_device(device))
    result = compare(
        trunk, found, comma_separated(ways) or (), comma_separated(against) or (), seed=seed, seeds=seeds
    )  # fmt: skip
    target.deliver(report_of(result))
