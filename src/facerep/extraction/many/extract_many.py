"""Extract many: the shards of a data set into a feature folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from facerep.detection.aligned_faces import described
from facerep.errors import BadInput
from facerep.extraction.extract import Plan
from facerep.extraction.many.all_shards import Engine, all_shards, remember_shards
from facerep.extraction.many.extracting import ExtractJob
from facerep.extraction.many.feature_parts import FeatureParts
from facerep.extraction.many.work import found_anywhere, here
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.inputs import command
from facerep.readers.shards.pieces import Shard


@dataclass(frozen=True)
class ExtractedMany:
    """What an extraction of shards came to.

    Attributes:
        output: the feature folder.
        shards: how many there are.
        done: of these, now; the others were there.
        faces: with a vector.
        failed: faces without one; each part lists its own.
        contract: of the whole.
    """

    JSON: ClassVar = (
        "output", "shards", "done", "faces", "failed", "network=contract.network", "layer=contract.layer",
        "crop=contract.crop", "mirror=contract.mirror",
    )  # fmt: skip

    output: Path
    shards: int
    done: int
    faces: int
    failed: int
    contract: Contract


@command()
def extract_many(
    shards: Sequence[Shard],
    job: ExtractJob,
    engine: Engine = here,
    *,
    resume: bool = False,
    overwrite: bool = False,
    look: Callable[[Faces, Plan], None] = lambda faces, doing: None,  # noqa: ARG005
) -> ExtractedMany:
    """Extract features of all faces of all shards into the job's folder.

    Args:
        shards: of the data set.
        job: what is done with each of them.
        engine: who does it.
        resume: go on with what was stopped.
        overwrite: replace what is there.
        look: is given the faces of the first shard, and what is done to each.

    Raises:
        OutputExists: a complete feature folder is there.
        BadInput: the folder holds something else or was made otherwise; or as all_shards.
        FacerepError: workers were lost and did not come back.
    """
    remember_shards(shards)
    first, faces = first_faces(shards, job)
    doing = job.plan(job.models(), faces)
    look(faces, doing)
    contract = replace(doing.contract(faces), dataset="", fingerprint="")
    finding = job.finding
    how = {
        "precision": job.precision, "batch_size": job.batch_size, "split": job.split or "", "where": list(job.where),
        "align": described(finding) if finding is not None else {},
    }  # fmt: skip
    finding = None if finding is None else found_anywhere(finding)
    job = replace(job, contract=contract, first=first.source, finding=finding)
    with closing(FeatureParts(job.folder, contract, how, resume=resume, overwrite=overwrite)) as folder:
        nothing = "no face of any shard gave features"
        lines, new = all_shards(shards, job, engine, folder, doing="extract", nothing=nothing)
    rows, failed = (sum(line.part[key] for line in lines) for key in ("rows", "failures"))
    return ExtractedMany(job.folder, len(shards), new, rows, failed, folder.contract)


def first_faces(shards: Sequence[Shard], job: ExtractJob) -> tuple[Shard, Faces]:
    """The first shard that has faces that are asked for, and these; the plan is made by them.

    Raises:
        BadInput: no shard has; or none can be read, with what was wrong with the first.
    """
    refused: BadInput | None = None
    for shard in shards:
        try:
            faces = job.faces(shard)
        except BadInput as error:
            refused = refused or error
            continue
        if len(faces):
            return shard, faces
    if refused is not None:
        raise refused
    asked = " and ".join([*([f"split={job.split}"] if job.split else []), *job.where]) or "any"
    raise BadInput(f"no shard has a face ({asked} is asked for)", shards[0].source)
