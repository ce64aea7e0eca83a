"""`facerep pool`: faces into templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.judging import Missing
from facerep.cli.options import Json, Memory, Overwrite, bytes_of


def pool(
    features: Annotated[Path, Argument(help="Feature file of faces, or a folder of them.")],
    templates: Annotated[
        Path, Option(metavar="LIST", help="Which faces are which template: lines `file template media`, as of IJB-C.")
    ],
    output: Annotated[
        Path, Option("--output", "-o", metavar="FILE", help="Feature file, one vector a template.")
    ] = Path("templates.h5"),
    unit: Annotated[
        bool, Option("--unit", help="Bring faces to length 1 first; else long vectors count more.")
    ] = False,
    missing: Annotated[
        Missing, Option(help="If faces of the list are not in the file: stop, or count them and go on.")
    ] = "stop",
    memory: Memory = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make one vector of several faces of a person, video by video, for verify, identify and search.

    Example: facerep pool feats.h5 --templates ijbc_face_tid_mid.txt -o templates.h5
    """
    from facerep.console import console
    from facerep.files.atomic import refuse_existing

    refuse_existing(output, overwrite=overwrite)
    from facerep.extraction.templates import pool as make
    from facerep.files.features import write_features
    from facerep.files.streams import open_features
    from facerep.readers.lists.template_list import read_templates
    from facerep.report.files.pooled import report_of
    from facerep.report.target import show

    limit = {} if memory is None else {"memory": bytes_of(memory)}
    faces = open_features(features)
    wanted = read_templates(templates, faces.face_names())
    made = make(faces, wanted, templates, unit=unit, missing=missing, **limit)
    write_features(made.features, output, overwrite=overwrite)
    show(report_of(made, output), json=json)
    console.wrote(output, then=f"facerep verify {output} --pairs PAIRS")
