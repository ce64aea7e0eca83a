"""Extracting: the features of a shard's faces, one feature file a shard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facerep.detection.aligned_faces import Finding
from facerep.errors import BadInput
from facerep.extraction.extract import Plan, extract, plan
from facerep.extraction.many.tasks import Line
from facerep.extraction.many.work import Job, Worker
from facerep.faces.crop_advice import NoFace
from facerep.faces.table import Faces
from facerep.files.contract import Contract
from facerep.files.features import read_rows
from facerep.files.folders.feature_folder import no_part, part_of
from facerep.networks.catalog import BASELINES, DISTILLED, IN_THE_BOX
from facerep.networks.device import device
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.weights import Model, load_model
from facerep.readers.shards.pieces import Shard


@dataclass(frozen=True)
class ExtractJob(Job):
    """Features of all faces, a feature file a shard.

    Attributes:
        sources: of the models, as load_model takes them; paths are absolute.
        said: what an ONNX network wants its pixels to be.
        crop, mirror, layer, moved, finding: see extract.plan.
        split, where: which faces, see Shard.faces.
        batch_size, precision: see extract.extract.
        contract: what the vectors of all shards are; None before it is known.
        first: the shard that it was taken from.
    """

    sources: tuple[str, ...]
    said: InputContract | None = None
    crop: str = "auto"
    mirror: str = "mean"
    layer: str = "feature"
    moved: int = 1
    finding: Finding | None = None
    split: str | None = None
    where: tuple[str, ...] = ()
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

    def worker(self) -> Worker:
        """With the networks."""
        return _Extracting(self)


def anywhere(sources: Sequence[str | Path]) -> tuple[str, ...]:
    """Models as they are called whatever folder a process works in: paths become absolute, names stay."""
    named = (IN_THE_BOX, DISTILLED, *BASELINES)
    return tuple(
        str(Path(source).absolute()) if str(source) not in named and Path(source).exists() else str(source)
        for source in sources
    )


class _Extracting(Worker):
    """Networks that are loaded once."""

    def __init__(self, job: ExtractJob) -> None:
        super().__init__(job.folder)
        self.job, self.models, self.device = job, job.models(), device(job.device)

    def faces(self, shard: Shard) -> Faces:
        return self.job.faces(shard)

    def made(self, shard: Shard, faces: Faces, output: Path, told: dict[str, Any]) -> Line:
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
            line = Line(shard.source, output.name, no_part(failures=failed, **told), faces.kind, reason=reason)
        else:
            part = part_of(output, rows=len(found), failures=len(found.failures), **told)
            line = Line(shard.source, output.name, part, faces.kind, found.contract.fingerprint)
        return line

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
