"""The state of an unfinished track: one file beside the output, whole or absent, that `--resume` goes on from."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from facerep.errors import BadInput
from facerep.files.atomic import refuse_existing, replacing

FORMAT = "facerep/track-state"


@dataclass
class StateFile:
    """Where a track's state is kept until the track is whole.

    Attributes:
        output: the file of boxes; the state lies beside it.
        resume: go on with a state that is there.
        overwrite: begin anew in its place.
        every: frames between two states.
    """

    output: Path
    resume: bool = False
    overwrite: bool = False
    every: int = 100

    @property
    def path(self) -> Path:
        """The file."""
        return self.output.with_name(self.output.name + ".part")

    def begin(self, how: dict[str, Any]) -> dict[str, Any] | None:
        """What was kept, None where nothing was or it is not wanted.

        Args:
            how: what the track depends on; a state of another one is never gone on from.

        Raises:
            BadInput: a state is there and neither `resume` nor `overwrite` was given; or it is damaged, or of a track
                that was made otherwise.
        """
        self._how = how
        if not self.path.exists():
            return None
        if not self.resume:
            if self.overwrite:
                return None
            raise BadInput("an unfinished track is here", self.path, "give --resume to go on or --overwrite")
        refuse_existing(self.path, overwrite=True)
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            before = state["how"] if state["format"] == FORMAT else None
        except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, ValueError, EOFError, OSError) as error:
            raise self.damaged() from error
        if before != how:
            names = [name for name in how if not isinstance(before, dict) or before.get(name) != how[name]]
            name = (names or ["settings"])[0]
            was = before.get(name) if isinstance(before, dict) else None
            hint = f"{name} was {str(was)[:60]!r}, now {str(how.get(name))[:60]!r}; give --overwrite to start again"
            raise BadInput("unfinished track was made otherwise", self.path, hint)
        return state

    def keep(self, state: dict[str, Any]) -> None:
        """Keep the state in the place of the one before."""
        with replacing(self.path, overwrite=True) as temporary:
            torch.save({"format": FORMAT, "how": self._how, **state}, temporary)

    def remove(self) -> None:
        """Remove the state: the track is whole."""
        self.path.unlink(missing_ok=True)

    def damaged(self) -> BadInput:
        """What is raised where the file is no state."""
        return BadInput("no state of a track, or damaged", self.path, "give --overwrite to start again")
