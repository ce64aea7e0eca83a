"""Pairs within sets: faces of one source are compared with each other, and with no others.

A table's column `set` says where its faces come from; strangers of two sources differ in framing and light already, so
pairs across sets make a false accept rate look lower than it is.
"""

from __future__ import annotations

from facerep.errors import BadInput
from facerep.files.rows import Codes, Features
from facerep.metrics.pair_draws import count_pairs
from facerep.pairs.choice import choose
from facerep.pairs.inputs import scorer_of
from facerep.pairs.listed import ListedPairs, listed_pairs

SET = "set"
"""The label that names the source of a face."""


def pairs_within(features: Features | Codes, metric: str, *, label: str = SET, seed: int = 0) -> dict[str, ListedPairs]:
    """All pairs of each set's faces, scored; sets without pairs of both kinds are left out.

    Raises:
        BadInput: no such label, or no set with pairs of both kinds.
    """
    if label not in features.labels:
        raise BadInput(f"no label {label!r} that says which set a face is of", features.where)
    sets, within = features.labels[label].astype(str), {}
    for name in sorted(set(sets) - {""}):
        some = features.take(sets == name)
        if min(count_pairs(some.people)) > 0:
            scorer, rows = scorer_of(metric, some, None)
            within[name] = listed_pairs(some, choose(some, "all", None, "stop", seed), scorer, rows, seed)
    if not within:
        raise BadInput(f"no set of label {label!r} has genuine and impostor pairs", features.where)
    return within
