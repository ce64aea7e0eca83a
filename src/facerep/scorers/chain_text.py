"""The text of a chain, such as `pca:150+joint-bayesian`: its steps, and how many dimensions each is to keep."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from facerep.errors import Usage

STEPS = ("pca", "lda", "l2", "joint-bayesian", "weighted-hamming")
DEFAULT = "pca+joint-bayesian"
ALL = "all"
"""In the place of a number of dimensions: as many as the features vary in and the faces can fill."""
METRICS = {"joint-bayesian": "joint-bayesian", "weighted-hamming": "hamming"}
"""By the last step of a chain that is fitted on people: the metric that it makes scores for."""

Number = int | Literal["all"] | None
"""How many dimensions a step is asked to keep; None where it is to choose."""


def parse(text: str) -> list[tuple[str, Number]]:
    """The steps of a chain and how many dimensions each is asked to keep.

    Raises:
        Usage: no such step (with the nearest name), a number where none belongs, joint-bayesian not at the end, or
            weighted-hamming not alone.

    >>> parse("pca:150+joint-bayesian")
    [('pca', 150), ('joint-bayesian', None)]
    """
    steps: list[tuple[str, Number]] = []
    for part in text.split("+"):
        name, mark, number = part.strip().partition(":")
        if name not in STEPS:
            near = get_close_matches(name, STEPS, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(STEPS)}"
            raise Usage(f"no step {name!r} in chain {text!r}", hint=hint)
        if (name, number) == ("pca", ALL):
            steps.append((name, ALL))
            continue
        if mark and (name not in ("pca", "lda") or not number.isdecimal() or int(number) < 1):
            what = f"step {part!r} of chain {text!r} takes no such number"
            raise Usage(what, hint="pca:150, pca:all and lda:50 are examples")
        steps.append((name, int(number) if mark else None))
    if any(name == "joint-bayesian" for name, _ in steps[:-1]):
        raise Usage(f"joint-bayesian is the last step of a chain, not of {text!r}")
    if len(steps) > 1 and any(name == "weighted-hamming" for name, _ in steps):
        raise Usage(f"weighted-hamming weighs bits as they are, it stands alone and not in {text!r}")
    return steps


def metric_of(last_step: str) -> str:
    """The metric of a chain by its last step; of projections alone cosine, though they may be compared by others.

    >>> metric_of("joint-bayesian"), metric_of("weighted-hamming"), metric_of("pca")
    ('joint-bayesian', 'hamming', 'cosine')
    """
    return METRICS.get(last_step, "cosine")


def looks_like_chain(text: str) -> bool:
    """True where `text` is meant as a chain, rightly spelt or not, and not as a file."""
    return not Path(text).suffix and ("+" in text or text.partition(":")[0] in STEPS)
