"""The commands of `facerep attributes`, in the order of the help."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from facerep.cli.groups import Group
from facerep.cli.helps import NAMES, Command
from facerep.cli.judge.attributes.fit import fit
from facerep.cli.judge.attributes.predict import predict
from facerep.cli.judge.attributes.teach import teach


class Attributes(Group):
    """The commands; what was one command in five forms is answered with the form of today."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = [*self.commands, *NAMES]
        if args and not ctx.resilient_parsing and args[0] not in known and not get_close_matches(args[0], known):
            from facerep.errors import Usage

            raise Usage(f"attributes wants one of its commands: {', '.join(self.commands)}", hint=_today(args))
        return super().parse_args(ctx, args)


def _today(args: list[str]) -> str:
    """What is typed today in place of `facerep attributes ARGS`."""
    options = {word.partition("=")[0] for word in args}
    if "--predict" in options:
        return "give `facerep attributes predict FEATURES RESULT`"
    for form, value in (("--scratch", "NETWORK"), ("--fine-tune", "RUN")):
        if form in options:
            return f"give `facerep attributes teach DATASET {form} {value} -o FOLDER`"
    if any((Path(word) / "result.json").is_file() for word in args):
        return "to compare results give `facerep report RESULT RESULT`"
    return f"give `facerep attributes fit {'DATASET --hog' if '--hog' in options else 'FEATURES'}`"


attributes_app = typer.Typer(
    name="attributes",
    cls=Attributes,
    help="What do faces look like? Sex, smile, glasses and others.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


for command in (fit, teach, predict):
    attributes_app.command(cls=Command)(command)
