"""People by hashes of their labels: what weights, scorers and thresholds keep of whom they were made from.

A hash is the first 8 bytes of the SHA-256 of a label's mark: what is left when case, accents, the order of the names
and the name of a known set are taken away. `pins_Adriana Lima`, `pins:adriana_lima` and `Lima, Adriana` have one mark.
A label of digits alone is its own, but CelebA's people have their number where the label says that it is CelebA's. The
same person under another name is not seen, and two people with one label ("s1" of two sets) are taken for one. It is
no secret: whoever guesses a label can check it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

KIND = np.dtype(">u8")
SETS = ("celeba", "cfp", "pins", "bolly")
"""How labels of known sets begin; a folder that is called so holds such people."""
_CELEBA = re.compile(r"celeba[^a-z0-9]*0*(\d+)")
_SET = re.compile(rf"^({'|'.join(SETS)})[^a-z0-9]+")


def person_hash(person: str) -> int:
    """The first 8 bytes of the SHA-256 of a label, as a whole number."""
    return int.from_bytes(hashlib.sha256(person.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def mark_of(person: str) -> str:
    """The mark of a label; "" where it has none, as digits alone and signs alone have none.

    >>> mark_of("pins_Adriana Lima"), mark_of("Lima, Adriana"), mark_of("celeba__0123"), mark_of("0123")
    ('adriana lima', 'adriana lima', 'celeba:123', '')
    """
    letters = unicodedata.normalize("NFKD", person.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if number := _CELEBA.fullmatch(plain):
        return f"celeba:{number[1]}"
    parts = re.findall(r"[^\W_]+", _SET.sub("", plain))
    return "" if all(map(str.isdigit, parts)) else " ".join(sorted(parts))


def label_hash(person: str) -> int:
    """The hash that is kept of a label: that of its mark, or of the label itself where it has none."""
    return person_hash(mark_of(person) or person)


def hashes(people: Iterable[str]) -> np.ndarray:
    """The hashes of some labels, uint64, rising, each once; "" is nobody."""
    return np.array(sorted({label_hash(person) for person in set(people) - {""}}), np.uint64)


def as_text(known: np.ndarray) -> str:
    """Hashes as text, base64 of 8 bytes each."""
    return base64.b64encode(known.astype(KIND).tobytes()).decode("ascii")


def from_text(text: str) -> np.ndarray:
    """Hashes from their text.

    Raises:
        ValueError: it is none.

    >>> from_text(as_text(hashes(["ana", "bo", ""]))).tolist() == hashes(["bo", "ana"]).tolist()
    True
    """
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"hashes of people are not base64 ({error})") from error
    if len(found) % KIND.itemsize:
        raise ValueError(f"hashes of people end in the middle of one ({len(found)} bytes)")
    return np.unique(np.frombuffer(found, KIND).astype(np.uint64))


def together(parts: Iterable[np.ndarray | None]) -> np.ndarray | None:
    """The people of several files; None where none of them tells."""
    known = [part for part in parts if part is not None]
    return np.unique(np.concatenate(known)) if known else None


@dataclass(frozen=True)
class Overlap:
    """How many of the people that are judged stand among others too, of how many, and their faces."""

    people: int
    of: int
    faces: int


def overlap(people: np.ndarray, known: np.ndarray | None) -> Overlap | None:
    """How many of the people of some faces are among those that are known by their hashes.

    Args:
        people: labels, one a face; "" is nobody.
        known: hashes, rising; None where they are unknown.

    Returns:
        None where either side is unknown.
    """
    labels, counts = np.unique(people[people != ""].astype(str), return_counts=True)
    if known is None or not len(labels):
        return None
    found = np.zeros(len(labels), bool)
    if len(known):
        asked = np.array([label_hash(str(label)) for label in labels], np.uint64)
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        found = known[place] == asked
    return Overlap(int(found.sum()), len(labels), int(counts[found].sum()))
