"""The work: one shard becomes one part of a feature folder, whole or absent, and a line that tells of it.

A worker writes the part itself, and beside it the line as a hidden file: so work that was done is known, whatever
became of the worker or of who sent it. Workers and sender see the same folder.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facerep.console import console
from facerep.detection.aligned_faces import Finding
from facerep.errors import BadInput, FacerepError
from facerep.extraction.extract import Plan, extract, plan
from facerep.faces.crop_advice import NoFace
from facerep.faces.table import Faces
from facerep.files.atomic import write_json
from facerep.files.contract import Contract
from facerep.files.features import read_rows
from facerep.files.folders.feature_folder import no_part, part_of
from facerep.files.json_file import Count, Form, read_json
from facerep.networks.catalog import BASELINES, DISTILLED, IN_THE_BOX
from facerep.networks.device import device
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.weights import Model, load_model
from facerep.readers.shards.pieces import Shard

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""The disk takes no more: no other shard would do better."""


@dataclass(frozen=True)
class Job:
    """What is the same for all shards; picklable.

    Attributes:
        folder: of the parts.
        sources: of the models, as load_model takes them; paths are absolute.
        said: what an ONNX network wants its pixels to be.
        crop, mirror, layer, moved, finding: see extract.plan.
        split, where: which faces, see Shard.faces.
        device, workers, batch_size, precision: see extract.extract.
        contract: what the vectors of all shards are; None before it is known.
        first: the shard that it was taken from.
    """

    folder: Path
    sources: tuple[str, ...]
    said: InputContract | None = None
    crop: str = "auto"
    mirror: str = "mean"
    layer: str = "feature"
    moved: int = 1
    finding: Finding | None = None
    split: str | None = None
    where: tuple[str, ...] = ()
    device: str = "cpu"
    workers: int = -1
    batch_size: int = 128
    precision: str = "32-true"
    contract: Contract | None = None
    first: str = ""

    def models(self) -> list[Model]:
        """The networks, loaded."""
        return [load_model(source, self.said) for source in self.sources]

    def faces(self, shard: Shard) -> Faces:
        """Those of a shard that are wanted."""
        return shard.faces(split=self.split, where=self.where)

    def plan(self, models: list[Model], faces: Faces) -> Plan:
        """What is done to each face."""
        how = {"crop": self.crop, "mirror": self.mirror, "layer": self.layer, "moved": self.moved}
        return plan(models, faces, **how, finding=self.finding)


def anywhere(sources: Sequence[str | Path]) -> tuple[str, ...]:
    """Models as they are called whatever folder a process works in: paths become absolute, names stay."""
    named = (IN_THE_BOX, DISTILLED, *BASELINES)
    return tuple(
        str(Path(source).absolute()) if str(source) not in named and Path(source).exists() else str(source)
        for source in sources
    )


@dataclass(frozen=True)
class Task:
    """A shard and the name of its part; `before` is the line that an earlier run wrote of the source, if one did."""

    name: str
    shard: Shard
    before: Line | None = None


@dataclass(frozen=True)
class Line:
    """What became of a shard.

    Attributes:
        source: which shard.
        name: of the part.
        part: what the index says of it, see feature_folder; empty where the shard could not be done.
        dataset, fingerprint: of the part's faces.
        error: why it could not be done, on one line; "" where it was.
        warnings: what the user should look at.
        reason: why no face gave a vector; "" where some did.
    """

    source: str
    name: str
    part: dict[str, Any] = field(default_factory=dict)
    dataset: str = ""
    fingerprint: str = ""
    error: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""


class Kept(Form):
    """A line as it stands beside its part."""

    source: str
    part: dict[str, str | Count]
    dataset: str
    fingerprint: str
    reason: str


def line_file(folder: Path, name: str) -> Path:
    """Where the line of a part stands until the index has it."""
    return folder / f".{name}.line.json"


def read_line(folder: Path, name: str) -> Line | None:
    """The line that was written of a part, as it was begun or when it was done; None where there is none."""
    place = line_file(folder, name)
    if not place.is_file():
        return None
    try:
        value = read_json(place, Kept, "")
    except BadInput:
        return None
    return Line(name=name, **{key: value[key] for key in Kept.model_fields})


def is_there(folder: Path, line: Line) -> bool:
    """Whether a part is done, and its file as the line says; of a shard without a vector there is none."""
    path = folder / line.name
    if "rows" not in line.part:
        return False
    if line.part["rows"] == 0:
        return not path.exists()
    return path.is_file() and path.stat().st_size == line.part["bytes"]


class Worker:
    """Does shards, one after another, by networks that are loaded once."""

    def __init__(self, job: Job) -> None:
        self.job, self.models, self.device = job, job.models(), device(job.device)

    def __call__(self, task: Task) -> Line:
        """Write the part of a shard.

        Raises:
            BadInput: the disk takes no more. All else that a shard may suffer from is in the line.
        """
        with console.listening() as warnings:
            try:
                line = self._done(task)
            except FacerepError as error:
                if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                    raise
                line = Line(task.shard.source, task.name, error=str(error))
            except OSError as error:  # a drive that went away in the middle of it
                said = f"{error.strerror}: {error.filename or task.shard.source}"
                line = Line(task.shard.source, task.name, error=said)
        return replace(line, warnings=tuple(warnings))

    def _done(self, task: Task) -> Line:
        folder, shard = self.job.folder, task.shard
        sha256 = shard.sha256
        begun = read_line(folder, task.name)  # where a worker died behind its work, or in it
        for line in (task.before, begun):
            if line is not None and line.part["source_sha256"] == sha256 and is_there(folder, line):
                return line
        faces, output = self.job.faces(shard), folder / task.name
        told: dict[str, Any] = {"source": shard.source, "source_sha256": sha256}
        if begun is None or begun.part != told:  # what is there is of another source
            output.unlink(missing_ok=True)
            self._keep(Line(shard.source, task.name, told))
        failed, reason = len(faces.failures), "no face is asked for"
        if len(faces):
            doing = self.job.plan(self.models, faces)
            if self.job.contract is not None:  # such as of a shard whose faces would be cut otherwise
                doing.contract(faces).require(self.job.contract, shard.source, self.job.first)
            try:
                if not output.exists():
                    self._extract(faces, doing, output)
                found, reason = read_rows(output), ""
            except NoFace as error:
                failed, reason = failed + len(faces), error.what
        if reason:
            line = Line(shard.source, task.name, no_part(failures=failed, **told), faces.kind, reason=reason)
        else:
            part = part_of(output, rows=len(found), failures=len(found.failures), **told)
            line = Line(shard.source, task.name, part, faces.kind, found.contract.fingerprint)
        self._keep(line)
        return line

    def _keep(self, line: Line) -> None:
        """Write a line beside its part: first from which source it will be, so that a part that is there is known."""
        kept = {key: getattr(line, key) for key in Kept.model_fields}
        write_json(line_file(self.job.folder, line.name), kept, overwrite=True)

    def _extract(self, faces: Faces, doing: Plan, output: Path) -> None:
        job = self.job
        for resume in (True, False):
            try:
                extract(
                    faces, doing, output, device=self.device, workers=job.workers, batch_size=job.batch_size,
                    precision=job.precision, resume=resume, overwrite=True,
                )  # fmt: skip
                return
            except BadInput as error:  # blocks of what the shard was before it was mended
                if not (resume and error.what.startswith("unfinished extraction")):
                    raise
