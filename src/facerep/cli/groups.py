"""A group of commands that says how one of its commands goes on when it was stopped."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from facerep.errors import Stopped


class Group(TyperGroup):
    """Commands of which some can be resumed: only these advise it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Stopped as stopped:
            command = self.commands.get(ctx.invoked_subcommand or "")
            if command is not None and not stopped.advice and "resume" in [option.name for option in command.params]:
                stopped.advice = "give the same command with --resume to go on"
            raise
