"""facerep: learn face representations and see what they know.

    >>> import facerep
    >>> faces = facerep.load("lfw/")                              # doctest: +SKIP
    >>> features = facerep.extract(faces)                         # doctest: +SKIP
    >>> result = facerep.verify(features, metric="cosine")        # doctest: +SKIP

The names below are the whole public interface; each is imported when it is first used.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Faces", "Features", "Result", "align", "compare", "extract", "group", "load", "verify"]

_HOMES = {
    "align": "facerep.studies.photographs.in_python",
    "compare": "facerep.studies.photographs.in_python",
    "group": "facerep.studies.grouping.in_python",
    "load": "facerep.readers.load",
    "extract": "facerep.extraction.in_memory",
    "verify": "facerep.studies.verification.verify",
    "Faces": "facerep.faces.table",
    "Features": "facerep.files.features",
    "Result": "facerep.studies.verification.result",
}

TYPE_CHECKING = False  # by this name type checkers know it; typing itself would be slow to import
if TYPE_CHECKING:
    from facerep.extraction.in_memory import extract
    from facerep.faces.table import Faces
    from facerep.files.rows import Features
    from facerep.readers.load import load
    from facerep.studies.grouping.in_python import group
    from facerep.studies.photographs.in_python import align, compare
    from facerep.studies.verification.result import Result
    from facerep.studies.verification.verify import verify


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'facerep' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
