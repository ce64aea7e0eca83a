"""Render: people into a set, a shard each; what was stopped goes on by shard, what was changed is made again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facerep import processes, threads
from facerep.errors import BadInput, FacerepError
from facerep.files.atomic import write_text
from facerep.files.csv_file import write_csv
from facerep.files.folders.set_folder import begun, require_resume
from facerep.files.provenance import file_sha256
from facerep.files.unfinished import clear
from facerep.progress import progress
from facerep.rendering.assets import Assets, read_assets
from facerep.rendering.downloads import NOTICE as WORDS
from facerep.rendering.set_files import (
    ABOUT,
    COLUMNS,
    INDEX,
    NOTICE,
    PICTURES,
    PLACE,
    Plan,
    is_ours,
    read_about,
    shard_name,
    write_about,
)  # fmt: skip
from facerep.rendering.shard import read_table, write_shard


@dataclass(frozen=True)
class Rendered:
    """A set that was rendered.

    Attributes:
        folder: where.
        people, pictures: how many it has.
        rendered: people who were rendered now; the others were there.
        size, seed: of the set.
        bytes: of all shards.
    """

    folder: str
    people: int
    pictures: int
    rendered: int
    size: int
    seed: int
    bytes: int


def render_set(
    folder: Path,
    assets_file: Path,
    *,
    people: int,
    seed: int,
    size: int,
    workers: int = -1,
    resume: bool = False,
    overwrite: bool = False,
) -> Rendered:
    """Render people 1 to `people` into a folder.

    Args:
        folder: of the set.
        assets_file: the head, as `facerep data assets` makes it.
        people, seed, size: what is rendered; size in pixels.
        workers: processes; 0 works in this one, -1 takes one a core. The bytes are the same.
        resume: go on with what was stopped; shards that are absent or were changed are rendered.
        overwrite: remove the set that is there and begin again.

    Raises:
        NotAvailable: there are no assets.
        OutputExists: a set is there.
        BadInput: the folder holds what is no rendered set's, or cannot be written.
        Mismatch: the set that is there is of another plan.
    """
    assets = read_assets(assets_file)
    plan = Plan(people=people, seed=seed, size=size, assets=assets.fingerprint)
    known = _begin(folder, plan, resume=resume, overwrite=overwrite)
    if known is None:
        write_about(folder, plan, None, assets.sources)
        known = {}
    missing = [person for person in range(1, people + 1) if not _is_there(folder / shard_name(person), known)]
    if missing and known:
        write_about(folder, plan, None, assets.sources)
    with progress(f"render {folder}", people, "people") as advance:
        advance(people - len(missing))
        for _ in _rendered(folder, assets, assets_file, plan, missing, workers):
            advance(1)
    return _finish(folder, plan, assets, len(missing))


def _begin(folder: Path, plan: Plan, *, resume: bool, overwrite: bool) -> dict[str, Any] | None:
    """The shards that the set in the folder is known to have, by name; None where a new set begins."""
    if not begun(folder, ABOUT, is_ours, "no rendered set's", overwrite=overwrite):
        return None
    about = read_about(folder)
    require_resume(folder, "unfinished rendering", complete=about["complete"], resume=resume)
    plan.require(about, folder / ABOUT)
    return about["shards"]


def _is_there(path: Path, known: dict[str, Any]) -> bool:
    """Whether a shard is whole: as it was written, where that is known; else by its table."""
    if path.parent.is_dir():
        clear(path.parent, path.name)
    if not path.is_file():
        return False
    if path.name in known:
        return file_sha256(path) == known[path.name]["sha256"]
    try:
        return len(read_table(path)) == PICTURES
    except BadInput:
        return False


def _rendered(
    folder: Path, assets: Assets, assets_file: Path, plan: Plan, missing: list[int], workers: int
) -> Iterator[int]:
    """Render people; gives the number of each who is done."""
    count = min(threads.cores() if workers < 0 else workers, len(missing))
    if count <= 1 and workers != 1:
        for person in missing:
            write_shard(folder / shard_name(person), assets, plan.seed, person, plan.size)
            yield person
        return
    try:
        with threads.one_each():
            pool = processes.pool(max(count, 1), _prepare, assets_file, folder, plan)
            waiting = {pool.submit(_one, person) for person in missing}
        for done in as_completed(waiting):
            yield done.result()
    except BrokenProcessPool as error:
        raise FacerepError("a worker that renders died", hint="give --resume, and fewer --workers") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_work: list[tuple[Assets, Path, Plan]] = []
"""What a worker process has been given once."""


def _prepare(assets_file: Path, folder: Path, plan: Plan) -> None:
    _work.append((read_assets(assets_file), folder, plan))


def _one(person: int) -> int:
    assets, folder, plan = _work[0]
    write_shard(folder / shard_name(person), assets, plan.seed, person, plan.size)
    return person


def _finish(folder: Path, plan: Plan, assets: Assets, rendered: int) -> Rendered:
    """The table of all shards, the notice, and last that all is there."""
    names = [shard_name(person) for person in range(1, plan.people + 1)]
    shards = {name: {"bytes": (folder / name).stat().st_size, "sha256": file_sha256(folder / name)} for name in names}
    lines = (line for name in names for line in read_table(folder / name))
    write_csv(folder / INDEX, [*COLUMNS, *PLACE], map(_numbers, lines), overwrite=True)
    write_text(folder / NOTICE, WORDS, overwrite=True)
    write_about(folder, plan, shards, assets.sources)
    total = sum(shard["bytes"] for shard in shards.values())
    return Rendered(str(folder), plan.people, plan.people * PICTURES, rendered, plan.size, plan.seed, total)


_FIRST_NUMBER = COLUMNS.index("le_x")


def _numbers(line: list[str]) -> list[object]:
    """Numbers as such: as text, one below zero would be guarded like a formula."""
    view, shard = COLUMNS.index("view"), len(COLUMNS)
    values: list[object] = list(line)
    values[view] = int(line[view])
    values[_FIRST_NUMBER:shard] = map(float, line[_FIRST_NUMBER:shard])
    return values
