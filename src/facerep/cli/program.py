"""The commands, in the order in which a person meets them, and the one error line that any of them may end with."""

from __future__ import annotations

import os
import select
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any

import typer
from typer import Option

from facerep import __version__
from facerep import threads as machine_threads
from facerep.cli.find.align import align
from facerep.cli.find.localize import localize
from facerep.cli.find.track import track
from facerep.cli.groups import Group
from facerep.cli.helps import NAMES, Command
from facerep.cli.inputs import guard
from facerep.cli.judge.analyze.group import analyze_app
from facerep.cli.judge.attributes.group import attributes_app
from facerep.cli.judge.codes_table import codes_table
from facerep.cli.judge.compare import compare
from facerep.cli.judge.group import group
from facerep.cli.judge.identify import identify
from facerep.cli.judge.search import search
from facerep.cli.judge.verify import verify
from facerep.cli.learn.fit import fit
from facerep.cli.learn.sparsify import sparsify
from facerep.cli.learn.train import train
from facerep.cli.look.data import data_app
from facerep.cli.represent.binarize import binarize
from facerep.cli.represent.export import export
from facerep.cli.represent.extract import extract
from facerep.cli.represent.import_ import import_
from facerep.cli.represent.merge import merge
from facerep.cli.represent.pool import pool
from facerep.cli.represent.reconstruct import reconstruct
from facerep.cli.tell.doctor import doctor
from facerep.cli.tell.models import models
from facerep.cli.tell.report import report
from facerep.console import ReaderGone, StreamFull, console, printable
from facerep.errors import FacerepError, Stopped


class Commands(Group):
    """The commands in the order of the panels, and options that all of them share."""

    def list_commands(self, ctx: Any) -> list[str]:
        # typer puts groups behind commands; looking at data comes before everything
        return sorted(super().list_commands(ctx), key=lambda name: name != "data")

    def make_context(self, info_name: Any, args: Any, *others: Any, **more: Any) -> Any:
        # what all commands share may stand behind the command too
        args, shared = list(args), ("-q", "--quiet", "--debug")
        args.sort(key=lambda word: word not in shared)
        with _pipes():
            return super().make_context(info_name, args, *others, **more)

    def invoke(self, ctx: Any) -> Any:
        with _pipes():
            return super().invoke(ctx)


@contextmanager
def _pipes() -> Iterator[None]:
    """Say which pipe broke: typer ends without a word on any. A help is not written by the console."""
    try:
        yield
    except BrokenPipeError as error:
        watch = select.poll()
        watch.register(1, 0)
        if watch.poll(0):
            raise ReaderGone from error
        raise FacerepError("a process that took part in the work has ended", hint="run the command again") from error


app = typer.Typer(
    name="facerep",
    cls=Commands,
    help="Learn face representations and show what they know.",
    no_args_is_help=True,
    context_settings={"help_option_names": NAMES},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


_PANELS = {
    "Learn": (train, fit, sparsify),
    "Represent": (extract, import_, merge, pool, binarize, reconstruct, export),
    "Find": (align, localize, track),
    "Judge": (verify, identify, search, group, compare, codes_table),
    "Tell": (report, models, doctor),
}
"""Commands by panel, in the order in which a person meets them; `data` stands before them all."""

app.add_typer(data_app, name="data", rich_help_panel="Look at data")
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(_command.__name__.rstrip("_").replace("_", "-"), rich_help_panel=_panel, cls=Command)(_command)
for _group in (attributes_app, analyze_app):
    app.add_typer(_group, rich_help_panel="Judge")


def _version(asked: bool) -> None:
    if asked:
        console.result(f"facerep {__version__}")
        raise typer.Exit


@app.callback()
def root(
    quiet: Annotated[bool, Option("--quiet", "-q", help="Only results, warnings and errors.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
    threads: Annotated[int, Option("--threads", min=0, help="Threads of arithmetic; 0 is all cores.")] = 0,
    version: Annotated[  # noqa: ARG001
        bool, Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learn face representations and show what they know."""
    console.quiet, console.debug = quiet, debug
    if threads:
        machine_threads.ask(threads)


@cache
def program() -> Any:
    """The commands with their options; made once, since making them takes longer than many a command does."""
    return guard(typer.main.get_command(app))


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)


def run() -> None:
    """Run the program; every error that a user can mend becomes one line on stderr and its exit code."""
    machine_threads.choose()
    console.command = printable(shlex.join(["facerep", *sys.argv[1:]]))
    try:
        _on_signals(_stop)
        program()(prog_name="facerep", standalone_mode=False)
        console.flush()
        code = 0
    except ReaderGone:
        code = 0  # whoever read our stdout has seen enough
        _forget_stdout()
    except (Exception, Stopped) as error:
        code = _end(error)
    # all is done or cleaned up: from here on a signal only hastens the end
    _on_signals(signal.SIG_DFL)
    sys.exit(code)


def _on_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _end(error: Exception | Stopped) -> int:
    """Say why it ends; gives the exit code."""
    if console.debug:
        import traceback

        console.trace(traceback.format_exc())
    line, code = _line_of(error)
    if line:
        console.error(line)
    if isinstance(error, StreamFull):
        _forget_stdout()
    return code


def _forget_stdout() -> None:
    # Python would try again at its exit, and complain
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _line_of(error: Exception | Stopped) -> tuple[str, int]:
    """One line about an error, and its exit code."""
    match error:
        case FacerepError() | Stopped():
            return str(error), error.exit_code
        case StreamFull():
            return str(error), 1
        case MemoryError():
            return "memory is short; give a smaller --batch-size or fewer --workers", 1
        case RuntimeError() if str(error).startswith("Symlink loop from "):  # in a path that was to be made absolute
            return f"links lead round and round: {str(error).removeprefix('Symlink loop from ')}", 1
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
    line = " ".join(error.format_message().split()).removesuffix(".").replace("Value error, ", "")
    line = line[:1].lower() + line[1:].replace(". Did you", "; did you")
    return line if line.endswith("?") else f"{line}; {see}"
