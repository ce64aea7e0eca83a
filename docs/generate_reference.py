"""Write docs/reference.md: the help of every command, at 80 columns.

    python docs/generate_reference.py

tests/docs/test_documents.py holds the page to the real helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from facerep.cli.program import app, program

PAGE = Path(__file__).parent / "reference.md"
PLAIN = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "FORCE_COLOR": None, "PY_COLORS": None}
"""What makes a help the same in a pipe, in a terminal and on any machine."""

_HEAD = """# Reference: the help of every command

What you get: every option with its default. What you need: nothing; `facerep COMMAND --help` prints the same.

Made by `python docs/generate_reference.py` with typer {typer}; do not edit. What is common to all commands: results go
to stdout, everything else to stderr; `--json` prints the result as JSON; `-q` silences notes and progress and may
stand behind the command; `-h` is `--help`. After `facerep --install-completion` the Tab key completes commands,
options, crop presets, networks, layers and runs. Exit codes: 0 done; 1 could not be done; 2 the command line is wrong;
3 done, but `--strict` was given and faces failed; 130 and 143 stopped.
"""


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command as the words behind `facerep`, in the order of the help; () is `facerep` itself."""
    group = group or program()
    if not path:
        yield ()
    for name in group.list_commands(None):
        command = group.commands[name]
        if hasattr(command, "list_commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def help_of(words: tuple[str, ...]) -> str:
    """What `facerep WORDS --help` prints, without blanks at the ends of lines."""
    run = CliRunner().invoke(app, [*words, "--help"], env=PLAIN, prog_name="facerep")
    assert run.exit_code == 0, run.output
    return "\n".join(line.rstrip() for line in run.stdout.splitlines()).strip("\n")


def typer_version() -> str:
    """The version of typer, whose layout the helps have."""
    return version("typer")


def page() -> str:
    """The whole page."""
    parts = [_HEAD.format(typer=typer_version())]
    for words in commands():
        title = " ".join(("facerep", *words))
        parts.append(f"## {title}\n\n```text\n{help_of(words)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
