"""`facerep.group`: what the command of this name does, with its defaults, from Python."""

from __future__ import annotations

from pathlib import Path

from facerep.files.rows import Codes, Features
from facerep.pairs.decision_rule import DecisionRule
from facerep.studies.grouping.group import Groups
from facerep.studies.grouping.group import group as study


def group(
    features: Features | Codes | str | Path,
    *,
    metric: str | None = None,
    scorer: Path | None = None,
    threshold: float | None = None,
    threshold_from: Path | None = None,
    at_far: float | None = None,
    seed: int = 0,
) -> Groups:
    """Group faces by person; the arguments are those of `facerep group`.

    Raises:
        BadInput, Mismatch, Usage: see `studies.grouping.group.group`.
    """
    held = Path(features) if isinstance(features, str) else features
    return study(held, DecisionRule(metric, scorer, threshold_from, at_far), threshold=threshold, seed=seed)
