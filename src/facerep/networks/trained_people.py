"""Which people of a data set weights were trained on, by their labels, and folders called after a known set."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from facerep.files.people import SETS, from_text, label_hash

_FOLDER = re.compile(rf"(^|[^a-z])({'|'.join(SETS)})")


def people_trained_on(card: dict[str, Any], people: Iterable[str]) -> list[str]:
    """Which of these people weights with this card were trained on, by their labels."""
    known = set(from_text(card.get("trained_people", "")).tolist())
    return sorted(person for person in set(people) - {""} if label_hash(person) in known)


def named_as_known_set(root: str) -> str:
    """The known set after which a folder or table is called; "" where there is none.

    >>> named_as_known_set("data/CelebA-HQ/"), named_as_known_set("photos")
    ('celeba', '')
    """
    found = [match[2] for part in re.split(r"[/\\]", root.casefold()) if (match := _FOLDER.search(part))]
    return found[-1] if found else ""
