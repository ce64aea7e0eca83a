"""Sizes as people type them: 200MB, 1.5 GB."""

from __future__ import annotations

import re

from facerep.errors import Usage

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


def bytes_of(text: str) -> int:
    """Bytes of a size as it is typed.

    Raises:
        Usage: it is none, or nothing.

    >>> bytes_of("1GB"), bytes_of("2.5 mb"), bytes_of("512")
    (1000000000, 2500000, 512)
    """
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)", text.strip().casefold())
    if found is None or found[2] not in _UNITS or not (count := int(float(found[1]) * _UNITS[found[2]])):
        raise Usage(f"no size {text!r}", hint="give a number of bytes, or such as 200MB or 1GB")
    return count
