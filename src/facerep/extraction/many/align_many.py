"""Align many: the shards of a data set of photographs into a folder of shards of aligned faces."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from facerep.detection.aligned_faces import Finding, described, require
from facerep.extraction.aligned_folder import require_format
from facerep.extraction.many.aligned_parts import AlignedParts
from facerep.extraction.many.aligning import AlignJob
from facerep.extraction.many.all_shards import Engine, all_shards, remember_shards
from facerep.extraction.many.work import found_anywhere, here
from facerep.files.inputs import command
from facerep.readers.shards.pieces import Shard


@dataclass(frozen=True)
class AlignedMany:
    """What an alignment of shards came to.

    Attributes:
        output: the folder of shards.
        how: how faces were found.
        shards: how many the photographs are in.
        done: of these, now; the others were there.
        photographs: how many were looked at.
        faces: how many aligned faces there are.
        several: photographs in which more faces were found than were taken.
        failed: photographs that gave no face; failures.csv lists them.
    """

    JSON: ClassVar = ("output", "how", "shards", "done", "photographs", "faces", "several", "failed")

    output: Path
    how: Finding
    shards: int
    done: int
    photographs: int
    faces: int
    several: int
    failed: int


@command()
def align_many(
    shards: Sequence[Shard], job: AlignJob, engine: Engine = here, *, resume: bool = False, overwrite: bool = False
) -> AlignedMany:
    """Write the aligned faces of all photographs of all shards into the job's folder.

    Args:
        shards: of the data set.
        job: what is done with each of them.
        engine: who does it.
        resume: go on with what was stopped.
        overwrite: replace aligned faces that are there.

    Raises:
        OutputExists: aligned faces of all shards are there.
        BadInput: the folder holds something else or was made otherwise; or as all_shards.
        FacerepError: workers were lost and did not come back.
        NotAvailable, Usage: as `detector`; no such format.
    """
    require(job.how)
    require_format(job.picture_format)
    remember_shards(shards)
    how = {**described(job.how), "format": job.picture_format}
    with closing(AlignedParts(job.folder, how, resume=resume, overwrite=overwrite)) as folder:
        sent = replace(job, how=found_anywhere(job.how))
        nothing = "no photograph of any shard gave a face"
        lines, new = all_shards(shards, sent, engine, folder, doing="align", nothing=nothing)
    keys = ("photographs", "rows", "several", "failures")
    photographs, faces, several, failed = (sum(line.part[key] for line in lines) for key in keys)
    return AlignedMany(job.folder, job.how, len(shards), new, photographs, faces, several, failed)
