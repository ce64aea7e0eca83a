"""Shown faces: which few of many a contact sheet has."""

from __future__ import annotations

import numpy as np

from facerep.studies.reconstruction.reconstruct import Drawn


def shown_faces(drawn: Drawn, count: int, seed: int) -> np.ndarray:
    """Rows of faces drawn by the seed, of as many different people as there are, those with a truth first.

    Args:
        drawn: the faces; one that is the truth itself comes last.
        count: how many, at most.
        seed: of the choice.
    """
    n = len(drawn.faces)
    mixed = np.random.default_rng(seed).permutation(n)
    itself = (drawn.truth == np.arange(n)[:, None]).any(axis=1)
    worth = (drawn.truth >= 0).any(axis=1).astype(int) - itself
    seen: dict[str, int] = {}
    turns = np.zeros(n, int)
    for row in mixed[np.argsort(-worth[mixed], kind="stable")]:
        person = str(drawn.faces.people[row] or drawn.faces.names[row])
        turns[row] = before = seen.get(person, 0)
        seen[person] = before + 1
    # the first face of everybody, then the second
    order = mixed[np.lexsort((turns[mixed], -worth[mixed]))]
    return order[:count]
