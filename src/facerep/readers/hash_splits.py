"""Splits: which people train, validate and test, fixed by a hash of the person alone.

A person is on the same side on every machine, in every table, whatever else is in the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from facerep.files.people import person_hash

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def share(person: str) -> float:
    """A number in [0, 1) that depends on the person's label only: the first 8 bytes of its SHA-256."""
    return person_hash(person) / 2**64


def by_share(person: str) -> str:
    """The side of a person, 60 / 20 / 20: train below 0.6 of `share`, validation below 0.8, else test."""
    position = share(person)
    return TRAIN if position < 0.6 else VALIDATION if position < 0.8 else TEST


def by_count(people: Iterable[str], train: int, validation: int) -> dict[str, str]:
    """The sides of a known set of people: smallest `share` first, they train, then validate, then test."""
    ordered = sorted(set(people), key=share)
    sides = [TRAIN] * train + [VALIDATION] * validation
    return {person: sides[i] if i < len(sides) else TEST for i, person in enumerate(ordered)}


def settle(people: Sequence[str], given: Sequence[str] | None = None) -> np.ndarray:
    """The `split` column of faces, with CelebA's people on the side that they have everywhere.

    `dev` and `val` are validation. Whoever is labelled `celeba:NUMBER` and is given to train, or to no side,
    goes where `by_share` says: the people whose attributes are tested are seen by no recognition network.
    Who is held out already stays held out.

    Args:
        people: labels, one a face.
        given: the column as the table has it, one a face; None where it has none: then `by_share` decides
            for all.

    Returns:
        Object array of str: train, validation, test, or whatever else `given` has; "" for an unknown person
        without a side.
    """
    sides = np.empty(len(people), dtype=object)
    for row, person in enumerate(people):
        side = given[row] if given is not None else ""
        if side in ("dev", "val"):
            side = VALIDATION
        if person and (given is None or (person.startswith("celeba:") and side in (TRAIN, ""))):
            side = by_share(person)
        sides[row] = side
    return sides
