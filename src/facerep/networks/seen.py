"""Whom weights were trained on: marks of people's labels, hashed, so that a name in a card needs no list of names.

A mark is what is left of a label when case, accents, the order of the names and the name of a known set are taken
away: `pins_Adriana Lima`, `pins:adriana_lima` and `Lima, Adriana` have one. CelebA's people have their number, where
the label says that it is CelebA's. Other numbers have no mark. The same person under another name is not caught.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

SETS = ("celeba", "cfp", "pins", "bolly")
"""How labels of known sets begin; a folder that is called so holds such people."""

_CELEBA = re.compile(r"celeba[^a-z0-9]*0*(\d+)")
_SET = re.compile(rf"^({'|'.join(SETS)})[^a-z0-9]+")
_FOLDER = re.compile(rf"(^|[^a-z])({'|'.join(SETS)})")


def mark_of(person: str) -> str:
    """The mark of a label; "" where it has none.

    >>> mark_of("pins_Adriana Lima"), mark_of("Lima, Adriana"), mark_of("celeba__0123"), mark_of("0123")
    ('adriana lima', 'adriana lima', 'celeba:123', '')
    """
    letters = unicodedata.normalize("NFKD", person.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if number := _CELEBA.fullmatch(plain):
        return f"celeba:{number[1]}"
    parts = re.findall(r"[^\W_]+", _SET.sub("", plain))
    return "" if all(map(str.isdigit, parts)) else " ".join(sorted(parts))


def seen(people: Iterable[str]) -> list[str]:
    """What a card says of its training people: the hashes of their marks, sorted, each once."""
    return sorted({_hashed(mark) for mark in map(mark_of, people) if mark})


def recurring(card: dict[str, Any], people: Iterable[str]) -> list[str]:
    """Which of these people weights with this card were trained on, by their labels."""
    known = set(card.get("seen", ()))
    return sorted(person for person in set(people) if (mark := mark_of(person)) and _hashed(mark) in known)


def named_as_known_set(root: str) -> str:
    """The known set after which a folder or table is called; "" where there is none.

    >>> named_as_known_set("data/CelebA-HQ/"), named_as_known_set("photos")
    ('celeba', '')
    """
    found = [match[2] for part in re.split(r"[/\\]", root.casefold()) if (match := _FOLDER.search(part))]
    return found[-1] if found else ""


def _hashed(mark: str) -> str:
    return hashlib.sha256(f"facerep/seen/1 {mark}".encode()).hexdigest()[:12]
