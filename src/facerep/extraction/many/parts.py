"""A folder of parts while it is filled: what was done before, what is left to do, the index at its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from facerep.errors import BadInput
from facerep.extraction.many.tasks import LINE, Line, Task, is_there, read_line
from facerep.extraction.resume import difference
from facerep.files.folders.set_folder import begun, require_resume
from facerep.files.locks import unlock, work_alone
from facerep.files.unfinished import clear
from facerep.readers.shards.pieces import Shard


class PartsFolder(ABC):
    """A folder of parts that is being filled; other processes are kept out of it until it is closed.

    Args:
        folder: which.
        how: what must be the same to go on.
        resume, overwrite: go on with what is there, or begin anew.

    Raises:
        OutputExists: a complete one is there.
        BadInput: it holds something else, another process works in it, or it was made otherwise.
    """

    INDEX: ClassVar[str]
    """The file that says what the folder is."""
    UNFINISHED: ClassVar[str]
    """What a folder is that is not complete, in words."""
    FOREIGN: ClassVar[str]
    """What else may lie in it, in words."""

    def __init__(self, folder: Path, how: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        self.folder, self.how = folder, how
        self.lock: int | None = None
        self.is_new = not folder.exists()
        anew = overwrite and not resume
        if anew and folder.is_dir():
            self.make_room()
        lines: list[Line] = []
        try:
            if begun(folder, self.INDEX, self.may_stand, self.FOREIGN, overwrite=anew):
                lines, was, complete = self.read()
                self.lock = work_alone(folder, folder)
                require_resume(folder, self.UNFINISHED, complete=complete, resume=resume)
                if was != self.how:
                    hint = f"{difference(was, self.how)}; give --overwrite to start again"
                    raise BadInput(f"{self.UNFINISHED} was made otherwise", self.folder, hint)
                self.go_on(lines, complete=complete)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self.lock = work_alone(folder, folder)
                self.forget()
        except BaseException:
            self.close()
            raise
        self.before = self._with_lines_beside(lines)

    def tasks(self, shards: Sequence[Shard]) -> tuple[list[Line], list[Task]]:
        """Lines of the shards that were done before, as far as that can be told here; and the tasks that are left."""
        taken = {line.name for line in self.before.values()}
        free = (name for number in range(10**9) if (name := self.name(number)) not in taken)
        wished = [self.name(number) for number in range(len(shards))]
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
            self.write(done, complete=False)
        return done, tasks

    def finish(self, lines: Sequence[Line], *, complete: bool) -> None:
        """Write the index; where all is there, remove what only served to get there; where nothing is, leave nothing.

        Args:
            lines: in the order of the shards.
            complete: there is one of every shard.
        """
        if complete:  # parts of shards that are no longer asked for
            held = {line.name for line in lines if line.part["rows"]}
            for path in self.folder.iterdir():
                if self.is_part(path.name) and path.name not in held:
                    path.unlink()
            self.settle(lines)
        self.write(lines, complete=complete)
        if complete:
            self.forget()
        elif [path.name for path in self.folder.iterdir()] == [self.INDEX]:  # not one shard was begun
            (self.folder / self.INDEX).unlink()
            if self.is_new:
                self.folder.rmdir()

    def close(self) -> None:
        """Let other processes have the folder."""
        unlock(self.lock)
        self.lock = None

    def forget(self) -> None:
        """Remove the lines beside parts: the index has them, or there are none."""
        self.remove_beside(LINE)

    def remove_beside(self, ending: str) -> None:
        """Remove the hidden files beside parts with this ending, and what a kill left of them."""
        for path in self.folder.glob(f".*{ending}"):
            if self.is_part(path.name[1:].removesuffix(ending)):
                clear(self.folder, path.name)
                path.unlink(missing_ok=True)

    def is_there(self, line: Line) -> bool:
        """Whether a part is done, with all that belongs to it."""
        return is_there(self.folder, line)

    def _with_lines_beside(self, lines: Sequence[Line]) -> dict[str, Line]:
        """What was done before, by source: of the index, and of lines that it does not have yet."""
        beside = (path.name[1:].removesuffix(LINE) for path in self.folder.glob(f".*{LINE}"))
        late = [line for name in sorted(beside) if self.is_part(name) and (line := read_line(self.folder, name))]
        return {line.source: line for line in (*lines, *late) if self.is_there(line)}

    @abstractmethod
    def name(self, number: int) -> str:
        """The file of a part."""

    @abstractmethod
    def is_part(self, name: str) -> bool:
        """Whether a file is called as a part."""

    @abstractmethod
    def may_stand(self, name: str) -> bool:
        """Whether a file of the folder is called as those that are written to it."""

    @abstractmethod
    def read(self) -> tuple[list[Line], dict[str, Any], bool]:
        """Of the index: a line of each part, how they were made, and whether it is complete.

        Raises:
            BadInput: it is damaged, or of something else.
        """

    @abstractmethod
    def write(self, lines: Sequence[Line], *, complete: bool) -> None:
        """Write the index, whole or absent; the one that is there is replaced."""

    @abstractmethod
    def make_room(self) -> None:
        """Remove what is there beside the files of the folder itself, which go with their names.

        Raises:
            BadInput: it may not be replaced.
        """

    def go_on(self, lines: Sequence[Line], *, complete: bool) -> None:
        """What is there is gone on with; lines are those of the index."""
        del lines, complete

    def settle(self, lines: Sequence[Line]) -> None:
        """All parts are there: what belongs to the whole is made, before the index says so."""
        del lines
