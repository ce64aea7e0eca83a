"""What pairs share: people where all of them are known, else faces; nothing, where none of these recurs."""

from __future__ import annotations

import numpy as np

from facerep.metrics.clusters import Clusters, alone


def pair_clusters(left: np.ndarray, right: np.ndarray, people: np.ndarray, faces: np.ndarray | None = None) -> Clusters:
    """The clusters of pairs, for their intervals.

    Args:
        left, right: the faces of each pair, by number; shape (p,).
        people: of the faces, "" where unknown; shape (n,).
        faces: names of the faces, where several numbers may stand for one; shape (n,).
    """
    known = people != ""
    if known[left].all() and known[right].all():
        word, names = "people", people.astype(str)
    else:
        word, names = "faces", np.arange(len(people)) if faces is None else faces
    number = np.unique(names, return_inverse=True)[1].astype(np.int32)
    return alone(Clusters(number[left], number[right], word).take(np.ones(len(left), bool)))
