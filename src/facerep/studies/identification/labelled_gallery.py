"""A gallery chosen by labels: one face of each person, such as the frontal one; all other chosen faces are probes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerep.console import counted, first_few
from facerep.errors import BadInput
from facerep.files.label_columns import matching
from facerep.files.rows import Rows
from facerep.readers.lists.identification_lists import KNOWN, GalleryList


def chosen(features: Rows, gallery: Sequence[str], probes: Sequence[str]) -> GalleryList:
    """The gallery and the probes for which conditions on label columns hold.

    Of everybody who has a probe, one face is in the gallery: the one for which all of `gallery` hold. All other faces
    for which all of `probes` hold are probes. Faces without a person are left out.

    Args:
        features: the file.
        gallery: `COLUMN=VALUE` or `COLUMN!=VALUE` each, at least one.
        probes: the same; none takes all faces.

    Raises:
        BadInput: no such column or no such face; somebody has no gallery face, or several; no probe is left.
    """
    known = features.people != ""
    if not known.any():
        raise BadInput("no face has a person", features.where, "make the file with people, or give --lists")
    inside = known & _all(features, gallery, "--gallery")
    outside = known & _all(features, probes, "--probes") & ~inside
    if not outside.any():
        raise BadInput(f"no probe: every face for which {_words(probes)} is in the gallery", features.where)
    people = features.people.astype(str)
    inside &= np.isin(people, people[outside])
    faces, counts = np.unique(people[inside], return_counts=True)
    if (counts > 1).any():
        several = f"{counted(int((counts > 1).sum()), 'person has', 'people have')} several gallery faces"
        what = f"{several}, such as {faces[counts.argmax()]}, who has {counts.max()} where {_words(gallery)}"
        raise BadInput(what, features.where, "name more columns, so that one face a person is left")
    lacking = np.setdiff1d(people[outside], faces)
    if len(lacking):
        what = f"{counted(len(lacking), 'person has', 'people have')} probes and no gallery face ({first_few(lacking)})"
        raise BadInput(what, features.where, f"give each a face where {_words(gallery)}, or leave them out by --probes")
    unlabelled = int((~known).sum())
    left_out = f"; faces without a person, left out: {unlabelled}" if unlabelled else ""
    return GalleryList(
        name=",".join(gallery),
        note=f"gallery: the face of each person where {_words(gallery)}; probes: all others where {_words(probes)}"
        + left_out,
        gallery=features.names[inside], gallery_people=features.people[inside],
        probes=features.names[outside], probe_people=features.people[outside],
        known=np.full(int(outside.sum()), KNOWN),
    )  # fmt: skip


def _all(features: Rows, conditions: Sequence[str], option: str) -> np.ndarray:
    """The rows for which all conditions hold.

    Raises:
        BadInput: there are none.
    """
    rows = np.ones(len(features), bool)
    for condition in conditions:
        rows &= matching(features.labels, condition, features.where, option=option)
    if not rows.any():
        raise BadInput(f"no face where {_words(conditions)}", features.where)
    return rows


def _words(conditions: Sequence[str]) -> str:
    return " and ".join(conditions) or "there is a person"
