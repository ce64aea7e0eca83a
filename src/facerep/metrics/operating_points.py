"""True accept rate at a false accept rate: counted, never interpolated.

Source: docs/numbers.md, rule 3 (TAR at FAR); ISO/IEC 19795-1 for the terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facerep.errors import Usage
from facerep.metrics.roc import Curve

FEW, REFUSED = "few impostors", "refused"


@dataclass(frozen=True)
class OperatingPoint:
    """What one threshold accepts.

    Attributes:
        threshold: a pair is accepted at or above it; None where the target was refused.
        true_accepts, genuine: accepted genuine pairs, and all of them.
        false_accepts, impostor: accepted impostor pairs, and all of them.
        flag: None, "few impostors" or "refused".
    """

    threshold: float | None
    true_accepts: int
    genuine: int
    false_accepts: int
    impostor: int
    flag: str | None = None

    @property
    def tar(self) -> float | None:
        """True accept rate, None where refused."""
        return None if self.flag == REFUSED else self.true_accepts / self.genuine

    @property
    def far(self) -> float | None:
        """The false accept rate really obtained, None where refused."""
        return None if self.flag == REFUSED else self.false_accepts / self.impostor


def check_targets(far: Sequence[float] | None, at_far: float | None = None) -> None:
    """Refuse false accept rates that are none, before any work is done.

    Args:
        far: those that are reported.
        at_far: the one whose threshold is taken.

    Raises:
        Usage: one is no number above 0 and at most 1.
    """
    if far is not None and not all(0 < rate <= 1 for rate in far):
        got = ",".join(f"{rate:g}" for rate in far)
        raise Usage(f"--far wants fractions above 0 and at most 1 with commas between, got {got!r}")
    if at_far is not None and not 0 < at_far <= 1:
        raise Usage(f"--at-far wants a fraction above 0 and at most 1, got {at_far:g}")


def tar_at_far(curve: Curve, far: float) -> OperatingPoint:
    """True accept rate at the smallest threshold whose false accept rate is at most `far`.

    A pair is accepted when score >= threshold; candidates are the distinct scores and +inf. With fewer than
    10 / far impostors the point is flagged; with fewer than 1 / far it is refused, and so it is where
    impostors score +inf, so that no threshold holds the target.

    Args:
        curve: from `roc.sweep`.
        far: target rate in (0, 1], a fraction, not per cent.

    Raises:
        Usage: `far` is outside (0, 1].

    >>> from facerep.metrics.roc import sweep
    >>> scores = np.array([0.9, 0.8, 0.3, 0.85, 0.7, 0.2, 0.1])
    >>> tar_at_far(sweep(scores, np.arange(7) < 3), far=0.25).tar
    0.6666666666666666
    """
    if not 0 < far <= 1:
        raise Usage(f"a false accept rate lies above 0 and at most at 1, got {far}")
    # quotients, not products: 0.29 * 100 is a little less than 29 in binary, 29 / 100 is the double that
    # 0.29 is
    row = int(np.searchsorted(curve.far, far, side="right")) - 1
    if 1 / curve.impostor > far or row < 0:
        return OperatingPoint(None, 0, curve.genuine, 0, curve.impostor, REFUSED)
    return at_row(curve, row, FEW if 10 / curve.impostor > far else None)


def at_row(curve: Curve, row: int, flag: str | None = None) -> OperatingPoint:
    """The operating point of one candidate of the curve."""
    return OperatingPoint(
        float(curve.thresholds[row]), int(curve.true_accepts[row]), curve.genuine,
        int(curve.false_accepts[row]), curve.impostor, flag,
    )  # fmt: skip


def impostors_needed(far: float) -> int:
    """The fewest impostor pairs with which `far` can be seen: the smallest i with 1 / i <= far.

    >>> impostors_needed(0.001), impostors_needed(0.3)
    (1000, 4)
    """
    guess = max(1, math.floor(1 / far))
    return guess if 1 / guess <= far else guess + 1
