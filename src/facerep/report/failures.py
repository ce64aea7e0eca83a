"""Failures in a few lines: one a reason, with its first face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from facerep.console import counted

_SHOWN = 10


def failure_lines(failures: Sequence[tuple[str, str]], listed: str) -> list[str]:
    """A line for each reason, by its first face; a reason that many faces have is one line.

    Args:
        failures: (name, reason).
        listed: where all of them are listed.
    """
    counts = Counter(reason for _, reason in failures)
    first = {reason: name for name, reason in reversed(failures)}
    lines = []
    for reason, count in counts.most_common(_SHOWN):
        more = "" if count == 1 else f" ({counted(count, 'face')} in all)"
        lines.append(f"{first[reason]}: {reason}{more}")
    if len(counts) > _SHOWN:
        left = len(failures) - sum(count for _, count in counts.most_common(_SHOWN))
        are = "failure is" if left == 1 else "failures are"
        lines.append(f"{left:,} more {are} listed in {listed}")
    return lines
