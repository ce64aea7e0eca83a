"""Verification over the trials of a BLUFR list: all pairs of each trial's test faces, TAR at FAR, mean minus deviation.

Source: Liao, Lei, Yi, Li, A benchmark study of large-scale unconstrained face recognition, IJCB 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from facerep.console import counted, first_few
from facerep.errors import BadInput, TooFewPairs
from facerep.files.provenance import software
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import MEMORY, open_stream
from facerep.metrics.folds import spread
from facerep.metrics.operating_points import REFUSED, check_targets
from facerep.pairs.all_pairs import PASSES, AllPairs
from facerep.pairs.inputs import describe_features, describe_scorer, metric_of, opened, refuse_zeros, scorer_of
from facerep.pairs.people_overlap import Overlaps, overlaps
from facerep.pairs.rows_on_disk import RowsOnDisk, in_parts
from facerep.progress import progress
from facerep.readers.lists.blufr import COLUMNS, Blufr, read_blufr
from facerep.results.figures import RateAtFar, Spread
from facerep.results.kinds import VERIFICATION_TRIALS
from facerep.scorers.scorer import Scorer
from facerep.studies.verification.verify import FARS, points_of


@dataclass(frozen=True)
class VerificationTrial:
    """One trial: its test faces and people, its pairs, and the operating points of all of them."""

    number: int
    faces: int
    people: int
    genuine: int
    impostor: int
    tar_at_far: tuple[RateAtFar, ...]


@dataclass(frozen=True)
class TarOverTrials:
    """The true accept rate at a false accept rate over the trials."""

    JSON: ClassVar = ("far", "*tar")

    far: float
    tar: Spread


@dataclass(frozen=True, kw_only=True)
class TrialsResult:
    """What verification over trials gives: `over` has no entry for a rate that a trial could not resolve."""

    KIND: ClassVar = VERIFICATION_TRIALS

    metric: str
    features: dict[str, Any]
    scorer: dict[str, Any]
    protocol: dict[str, Any]
    missing: int
    overlap: Overlaps
    trials: tuple[VerificationTrial, ...]
    over: tuple[TarOverTrials, ...]
    software: dict[str, str]
    warnings: tuple[str, ...]


def holds_trials(pairs: Path | str | None) -> bool:
    """True where `pairs` is the file of a BLUFR list and no pair list."""
    if pairs is None or not Path(pairs).is_file():
        return False
    with Path(pairs).open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline(1000).casefold()
    return all(column in header for column in COLUMNS)


def verify_trials(
    features: Features | Codes | Path,
    lists: Path,
    *,
    metric: str | None = None,
    scorer: Scorer | Path | None = None,
    far: Sequence[float] | None = None,
    missing: Literal["stop", "count"] = "stop",
    setting: str = "not stated",
    device: str = "auto",
    memory: int = MEMORY,
) -> TrialsResult:
    """Judge all pairs of the test faces of each trial.

    Args:
        features: vectors or codes, or the file that holds them.
        lists: a BLUFR list; its labels say who is who.
        metric, scorer, far, setting, device: as in `verification.verify`.
        memory: bytes that vectors of a file may take; of more, parts are read, on a CPU.
        missing: faces that the file lacks are an error ("stop"), or left out and counted.

    Raises:
        BadInput: absent faces, a trial with pairs of one kind, a score that is NaN.
        TooFewPairs: a trial cannot resolve any of the rates that were asked for.
    """
    check_targets(far)
    stream = open_stream(Path(features)) if isinstance(features, Path | str) else None
    head = opened(features) if stream is None else stream.head
    everyone: Rows = head if stream is None else stream.bare()
    metric = metric_of(metric, head, scorer)
    blufr = read_blufr(lists, list(everyone.names))
    rows, warnings = _rows_of(blufr, everyone, missing)
    parts = None if stream is None else in_parts(metric, stream, everyone, scorer, memory, device)
    judge, values = parts if parts is not None else scorer_of(metric, opened(features), scorer)
    if metric == "cosine":
        refuse_zeros(everyone, values, np.isin(np.arange(len(everyone)), rows))
    asked = FARS if far is None else tuple(far)
    tests = [_test_set(blufr, rows, trial) for trial in range(blufr.trials)]
    there_are = sum(len(faces) * (len(faces) - 1) // 2 for faces, _ in tests)
    trials = []
    with progress("judge trials", PASSES * there_are, "pairs") as advance:
        for number, (faces, person) in enumerate(tests, 1):
            mine = values.select(faces) if isinstance(values, RowsOnDisk) else values[faces]
            judged = AllPairs(judge, mine, person, faces, everyone.names, device=device, advance=advance)
            curve = judged.curve(asked)
            points = tuple(points_of(judged, curve, asked))
            if far is not None and all(point.flag == REFUSED for point in points):
                raise TooFewPairs(f"trial {number} resolves none of the rates: {curve.impostor} impostor pairs", lists)
            people = len(judged.people.faces)
            trials.append(VerificationTrial(number, len(faces), people, curve.genuine, curve.impostor, points))
    makers = overlaps(everyone, np.unique(np.concatenate([faces for faces, _ in tests])), scorer)
    return TrialsResult(
        metric=metric,
        features=describe_features(head, len(everyone)),
        scorer=describe_scorer(judge, scorer),
        protocol={
            "name": blufr.name,
            "pairs": "all pairs of each trial's gallery and probes",
            "trials": blufr.trials,
            "setting": setting,
            "deviation": "of the trials, from n - 1",
        },
        missing=int(np.sum(rows < 0)),
        overlap=makers,
        trials=tuple(trials),
        over=tuple(_over(trials, place) for place in range(len(asked)) if _resolved(trials, place)),
        software=software(),
        warnings=(*makers.warnings(), *warnings),
    )


def _rows_of(blufr: Blufr, features: Rows, missing: str) -> tuple[np.ndarray, list[str]]:
    """The row of each face of the list, -1 where the file lacks it."""
    index = features.index()
    rows = np.array([index.get(name, -1) for name in blufr.names], np.int64)
    if (rows >= 0).all():
        return rows, []
    absent = blufr.names[rows < 0]
    what = f"{counted(len(absent), 'face')} of {blufr.name!r} not in the file ({first_few(absent)})"
    if missing == "stop":
        raise BadInput(what, features.where, "extract them, or judge the other faces with --missing count")
    return rows, [what]


def _test_set(blufr: Blufr, rows: np.ndarray, trial: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows in the file of a trial's test faces, in the order of their people, and the people from 0."""
    mine = blufr.rows(trial)
    mine = mine[rows[mine] >= 0]
    person = np.unique(blufr.people[mine].astype(str), return_inverse=True)[1]
    order = np.argsort(person, kind="stable")
    if not len(mine) or len(np.unique(person)) in (1, len(person)):
        raise BadInput(f"trial {trial + 1} of {blufr.name!r} has pairs of one kind only")
    return rows[mine][order], person[order]


def _resolved(trials: Sequence[VerificationTrial], place: int) -> bool:
    return all(trial.tar_at_far[place].rate is not None for trial in trials)


def _over(trials: Sequence[VerificationTrial], place: int) -> TarOverTrials:
    points = [trial.tar_at_far[place] for trial in trials]
    return TarOverTrials(points[0].far, spread([point.rate for point in points if point.rate]))
