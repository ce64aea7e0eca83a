"""Streams: results to stdout, everything else to stderr; terminal, colour and quiet are decided once.

Nothing else in facerep writes to a stream.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves the cursor, colours, breaks a line, turns the direction of writing, or is half a character."""


class ReaderGone(Exception):
    """Raised where whoever read our stdout has seen enough."""


class StreamFull(Exception):
    """Raised where stdout takes no more; the message is the error line."""


def printable(text: object) -> str:
    r"""Text as a terminal may have it, on one line: names and paths come from strangers.

    >>> printable("ana\x1b[2J\n.jpg"), printable("Čapek [/b] 李.jpg")
    ('ana\\x1b[2J\\n.jpg', 'Čapek [/b] 李.jpg')
    """
    return _UNSHOWN.sub(lambda match: _escape(match[0]), str(text))


def _escape(mark: str) -> str:
    # a byte of a path that is no UTF-8 comes as half a character, by which Python remembers it
    byte = ord(mark) - 0xDC00 if 0xDC80 <= ord(mark) <= 0xDCFF else None
    return f"\\x{byte:02x}" if byte is not None else mark.encode("unicode_escape", "surrogatepass").decode("ascii")


def open_streams() -> None:
    """Make stdout and stderr such that any text can be written, whoever started the program and how.

    A stream that is closed leads nowhere, so that no file that is opened later takes its place; what a stream's
    encoding has not is written as an escape.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the program
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@dataclass
class Console:
    """What a command may say, and where.

    `quiet` silences notes and progress, never results, warnings or errors. `command` is the command line as it was
    typed, "" where facerep is used from Python: results keep it.
    """

    quiet: bool = False
    debug: bool = False
    command: str = ""
    said: set[str] = field(default_factory=set)
    heard: list[str] | None = None

    @property
    def watched(self) -> bool:
        """True where a person looks at stderr: progress bars and next steps are shown only then."""
        return not self.quiet and sys.stderr.isatty()

    def result(self, text: str) -> None:
        """Write one line of the result to stdout."""
        _write(printable(text) + "\n")

    def json(self, value: Any) -> None:
        """Write the result to stdout as JSON, in which a terminal finds no control character either."""
        import json

        ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        text = json.dumps(value, indent=2, ensure_ascii=ascii_only, allow_nan=False)
        lines = (_UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", line) for line in text.split("\n"))
        _write("\n".join(lines) + "\n")

    def flush(self) -> None:
        """Send on what others wrote to stdout, such as a help."""
        _write("")

    def table(
        self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
    ) -> None:
        """Write a table to stdout; the first column is text, the others are aligned right.

        A terminal gets colour and its own width; a pipe gets plain lines that are never cut.
        """
        from rich import box
        from rich.cells import cell_len
        from rich.console import Console as Screen
        from rich.table import Table
        from rich.text import Text

        header, rows = [printable(name) for name in header], [[printable(cell) for cell in row] for row in rows]
        terminal = sys.stdout.isatty()
        table = Table(
            title=Text(printable(title)) if title else None,
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD if terminal else box.ASCII2,
            header_style="bold" if terminal else "",
            show_edge=False,
            pad_edge=False,
        )
        for position, name in enumerate(header):
            table.add_column(Text(name), justify="left" if position == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))  # no markup: a name may look like it
        wide = sum(max(map(cell_len, column)) + 3 for column in zip(header, *rows, strict=True))
        # drawn aside: what rich does where a stream takes no more is not ours
        drawn = io.TextIOWrapper(io.BytesIO(), encoding=sys.stdout.encoding or "utf-8", errors="backslashreplace")
        screen = Screen(
            file=drawn, force_terminal=terminal, width=None if terminal else max(80, wide), highlight=False,
            no_color="NO_COLOR" in os.environ or not terminal,
        )  # fmt: skip
        screen.print(table)
        drawn.seek(0)
        # rich fills every line up to the table's width, the title's too
        _write("".join(line.rstrip() + "\n" for line in drawn))
        for note in notes:
            self.result(note)

    def facts(self, rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> None:
        """Write what something is or came to, one line a fact: its name, then its value."""
        wide = max(len(name) for name, _ in rows)
        for name, value in rows:
            self.result(f"{name:<{wide}}  {value}")
        for note in notes:
            self.result(note)

    def note(self, text: str) -> None:
        """Say on stderr what is being done."""
        if not self.quiet:
            _tell(printable(text))

    def tell(self, text: str) -> None:
        """Say on stderr, also when quiet, what was taken where nothing was named: the result hangs on it."""
        _tell(printable(text))

    def warn(self, text: str) -> None:
        """Say on stderr, once, what the user should look at and do."""
        if self.heard is not None:
            self.heard.append(text)
        elif text not in self.said:
            self.said.add(text)
            _tell(f"warning: {printable(text)}")

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Keep warnings, instead of saying them, for who says them elsewhere or sums them up."""
        before, self.heard = self.heard, []
        try:
            yield self.heard
        finally:
            self.heard = before

    def error(self, text: str) -> None:
        """Say on stderr, on one line, why a command could not do it."""
        _tell(f"error: {printable(text)}")

    def trace(self, text: str) -> None:
        """Say on stderr where an error was met, on many lines."""
        for line in text.splitlines():
            _tell(printable(line))

    def wrote(self, *paths: object, then: str | None = None) -> None:
        """End a command: name what was written and the natural next command, to a person only."""
        if self.watched:
            self.note("wrote " + ", ".join(str(path) for path in paths))
            if then:
                self.note(f"next: {then}")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        raise StreamFull(f"cannot write the result ({error.strerror}): stdout") from error


def _tell(line: str) -> None:
    # where nobody can read it, the work goes on
    with suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


@contextmanager
def unheard() -> Iterator[None]:
    """Let what is not ours to say on stderr go nowhere, where libraries write to it past Python."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def counted(number: int, what: str, several: str = "") -> str:
    """A count with its noun: `1 file`, `2 files`; `several` is the noun of many where it is not just an s longer.

    >>> counted(1, "file"), counted(1200, "pair"), counted(1, "person", "people"), counted(2, "query", "queries")
    ('1 file', '1,200 pairs', '1 person', '2 queries')
    """
    return f"{number:,} {what if number == 1 else several or what + 's'}"


def first_few(names: Iterable[object]) -> str:
    """The first three names, with a mark where there are more.

    >>> first_few(["a", "b"]), first_few("abcd")
    ('a, b', 'a, b, c, …')
    """
    words = list(map(str, names))
    return ", ".join(words[:3]) + (", …" if len(words) > 3 else "")


console = Console()
