"""Features with the scorer of their pairs: read, checked, described for the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.files.features import read_rows
from facerep.files.provenance import file_sha256
from facerep.files.rows import Codes, Features, Rows
from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.scorers.scorer import Scorer


def opened(features: Features | Codes | Path | str) -> Features | Codes:
    """Features or codes as they are, or from their file."""
    return read_rows(Path(features)) if isinstance(features, Path | str) else features


def metric_of(metric: str | None, features: Features | Codes, scorer: Scorer | Path | None) -> str:
    """The metric that was asked for; left out, that of the scorer file, else hamming for codes, cosine for vectors."""
    if metric is None and isinstance(scorer, Path):
        from facerep.scorers.scorer_file import metric_of_file

        return metric_of_file(scorer)
    return metric or ("hamming" if isinstance(features, Codes) else "cosine")


def scorer_of(metric: str, features: Features | Codes, scorer: Scorer | Path | None) -> tuple[Scorer, np.ndarray]:
    """The scorer, and what it takes of each face."""
    if scorer is not None and not isinstance(scorer, Path):
        return scorer, features.packed if isinstance(features, Codes) else features.values
    from facerep.scorers.select_scorer import scorer as pick

    return pick(metric, features, scorer)


def refuse_zeros(features: Rows, rows: np.ndarray | RowsOnDisk, used: np.ndarray) -> None:
    """Refuse all-zero vectors among the rows that are used, a mask: cosine is not defined for them."""
    none = rows.zeros() if isinstance(rows, RowsOnDisk) else ~rows.any(axis=1)
    zero = np.flatnonzero(used & none)
    if len(zero):
        raise no_direction(len(zero), features.names[zero[:3]], features.where)


def no_direction(count: int, first: Iterable[str], where: str | Path) -> BadInput:
    """What to raise for vectors of length 0, with the names of the first of them."""
    faces = "1 face has" if count == 1 else f"{count} faces have"
    what = f"{faces} an all-zero vector, which has no cosine ({', '.join(repr(str(name)) for name in first)})"
    return BadInput(what, where, "leave such faces out, or use --metric euclidean")


def describe_features(features: Features | Codes, rows: int | None = None) -> dict[str, Any]:
    """What the features are, as a result says it; `rows`: how many the file has, where these are some of them."""
    codes = isinstance(features, Codes)
    return {
        "file": features.path.name if features.path else "",
        "rows": len(features) if rows is None else rows,
        "dimension": features.bits if codes else features.dimension,
        "code": features.rule if codes else "",
        **asdict(features.contract),
    }


def describe_scorer(judge: Scorer, scorer: Scorer | Path | None) -> dict[str, str]:
    """What the scorer is, as a result says it."""
    file = scorer if isinstance(scorer, Path) else None
    return {"name": judge.name, "file": file.name if file else "", "sha256": file_sha256(file) if file else ""}
