"""The feature folder while it is filled: what was done before, what is left to do, the index at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.extraction.blocks import Blocks
from facerep.extraction.many.work import Line, Task, is_there, line_file, read_line
from facerep.extraction.resume import difference
from facerep.files.contract import Contract
from facerep.files.features import FEATURES
from facerep.files.folders.feature_folder import INDEX, is_ours, is_part, part_name, read_index, write_index
from facerep.files.folders.set_folder import begun, require_resume
from facerep.files.locks import unlock, work_alone
from facerep.files.provenance import fingerprint
from facerep.files.unfinished import clear
from facerep.readers.shards.pieces import Shard

_BLOCKS = ".part"
"""Ending of the folder of blocks beside a part."""


class PartsFolder:
    """A feature folder that is being filled; other processes are kept out of it until it is closed.

    Args:
        folder: which.
        contract: what the vectors of all parts are, apart from data set and fingerprint.
        how: what else must be the same to go on.
        resume, overwrite: go on with what is there, or begin anew.

    Raises:
        OutputExists: a complete one is there.
        BadInput: it holds something else, another process works in it, or it was made otherwise.
    """

    def __init__(self, folder: Path, contract: Contract, how: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        self.folder = folder
        self.contract = replace(contract, dataset="", fingerprint="")
        self.how = how
        self.lock: int | None = None
        if overwrite and not resume and folder.is_dir():
            _discard_blocks(folder)
        try:
            if begun(folder, INDEX, _may_stand, "no part of a feature folder", overwrite=overwrite and not resume):
                index = read_index(folder)
                self.lock = work_alone(folder, folder)
                require_resume(folder, "unfinished extraction", complete=index["complete"], resume=resume)
                self._require_same(index)
            else:
                index = {"parts": {}}
                folder.mkdir(parents=True, exist_ok=True)
                self.lock = work_alone(folder, folder)
                _forget_lines(folder)
        except BaseException:
            self.close()
            raise
        self.before = self._lines(index["parts"])

    def tasks(self, shards: Sequence[Shard]) -> tuple[list[Line], list[Task]]:
        """Lines of the shards that were done before, as far as that can be told here; and the tasks that are left."""
        taken = {line.name for line in self.before.values()}
        free = (name for number in range(10**9) if (name := part_name(number)) not in taken)
        wished = [part_name(number) for number in range(len(shards))]
        done, tasks = [], []
        for shard, wish in zip(shards, wished, strict=True):
            before = self.before.get(shard.source)
            if before is None:
                name = wish if wish not in taken else next(free)
                taken.add(name)
                tasks.append(Task(name, shard))
            elif shard.known and shard.known == before.part["source_sha256"]:
                done.append(before)
            else:  # a worker reads the shard and sees whether it is the same
                tasks.append(Task(before.name, shard, before))
        if tasks:
            self._write({line.name: _told(line) for line in done}, complete=False)
        return done, tasks

    def finish(self, lines: Sequence[Line], *, complete: bool) -> Contract:
        """Write the index; where all is there, remove what only served to get there.

        Args:
            lines: in the order of the shards.
            complete: there is one of every shard.
        """
        prints = [line.fingerprint for line in lines if line.fingerprint]
        sets = dict.fromkeys(line.dataset for line in lines if line.dataset)
        one = prints[0] if len(set(prints)) == 1 else fingerprint(prints)
        self.contract = replace(self.contract, dataset="+".join(sets), fingerprint=one if prints else "")
        if complete:  # parts of shards that are no longer asked for
            held = {line.name for line in lines if line.part["rows"]}
            for path in self.folder.iterdir():
                if is_part(path.name) and path.name not in held:
                    path.unlink()
            _discard_blocks(self.folder)
        self._write({line.name: _told(line) for line in lines}, complete=complete)
        if complete:
            _forget_lines(self.folder)
        return self.contract

    def close(self) -> None:
        """Let other processes have the folder."""
        unlock(self.lock)
        self.lock = None

    def _lines(self, parts: dict[str, dict[str, Any]]) -> dict[str, Line]:
        """What was done before, by source: of the index, and of lines that it does not have yet."""
        known = [
            Line(part["source"], name, _plain(part), part.get("dataset", ""), part.get("fingerprint", ""))
            for name, part in parts.items()
        ]
        beside = (path.name[1:].removesuffix(".line.json") for path in self.folder.glob(".part-*.line.json"))
        known += [line for name in sorted(beside) if is_part(name) and (line := read_line(self.folder, name))]
        return {line.source: line for line in known if is_there(self.folder, line)}

    def _write(self, parts: dict[str, dict[str, Any]], *, complete: bool) -> None:
        clear(self.folder, INDEX)
        write_index(
            self.folder, parts, kind=FEATURES, contract=asdict(self.contract), how=self.how, complete=complete
        )  # fmt: skip

    def _require_same(self, index: dict[str, Any]) -> None:
        unsaid = ("dataset", "fingerprint")
        was = {**{key: value for key, value in index["contract"].items() if key not in unsaid}, **index["how"]}
        now = {**{key: value for key, value in asdict(self.contract).items() if key not in unsaid}, **self.how}
        if was != now:
            hint = f"{difference(was, now)}; give --overwrite to start again"
            raise BadInput("unfinished extraction was made otherwise", self.folder, hint)


def _told(line: Line) -> dict[str, Any]:
    """What the index says: beside the part also what the contract of the whole is made of."""
    return {**line.part, "dataset": line.dataset, "fingerprint": line.fingerprint}


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in ("dataset", "fingerprint")}


def _may_stand(name: str) -> bool:
    return is_ours(name) or is_part(name.removesuffix(_BLOCKS))


def _discard_blocks(folder: Path) -> None:
    """Remove the blocks of parts that were not finished; what else lies there stops the command."""
    for path in folder.glob(f"part-*.h5{_BLOCKS}"):
        if is_part(path.name.removesuffix(_BLOCKS)) and path.is_dir():
            output = path.with_name(path.name.removesuffix(_BLOCKS))
            Blocks(output, Contract(), {}, resume=False, overwrite=True, faces=1).remove()


def _forget_lines(folder: Path) -> None:
    """Remove the lines beside parts: the index has them, or there are none."""
    for path in folder.glob(".part-*.line.json"):
        name = path.name[1:].removesuffix(".line.json")
        if is_part(name) and path == line_file(folder, name):
            clear(folder, path.name)
            path.unlink(missing_ok=True)
