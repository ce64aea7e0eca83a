"""Streams: results to stdout, everything else to stderr; terminal, colour and quiet are decided once.

Nothing else in facerep writes to a stream.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Console:
    """What a command may say, and where.

    `quiet` silences notes and progress, never results, warnings or errors.
    """

    quiet: bool = False
    debug: bool = False
    said: set[str] = field(default_factory=set)

    @property
    def watched(self) -> bool:
        """True where a person looks at stderr: progress bars and next steps are shown only then."""
        return not self.quiet and sys.stderr.isatty()

    def result(self, text: str) -> None:
        """Write one piece of the result to stdout."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def table(
        self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
    ) -> None:
        """Write a table to stdout; the first column is text, the others are aligned right.

        A terminal gets colour and its own width; a pipe gets plain lines that are never cut.
        """
        from rich import box
        from rich.console import Console as Screen
        from rich.table import Table

        terminal = sys.stdout.isatty()
        table = Table(
            title=title or None,
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD if terminal else box.ASCII2,
            header_style="bold" if terminal else "",
            show_edge=False,
            pad_edge=False,
        )
        for position, name in enumerate(header):
            table.add_column(name, justify="left" if position == 0 else "right", overflow="fold")
        for row in rows:
            table.add_row(*[cell.replace("[", "\\[") for cell in row])
        width = (
            None if terminal else max(80, sum(max(map(len, column)) + 3 for column in zip(header, *rows, strict=True)))
        )
        screen = Screen(
            file=sys.stdout, width=width, highlight=False, no_color="NO_COLOR" in os.environ or not terminal
        )
        with screen.capture() as drawn:
            screen.print(table)
        # rich fills every line up to the table's width, the title's too
        sys.stdout.write("".join(line.rstrip() + "\n" for line in drawn.get().splitlines()))
        sys.stdout.flush()
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
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def warn(self, text: str) -> None:
        """Say on stderr, once, what the user should look at and do."""
        if text not in self.said:
            self.said.add(text)
            sys.stderr.write(f"warning: {text}\n")
            sys.stderr.flush()

    def wrote(self, *paths: object, then: str | None = None) -> None:
        """End a command: name what was written and the natural next command, to a person only."""
        if self.watched:
            self.note("wrote " + ", ".join(str(path) for path in paths))
            if then:
                self.note(f"next: {then}")


def counted(number: int, what: str) -> str:
    """A count with its noun: `1 file`, `2 files`.

    >>> counted(1, "file"), counted(1200, "pair")
    ('1 file', '1,200 pairs')
    """
    return f"{number:,} {what}" + ("" if number == 1 else "s")


console = Console()
