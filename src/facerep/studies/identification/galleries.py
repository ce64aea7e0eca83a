"""The rows of a file that are a list's gallery or its probes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.console import counted, first_few
from facerep.errors import BadInput
from facerep.files.rows import Rows
from facerep.metrics.clusters import Clusters, clusters
from facerep.metrics.ranks import NOBODY
from facerep.readers.lists.identification_lists import KNOWN, UNKNOWN, UNSTATED, GalleryList


@dataclass(frozen=True, kw_only=True)
class GalleryRows:
    """One gallery with its probes, as rows of the file.

    Attributes:
        wanted: the list.
        people: the people of the gallery, as the file calls them where it does; shape (people,).
        gallery: rows of the gallery faces, person by person.
        starts: the place in `gallery` where each person begins.
        probes: rows, shape (p,).
        person: the place in `people` of each probe's person, NOBODY for an unknown probe.
        labels: each probe's person as the list calls it, else as the file does, else ""; str, shape (p,).
        missing: gallery faces, known and unknown probes that could not be judged.
        warnings: what the user should look at.
    """

    wanted: GalleryList
    people: np.ndarray
    gallery: np.ndarray
    starts: np.ndarray
    probes: np.ndarray
    person: np.ndarray
    labels: np.ndarray
    missing: dict[str, int]
    warnings: tuple[str, ...]

    def clusters(self, known: bool) -> Clusters:
        """The people of the known or of the unknown probes; each probe alone where people are unknown."""
        labels = self.labels[(self.person != NOBODY) == known]
        if (labels == "").any():
            labels = np.arange(len(labels))
            return clusters(labels, labels, "probes")
        return clusters(labels, labels, "people")


def gallery_rows(features: Rows, wanted: GalleryList, missing: str) -> GalleryRows:
    """The rows of a list.

    Args:
        features: the file.
        wanted: the list; where it does not say who a face is, the file does.
        missing: "stop" or "count": what is done about faces that the file lacks.

    Raises:
        BadInput: absent faces; an empty gallery; a gallery face, or a probe of which the list says nothing, without a
            person; a face that is gallery and probe; a probe that contradicts what the list says of it; no known
            probe.
    """
    index = features.index()
    gallery = np.array([index.get(name, -1) for name in wanted.gallery], np.int64)
    probes = np.array([index.get(name, -1) for name in wanted.probes], np.int64)
    warnings = _absent(features, wanted, gallery, probes, missing)
    here, there = gallery >= 0, probes >= 0
    faces = _people(features, gallery, wanted.gallery_people)
    labels = _people(features, probes, wanted.probe_people)
    _usable(features, wanted, gallery, probes, faces)

    order = np.argsort(faces[here], kind="stable")
    gallery, in_order = gallery[here][order], faces[here][order]
    people, starts = np.unique(in_order, return_index=True)
    person = np.minimum(np.searchsorted(people, labels), len(people) - 1)
    person[people[person] != labels] = NOBODY
    lost = _unfindable(features, wanted, faces[~here], labels, person)
    _agree(features, wanted, there & ~lost, labels, person)
    # an absent probe of whom nothing is said counts as known: as one more that was not found
    known = np.where(wanted.known == UNSTATED, (person != NOBODY) | lost | (labels == ""), wanted.known == KNOWN)
    judged = there & ~lost
    if not np.any(judged & known):
        raise BadInput(f"no known probe in {wanted.title}: none is of somebody in the gallery", features.where)
    gone = {"known": int(np.sum(~judged & known)), "unknown": int(np.sum(~judged & ~known))}
    probes, labels = probes[judged], labels[judged]
    return GalleryRows(
        wanted=wanted, people=shown(features, gallery[starts], people), gallery=gallery, starts=starts,
        probes=probes, person=person[judged], labels=labels, missing={"gallery": int(np.sum(~here)), **gone},
        warnings=(*warnings, *_against(features, wanted, np.append(gallery, probes), np.append(in_order, labels))),
    )  # fmt: skip


def _absent(features: Rows, wanted: GalleryList, gallery: np.ndarray, probes: np.ndarray, missing: str) -> list[str]:
    absent = [*wanted.gallery[gallery < 0], *wanted.probes[probes < 0]]
    if not absent:
        return []
    what = f"{counted(len(absent), 'face')} of {wanted.title} not in the file ({first_few(absent)})"
    if missing == "stop":
        raise BadInput(what, features.where, "extract them, or judge the others with --missing count")
    return [f"{what}; they are not judged"]


def _people(features: Rows, rows: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """Who each face is: as the list says, else as the file does, else ""; str, shape (n,)."""
    return np.where(stated != "", stated, np.where(rows >= 0, features.people[rows], "")).astype(str)


def shown(features: Rows, rows: np.ndarray, people: np.ndarray) -> np.ndarray:
    """What people are called: as the file does, else as the list."""
    return np.where(features.people[rows] != "", features.people[rows], people.astype(object))


def _usable(features: Rows, wanted: GalleryList, gallery: np.ndarray, probes: np.ndarray, faces: np.ndarray) -> None:
    here = gallery >= 0
    if not here.any():
        raise BadInput(f"gallery of {wanted.title} is empty", features.where)
    nameless = wanted.gallery[here & (faces == "")]
    if len(nameless):
        some = f"{counted(len(nameless), 'face')} in the gallery of {wanted.title}"
        what = f"{some} without a person ({first_few(nameless)})"
        raise BadInput(what, features.where, "give the list a column person")
    both = features.names[np.intersect1d(gallery[here], probes)]
    if len(both):
        what = f"{counted(len(both), 'face')} of {wanted.title} both in the gallery and probe ({first_few(both)})"
        raise BadInput(what, features.where)


def _unfindable(
    features: Rows, wanted: GalleryList, gone: np.ndarray, labels: np.ndarray, person: np.ndarray
) -> np.ndarray:
    """Known probes of whose person no gallery face is left; shape (p,)."""
    nobody = person == NOBODY
    if (gone == "").any() and np.any(nobody & (wanted.known == UNSTATED)):
        what = f"gallery faces of {wanted.title} are not in the file, so whether a probe is known cannot be told"
        raise BadInput(what, features.where, "give the list a column person, or extract the faces")
    of_gone = np.isin(labels, gone[gone != ""])
    return nobody & (of_gone | ((wanted.known == KNOWN) & (len(gone) > 0)))


def _agree(features: Rows, wanted: GalleryList, judged: np.ndarray, labels: np.ndarray, person: np.ndarray) -> None:
    """Refuse probes of which the list says one thing and their person another."""
    stated, in_gallery = wanted.known, person != NOBODY
    for wrong, what in (
        ((stated == UNSTATED) & (labels == ""), "without a person, so whether they are known cannot be told"),
        ((stated == KNOWN) & ~in_gallery, "listed as genuine, but their person is not in the gallery"),
        ((stated == UNKNOWN) & in_gallery, "listed as impostor, but their person is in the gallery"),
    ):
        faces = wanted.probes[judged & wrong]
        if len(faces):
            raise BadInput(
                f"{counted(len(faces), 'probe')} of {wanted.title} {what} ({first_few(faces)})", features.where
            )


def _against(features: Rows, wanted: GalleryList, rows: np.ndarray, stated: np.ndarray) -> list[str]:
    """A warning where the people of the list are not those of the file."""
    file = features.people[rows].astype(str)
    both = (file != "") & (stated != "")
    pairs = np.unique(np.stack([stated[both], file[both]]), axis=1)
    extra = sum(pairs.shape[1] - len(np.unique(side)) for side in pairs)
    if not extra:
        return []
    people, contradict = counted(extra, "person", "people"), "contradicts" if extra == 1 else "contradict"
    return [f"{people} of {wanted.title} {contradict} those of the file; the list was followed"]
