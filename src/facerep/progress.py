"""One progress bar for all long work, on stderr; silent when nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facerep.console import console, printable

_drawn: list[str] = []
"""The work whose bar is on the screen: what is done within it has no bar of its own."""


@contextmanager
def progress(what: str, total: int, noun: str = "faces") -> Iterator[Callable[[int], None]]:
    """Show how far a long piece of work is, to a person only; gives a function that is told how much more was done.

    Args:
        what: a verb with its object, such as "extract lfw".
        total: how many there are in all.
        noun: what is counted, for the rate.
    """
    if _drawn or not console.watched:
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} {noun}/s")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    _drawn.append(what)
    try:
        with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
            task = bar.add_task(printable(what), total=total)
            yield lambda count: bar.advance(task, count)
    finally:
        _drawn.pop()
