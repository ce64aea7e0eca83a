"""`facerep data shard`: a data set in tar files of one size, for sets of millions of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from facerep.cli.options import Json, Overwrite, Strict, bytes_of


def shard(
    datasets: Annotated[list[str], Argument(help="Folders, tables, .tar or .rec of faces.", metavar="DATASET")],
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="Folder of the shards.")],
    size: Annotated[str, Option(help="Of a shard: a number of bytes, or such as 200MB or 1GB.")] = "1GB",
    resume: Annotated[bool, Option("--resume", help="Go on with what was stopped.")] = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Pack faces into tar shards in WebDataset's layout, which every command reads as a data set.

    Example: facerep data shard people/ -o shards/ --size 1GB
    """
    from facerep.console import console
    from facerep.errors import Failures, Usage

    if resume and overwrite:
        raise Usage("--resume and --overwrite contradict each other")
    limit = bytes_of(size)
    from facerep.readers.load import load_all
    from facerep.readers.shards.write import write_shards

    result = write_shards(load_all(datasets), output, limit=limit, resume=resume, overwrite=overwrite)
    from facerep.report.files.sharded import report_of
    from facerep.report.target import show

    show(report_of(result), json=json)
    console.wrote(output, then=f"facerep extract {output} -o features.h5")
    if strict and result.failures:
        raise Failures(f"faces that failed, {len(result.failures)}", output)
