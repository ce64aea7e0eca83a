"""Failures as a person is told of them: one line a reason, with a face and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from facerep.console import console, counted

_SHOWN = 10


def tell(failures: Sequence[tuple[str, str]], listed: str) -> None:
    """Warn of each reason by its first face; a reason that many faces have is one line.

    Args:
        failures: (name, reason).
        listed: where all of them are listed.
    """
    counts = Counter(reason for _, reason in failures)
    first = {reason: name for name, reason in reversed(failures)}
    for reason, count in counts.most_common(_SHOWN):
        more = "" if count == 1 else f" ({counted(count, 'face')} in all)"
        console.warn(f"{first[reason]}: {reason}{more}")
    if len(counts) > _SHOWN:
        left = len(failures) - sum(count for _, count in counts.most_common(_SHOWN))
        are = "failure is" if left == 1 else "failures are"
        console.warn(f"{left:,} more {are} listed in {listed}")
