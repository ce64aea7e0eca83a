"""The `facerep` program: its commands, in the order in which a person meets them, and its one error line."""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from facerep import __version__
from facerep import threads as machine_threads
from facerep.cli.analyze import analyze_app
from facerep.cli.attributes import attributes
from facerep.cli.binarize import binarize
from facerep.cli.codes_table import codes_table
from facerep.cli.compare import compare
from facerep.cli.data import data_app
from facerep.cli.doctor import doctor
from facerep.cli.extract import extract
from facerep.cli.fit import fit
from facerep.cli.identify import identify
from facerep.cli.import_ import import_
from facerep.cli.models import models
from facerep.cli.report import report
from facerep.cli.search import search
from facerep.cli.sparsify import sparsify
from facerep.cli.train import train
from facerep.cli.verify import verify
from facerep.console import console
from facerep.errors import FacerepError, Stopped


class _ReaderGone(Exception):
    """Raised for a broken pipe, which typer would turn into exit code 1."""


class Commands(TyperGroup):
    """The commands in the order of the panels, and what any of them may end with."""

    def list_commands(self, ctx: Any) -> list[str]:
        # typer puts groups behind commands; looking at data comes before everything
        return sorted(super().list_commands(ctx), key=lambda name: name != "data")

    def make_context(self, info_name: Any, args: Any, *others: Any, **more: Any) -> Any:
        # what all commands share may stand behind the command too
        args, shared = list(args), ("-q", "--quiet", "--debug")
        args.sort(key=lambda word: word not in shared)
        try:
            return super().make_context(info_name, args, *others, **more)
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGone from error
        except Stopped as stopped:
            command = self.commands.get(ctx.invoked_subcommand or "")
            if command is not None and "resume" not in [option.name for option in command.params]:
                stopped.args = ("stopped; nothing was written",)
            raise


app = typer.Typer(
    name="facerep",
    cls=Commands,
    help="Learn face representations and show what they know.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


_PANELS = {
    "Learn": (train, fit, sparsify),
    "Represent": (extract, import_, binarize),
    "Judge": (verify, identify, search, compare, codes_table, attributes),
    "Tell": (report, models, doctor),
}
"""Commands by panel, in the order in which a person meets them; `data` stands before them all."""

app.add_typer(data_app, name="data", rich_help_panel="Look at data")
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(_command.__name__.rstrip("_").replace("_", "-"), rich_help_panel=_panel)(_command)
app.add_typer(analyze_app, name="analyze", rich_help_panel="Judge")


def _version(asked: bool) -> None:
    if asked:
        console.result(f"facerep {__version__}")
        raise typer.Exit


@app.callback()
def root(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only results, warnings and errors.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    threads: Annotated[int, typer.Option("--threads", min=0, help="Threads of arithmetic; 0 is all cores.")] = 0,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learn face representations and show what they know."""
    console.quiet, console.debug = quiet, debug
    if threads:
        machine_threads.ask(threads)


@cache
def program() -> Any:
    """The commands with their options; made once, since making them takes longer than many a command does."""
    return typer.main.get_command(app)


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)


def main() -> None:
    """Run the program; every error that a user can mend becomes one line on stderr and its exit code."""
    machine_threads.choose()
    # Ctrl-C reaches every process of a terminal: the first process of a distributed run ends the others
    signal.signal(signal.SIGINT, _stop if os.environ.get("LOCAL_RANK", "0") == "0" else signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(program()(prog_name="facerep", standalone_mode=False))
    except _ReaderGone:
        # whoever read our stdout has seen enough; point it at nothing so that Python's exit does not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (Exception, Stopped) as error:
        if console.debug:
            import traceback

            traceback.print_exc()
        line, code = _told(error)
        if line:
            sys.stderr.write(f"error: {line}\n")
        sys.exit(code)


def _told(error: Exception | Stopped) -> tuple[str, int]:
    """One line about an error, and its exit code."""
    match error:
        case FacerepError() | Stopped():
            return str(error), error.exit_code
        case MemoryError():
            return "memory is short; give a smaller --batch-size or fewer --workers", 1
        case OSError() if error.strerror:
            return f"{error.strerror}: {error.filename or 'no file is named'}", 1
    if hasattr(error, "format_message"):  # the parser's errors, which some versions of typer bring along themselves
        return _usage(error), 2
    first = (str(error).splitlines() or [""])[0]
    if type(error).__name__ == "OutOfMemoryError":
        return f"memory of the GPU is short ({first}); give a smaller --batch-size", 1
    return f"bug in facerep: {type(error).__name__}: {first}; give --debug before the command and report it", 1


def _usage(error: Any) -> str:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return ""
    context = error.ctx
    see = f"see `{context.command_path} --help`" if context is not None else "see `facerep --help`"
    if context is not None and type(error).__name__ == "NoSuchOption":
        import difflib

        known = [name for option in context.command.params for name in option.opts if name.startswith("--")]
        near = difflib.get_close_matches(error.option_name, known, n=1, cutoff=0.5)
        return f"no option `{error.option_name}`; " + (f"did you mean `{near[0]}`?" if near else see)
    said = " ".join(error.format_message().split()).removesuffix(".").replace("Value error, ", "")
    said = said[:1].lower() + said[1:].replace(". Did you", "; did you")
    return said if said.endswith("?") else f"{said}; {see}"


if __name__ == "__main__":
    main()
