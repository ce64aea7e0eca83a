"""Extract many: the shards of a data set into a feature folder, each whole or absent, the index last.

What was stopped, or lost workers, goes on with the shards that are missing. Engines differ in who does a shard and
when; what a part holds is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from facerep.console import console, counted
from facerep.detection.aligned_faces import described
from facerep.errors import BadInput, FacerepError
from facerep.extraction.extract import Plan
from facerep.extraction.many.folder import PartsFolder
from facerep.extraction.many.work import Job, Line, Task, Worker
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.inputs import command, remember, remember_pictures
from facerep.progress import progress
from facerep.readers.shards.pieces import Shard

Engine = Callable[[Job, Sequence[Task]], Iterator[Line]]
"""Who does the shards: gives a line of each that was done or refused, in any order; of one that was lost, none."""

_WARNED = 3
"""Shards of which the same warning is said."""


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


def here(job: Job, tasks: Sequence[Task]) -> Iterator[Line]:
    """The engine without others: this process does one shard after another."""
    return map(Worker(job), tasks)


@command()
def extract_many(
    shards: Sequence[Shard],
    job: Job,
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
        BadInput: the folder holds something else or was made otherwise; a shard could not be done, which is named, and
            the others are; no face gave a vector; the disk refused the bytes.
        FacerepError: workers were lost and did not come back.
    """
    for shard in shards:
        _remember(shard)
    first, faces = first_faces(shards, job)
    doing = job.plan(job.models(), faces)
    look(faces, doing)
    contract = replace(doing.contract(faces), dataset="", fingerprint="")
    job = replace(job, contract=contract, first=first.source)
    how = {
        "precision": job.precision, "batch_size": job.batch_size, "split": job.split or "", "where": list(job.where),
        "align": described(job.finding) if job.finding is not None else {},
    }  # fmt: skip
    with closing(PartsFolder(job.folder, contract, how, resume=resume, overwrite=overwrite)) as folder:
        lines, tasks = folder.tasks(shards)
        if lines:
            console.note(f"going on: {len(lines)} of {counted(len(shards), 'shard')} were done before")
        found = {line.source: line for line in lines}
        try:
            with progress("extract", len(tasks), "shards") as advance:
                for line in engine(job, tasks) if tasks else ():
                    found[line.source] = line
                    advance(1)
        finally:
            whole = [line for shard in shards if (line := found.get(shard.source)) and not line.error]
            twice = _twice(whole)
            complete = len(whole) == len(shards) and not twice
            contract = folder.finish(whole, complete=complete and any(line.part["rows"] for line in whole))
        _say(shards, found, twice, job.folder)
        _require_rows(whole, job.folder)
    new = sum(task.before is None or found[task.shard.source] != task.before for task in tasks)
    rows, failed = (sum(line.part[key] for line in whole) for key in ("rows", "failures"))
    return ExtractedMany(job.folder, len(shards), new, rows, failed, contract)


def first_faces(shards: Sequence[Shard], job: Job) -> tuple[Shard, Faces]:
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


def _remember(shard: Shard) -> None:
    if shard.rows is not None:
        remember_pictures(shard.rows.paths)
    elif shard.file is not None:
        remember(shard.file)


def _twice(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Shards with the very bytes of one before them."""
    seen: dict[str, Line] = {}
    found = []
    for line in lines:
        if (before := seen.setdefault(line.part["source_sha256"], line)) is not line:
            found.append((line, before))
    return found


def _say(shards: Sequence[Shard], found: dict[str, Line], twice: list[tuple[Line, Line]], folder: Path) -> None:
    """Warn of what workers warned of, and name what could not be done.

    Raises:
        BadInput: a shard could not be done, or stands twice.
        FacerepError: a shard was lost with its worker.
    """
    said: Counter[str] = Counter()
    for line in found.values():
        for words in line.warnings:
            if words in console.said:  # of the first shard, before all
                continue
            said[words] += 1
            if said[words] <= _WARNED:
                console.warn(f"{line.source}: {words}")
    for words, count in said.items():
        if count > _WARNED:
            console.warn(f"the same of {counted(count - _WARNED, 'more shard')}: {words}")
    refused = [(line.source, line.error) for line in found.values() if line.error]
    refused += [(line.source, f"holds the very bytes of {before.source}") for line, before in twice]
    for source, reason in refused[1:]:  # the first is the error
        console.warn(f"{source}: {reason}")
    kept = "the others are kept: give --resume"
    if refused:
        source, reason = refused[0]
        what = f"{len(refused)} of {counted(len(shards), 'shard')} not done, {source} ({reason})"
        raise BadInput(what, folder, f"mend them or leave them out; {kept}")
    if lost := [shard.source for shard in shards if shard.source not in found]:
        what = f"{len(lost)} of {counted(len(shards), 'shard')} lost with their workers, {lost[0]}"
        raise FacerepError(what, folder, f"memory may be short; {kept}")


def _require_rows(lines: Sequence[Line], folder: Path) -> None:
    if not any(line.part["rows"] for line in lines):
        reason = next((line.reason for line in lines if line.reason), "there are none")
        raise BadInput(f"no face of any shard gave features ({reason})", folder)
