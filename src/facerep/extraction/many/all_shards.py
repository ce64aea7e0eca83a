"""All shards: each is done by whoever is free, and becomes a part, whole or absent; the index last.

What was stopped, or lost workers, goes on with the shards that are missing. Engines differ in who does a shard and
when; what a part holds is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from facerep.console import console, counted
from facerep.errors import BadInput, FacerepError
from facerep.extraction.many.parts import PartsFolder
from facerep.extraction.many.tasks import Line, Task
from facerep.extraction.many.work import Job
from facerep.files.inputs import remember, remember_pictures
from facerep.progress import progress
from facerep.readers.shards.pieces import Shard

Engine = Callable[[Job, Sequence[Task]], Iterator[Line]]
"""Who does the shards: gives a line of each that was done or refused, in any order; of one that was lost, none."""

_WARNED = 3
"""Shards of which the same warning is said."""


def remember_shards(shards: Sequence[Shard]) -> None:
    """Note what is read, so that nothing that is written takes its place."""
    for shard in shards:
        if shard.rows is not None:
            remember_pictures(shard.rows.paths)
        elif shard.file is not None:
            remember(shard.file)


def all_shards(
    shards: Sequence[Shard], job: Job, engine: Engine, folder: PartsFolder, *, doing: str, nothing: str
) -> tuple[list[Line], int]:
    """Do the shards that are not done yet.

    Args:
        shards: of the data set.
        job: what is done with each of them.
        engine: who does it.
        folder: of the parts.
        doing: what the bar is called.
        nothing: what to say where not one shard gave a row.

    Returns:
        A line of each shard, in their order; and how many of them were done now.

    Raises:
        BadInput: a shard could not be done, which is named, and the others are; no shard gave a row; the disk refused
            the bytes.
        FacerepError: workers were lost and did not come back.
    """
    lines, tasks = folder.tasks(shards)
    if lines:
        console.note(f"going on: {len(lines)} of {counted(len(shards), 'shard')} were done before")
    found = {line.source: line for line in lines}
    try:
        with progress(doing, len(tasks), "shards") as advance:
            for line in engine(job, tasks) if tasks else ():
                found[line.source] = line
                advance(1)
    finally:
        whole = [line for shard in shards if (line := found.get(shard.source)) and not line.error]
        twice = _twice(whole)
        complete = len(whole) == len(shards) and not twice
        folder.finish(whole, complete=complete and any(line.part["rows"] for line in whole))
    _say(shards, found, twice, folder.folder)
    if not any(line.part["rows"] for line in whole):
        reason = next((line.reason for line in whole if line.reason), "there are none")
        raise BadInput(f"{nothing} ({reason})", folder.folder)
    return whole, sum(task.before is None or found[task.shard.source] != task.before for task in tasks)


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
