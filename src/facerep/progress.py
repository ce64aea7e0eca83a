"""One progress bar for all long work, on stderr; silent when nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facerep.console import printable


@contextmanager
def progress(what: str, total: int, unit: str = "faces", shown: bool | None = None) -> Iterator[Callable[[int], None]]:
    """Show how far a long piece of work is; gives a function that is told how much more was done.

    Args:
        what: a verb with its object, such as "extract lfw".
        total: how many units there are in all.
        unit: what is counted, for the rate.
        shown: None shows the bar where stderr is a terminal.
    """
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} {unit}/s")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(printable(what), total=total)
        yield lambda count: bar.advance(task, count)
