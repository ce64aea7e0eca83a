"""Extraction of shards, and of alignment what ends it, as these tests run them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from facerep.extraction.extract import extract, plan
from facerep.extraction.many.extract_many import ExtractedMany, extract_many
from facerep.extraction.many.extracting import ExtractJob
from facerep.extraction.many.work import here
from facerep.files.features import read_features
from facerep.files.rows import Features
from facerep.networks.weights import load_model
from facerep.readers.in_shards import in_shards
from facerep.readers.load import load


def many(where: Path | list[Path], job: ExtractJob, *engine, **options) -> ExtractedMany:
    """Extract from a data set, or from several."""
    rows = options.pop("rows", None)
    return extract_many(in_shards(where if isinstance(where, list) else [where], rows=rows), job, *engine, **options)


def at_once(where: Path, job: ExtractJob) -> Features:
    """What one process makes of the same faces in one file."""
    faces, output = load(where), job.folder.with_name("whole.h5")
    doing = plan([load_model(source) for source in job.sources], faces, crop=job.crop)
    extract(faces, doing, output, device=torch.device("cpu"), workers=0, batch_size=job.batch_size, overwrite=True)
    return read_features(output)


def same(one: Features, other: Features) -> bool:
    """Whether two have the same rows, bit for bit, and say the same of each."""
    assert replace(one.contract, fingerprint="") == replace(other.contract, fingerprint="")
    assert one.labels.keys() == other.labels.keys()
    for name, column in one.labels.items():
        assert column.tolist() == other.labels[name].tolist()
    columns = ("names", "people", "failures", "parts")
    assert [list(getattr(one, each)) for each in columns] == [list(getattr(other, each)) for each in columns]
    return one.values.tobytes() == other.values.tobytes()


def counted_here(done: list[str]):
    """The engine of one process, which notes what it was asked for."""

    def engine(job, tasks):
        for task, line in zip(tasks, here(job, tasks), strict=True):
            done.append(task.shard.source)
            yield line

    return engine


def whole(folder: Path) -> dict[str, bytes]:
    """What stands in a folder, hidden files too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def dies_in(module, name: str, at: int, die, *, first: bool):
    """A function of a module that ends the process at one of its calls, from 0, before its work or after it."""
    plain, calls = getattr(module, name), 0

    def call(*arguments, **named):
        nonlocal calls
        calls += 1
        if first and calls > at:
            die()
        answer = plain(*arguments, **named)
        if calls > at:
            die()
        return answer

    return call
