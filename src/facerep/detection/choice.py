"""Which of the faces of a photograph are taken."""

from __future__ import annotations

import numpy as np

from facerep.detection.found import Found
from facerep.errors import Usage

POLICIES = ("largest", "central", "all", "one")
"""largest: of the largest box; central: nearest to the middle; all: each, the largest first; one: the only one."""


class NotOne(Exception):
    """Raised where the only face of a photograph is asked for and there are several."""


def require_policy(policy: str) -> None:
    """Refuse a policy that there is not.

    Raises:
        Usage: with those there are.
    """
    if policy not in POLICIES:
        raise Usage(f"no policy {policy!r} for the faces of a photograph", hint=f"there are: {', '.join(POLICIES)}")


def chosen(found: Found, policy: str, height: int, width: int) -> np.ndarray:
    """Rows of the faces that a policy takes, in its order; none where there is no face.

    Args:
        found: the faces of a photograph.
        policy: one of POLICIES.
        height, width: of the photograph.

    Raises:
        NotOne: several, where one is wanted.
        Usage: no such policy.
    """
    require_policy(policy)
    if policy == "one" and len(found) > 1:
        raise NotOne(f"{len(found)} faces were found, one is wanted (--faces one)")
    middle = found.boxes[:, :2] + found.boxes[:, 2:] / 2
    if policy == "central":
        order = np.argsort(np.hypot(*(middle - [width / 2, height / 2]).T), kind="stable")
    else:
        order = np.argsort(-found.boxes[:, 2] * found.boxes[:, 3], kind="stable")
    return order if policy == "all" else order[:1]
