"""A gallery drawn from labelled faces by a seed, where there is no list."""

from __future__ import annotations

import numpy as np

from facerep.errors import BadInput
from facerep.files.rows import Rows
from facerep.readers.lists.identification_lists import KNOWN, UNKNOWN, GalleryList


def split(features: Rows, each: int, share: float, seed: int) -> GalleryList:
    """Draw a gallery from labelled faces.

    Of the people, `share` are in no gallery and all their faces are unknown probes. Of everybody else, `each` faces
    are in the gallery and the others are known probes; who has no more faces than that is in the gallery only. The
    draw depends on names, people and seed, not on the order of rows.

    Args:
        features: the file.
        each: gallery faces a person.
        share: of the people, in [0, 1).
        seed: of the draw.

    Raises:
        BadInput: no labelled face, or nobody is left who could be found.
    """
    rows = np.flatnonzero(features.people != "")
    if not len(rows):
        raise BadInput("no face has a person", features.where, "make the file with people, or give --lists")
    names, people = features.names[rows].astype(str), features.people[rows].astype(str)
    order = np.lexsort((names, people))
    rows, people = rows[order], people[order]
    codes = np.unique(people, return_inverse=True)[1]
    count = int(codes[-1]) + 1
    rng = np.random.default_rng(seed)
    outside = np.zeros(count, bool)
    outside[rng.permutation(count)[: max(1, round(share * count)) if share else 0]] = True
    shuffled = np.lexsort((rng.random(len(codes)), codes))
    within = np.arange(len(codes)) - np.searchsorted(codes, codes)  # the place among the faces of a person
    gallery = np.zeros(len(codes), bool)
    gallery[shuffled] = within < each
    gallery &= ~outside[codes]
    if not (~gallery & ~outside[codes]).any():
        most = int(np.bincount(codes)[~outside].max(initial=0))
        what = f"no known probe: {each} gallery faces are asked for, nobody has more than {most}"
        raise BadInput(what, features.where, "give a smaller --gallery-per-person, or --lists")
    faces = "1 gallery face a person" if each == 1 else f"up to {each} gallery faces a person"
    unlabelled = len(features) - len(rows)
    left_out = f"; faces without a person, left out: {unlabelled}" if unlabelled else ""
    return GalleryList(
        name="split", note=f"split by seed {seed}: {faces}; {outside.sum()} of {count} people in no gallery{left_out}",
        gallery=features.names[rows[gallery]], gallery_people=features.people[rows[gallery]],
        probes=features.names[rows[~gallery]], probe_people=features.people[rows[~gallery]],
        known=np.where(outside[codes[~gallery]], UNKNOWN, KNOWN),
    )  # fmt: skip
