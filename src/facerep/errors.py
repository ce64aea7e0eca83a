"""What can go wrong, and the exit code of each.

FacerepError            1   facerep could not do it; one line: what, where; what to do
├── BadInput            1   a file or folder cannot be used as it is
├── Mismatch            1   two files do not belong together (network, layer, crop, dimension)
├── OutputExists        1   an output is in the way and --overwrite was not given
├── NotAvailable        1   a device, a package or weights that were asked for are not here
├── TooFewPairs         1   the pairs cannot carry the rate that was asked for
├── Usage               2   the command line contradicts itself
└── Failures            3   done, but --strict was given and some faces failed
Stopped           130 143   Ctrl-C or SIGTERM; what was written can be resumed
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class FacerepError(Exception):
    """Base of all errors that a user can cause or mend.

    Shown as one line, `error: what: where; hint`.
    """

    exit_code = 1

    def __init__(self, what: str, where: str | Path | None = None, hint: str | None = None) -> None:
        self.what, self.where, self.hint = what, where, hint
        line = what if where is None else f"{what}: {where}"
        super().__init__(line if hint is None else f"{line}; {hint}")


class BadInput(FacerepError):
    """Raised when a file or folder cannot be used as it is."""


class Mismatch(FacerepError):
    """Raised when two files do not belong together; the message shows both sides."""


class OutputExists(FacerepError):
    """Raised when writing would replace something and nobody asked for that."""

    def __init__(self, path: str | Path) -> None:
        super().__init__("output exists", path, "give --overwrite to replace it, or another --output")


class NotAvailable(FacerepError):
    """Raised when a device, package or weights that were asked for are not on this machine."""


class TooFewPairs(FacerepError):
    """Raised when a rate cannot be seen with so few pairs."""


class Usage(FacerepError):
    """Raised when options contradict each other in a way the parser cannot see."""

    exit_code = 2


def refuse_meaningless(options: Mapping[str, object], why: str) -> None:
    """Refuse options that would do nothing.

    Args:
        options: by name; None where it was not given.
        why: such as "without --store".

    Raises:
        Usage: one was given.
    """
    if given := [name for name, value in options.items() if value is not None]:
        raise Usage(f"{given[0]} means nothing {why}")


class Failures(FacerepError):
    """Raised at the end of a command under --strict when some faces failed."""

    exit_code = 3


class Stopped(BaseException):
    """Raised by the signal handlers: Ctrl-C is 130, SIGTERM 143.

    No Exception, as Python's own KeyboardInterrupt is none: a signal arrives anywhere, and libraries that catch all
    errors around a call would lose it (Lightning does so around the message that its processes wait for).
    `advice` is how to go on; "" where nothing can be resumed.
    """

    def __init__(self, signal_number: int) -> None:
        self.exit_code = 128 + signal_number
        self.advice = ""
        super().__init__(signal_number)

    def __str__(self) -> str:
        return f"stopped; {self.advice or 'nothing was written'}"


def first_line(error: Exception) -> str:
    r"""What a library's error says, without its explanations.

    >>> first_line(ValueError("bad header\nsee the manual")), first_line(ValueError())
    ('bad header', 'ValueError')
    """
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
