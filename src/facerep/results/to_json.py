"""The one way from a result to JSON.

A dataclass becomes an object: its fields in order, or those that its class variable `JSON` names. Each entry of `JSON`
is one of

    "name"          the attribute of this name
    "key=path"      an attribute, or an attribute of one ("network=contract.network"), under another name
    "group.key=path"  the same, inside an inner object
    "*path"         all entries of that object

A class variable `KIND` puts format and version first. JSON has no infinity: "inf" and "-inf" stand for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np


def to_json(value: Any) -> Any:
    """A value of a result as JSON holds it.

    >>> to_json({"threshold": math.inf, "rows": (1, 2)})
    {'threshold': 'inf', 'rows': [1, 2]}
    """
    if is_dataclass(value):
        return _object(value)
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return to_json(value.tolist())
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return str(value) if isinstance(value, Path) else value


def _object(value: Any) -> dict[str, Any]:
    kind = getattr(type(value), "KIND", None)
    entries: dict[str, Any] = {} if kind is None else dict(kind.head)
    for entry in getattr(type(value), "JSON", None) or [item.name for item in fields(value)]:
        if entry.startswith("*"):
            entries |= to_json(attrgetter(entry[1:])(value))
            continue
        key, _, path = entry.partition("=")
        *groups, key = key.split(".")
        inner = entries
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[key] = to_json(attrgetter(path or key)(value))
    return entries
