"""The `facerep` program: its commands, in the order in which a person meets them, and its one error line."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from facerep import __version__
from facerep.cli.binarize import binarize
from facerep.cli.data import data_app
from facerep.cli.doctor import doctor
from facerep.cli.extract import extract
from facerep.cli.fit import fit
from facerep.cli.import_ import import_
from facerep.cli.models import models
from facerep.cli.report import report
from facerep.cli.train import train
from facerep.cli.verify import verify
from facerep.console import console
from facerep.errors import FacerepError, Stopped

app = typer.Typer(
    name="facerep",
    help="Learn face representations and show what they know.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


_PANELS = {
    "Learn": (train, fit),
    "Represent": (extract, import_, binarize),
    "Judge": (verify,),
    "Tell": (report, models, doctor),
}
"""Commands by panel, in the order in which a person meets them; `data` stands before them all."""

app.add_typer(data_app, name="data", rich_help_panel="Look at data")
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(_command.__name__.rstrip("_"), rich_help_panel=_panel)(_command)


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
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[name] = str(threads)


def _stop(number: int, _frame: object) -> None:
    raise Stopped(number)


def main() -> None:
    """Run the program; every error that a user can mend becomes one line on stderr and its exit code."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except FacerepError as error:
        if console.debug:
            raise
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # whoever read our stdout has seen enough; point it at nothing so that Python's exit does not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
