"""The `facerep` program's entry: signals and streams are settled before anything slow is imported."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the program and end it with its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    if os.environ.get("LOCAL_RANK", "0") != "0":
        # Ctrl-C reaches every process of a terminal: the first process of a distributed run ends the others
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    from facerep.console import open_streams

    open_streams()
    from facerep.cli.program import run

    run()


def _leave(number: int, _frame: object) -> None:
    # while modules are imported nothing is open yet, and an exception may be lost in them
    try:
        os.write(2, b"error: stopped; nothing was written\n")
    finally:
        os._exit(128 + number)


if __name__ == "__main__":
    main()
