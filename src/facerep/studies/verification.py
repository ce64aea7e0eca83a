"""Verification: are two faces one person? Accuracy, error rates and thresholds on pairs, with intervals.

No file is written and nothing is printed here. Source: docs/numbers.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from facerep.errors import BadInput, TooFewPairs
from facerep.files.features import CODES, FEATURES, Codes, Features, kind_of, read_codes, read_features
from facerep.files.pairs import PairList
from facerep.metrics import intervals, rates
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.operating_points import impostors_needed, tar_at_far
from facerep.metrics.result import AtThreshold, EqualError, Fold, FoldMean, Rate, Result, Scores, TarAtFar
from facerep.metrics.roc import Curve, check, descending, sweep_sorted
from facerep.studies.chosen_pairs import Chosen, choose

FARS = (0.1, 0.01, 0.001)
BLOCK_BYTES = 16_000_000


class Scorer(Protocol):
    """What makes scores; larger is more alike."""

    name: str

    def score(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray: ...  # rows aligned, float64 (p,)
    def matrix(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray: ...  # float64 (na, nb)


@dataclass(frozen=True)
class _Trials:
    """The scored pairs and what they share; `inside` and `across` are the units of each kind of pair."""

    scores: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    curve: Curve
    of: intervals.Units
    inside: intervals.Units
    across: intervals.Units


def verify(
    features: Features | Codes | Path,
    pairs: PairList | Path | str | None = None,
    *,
    metric: str | None = None,
    scorer: Scorer | Path | None = None,
    far: Sequence[float] | None = None,
    threshold: float | None = None,
    pooled: bool = False,
    sample: int | None = None,
    missing: Literal["stop", "count"] = "stop",
    setting: str = "not stated",
    seed: int = 0,
) -> Result:
    """Judge pairs of faces.

    Args:
        features: vectors or codes, or the file that holds them.
        pairs: a pair list or its file; "all" pairs of labelled faces; or the name of a list that the file
            holds. Left out: the file's own list ("view2" if there are several), else all pairs.
        metric: cosine, euclidean, joint-bayesian or hamming; left out, cosine for vectors, hamming for codes.
        scorer: a scorer file, or an object with name, score(a, b) and matrix(a, b).
        far: target false accept rates, fractions in (0, 1]; one that cannot be resolved is "refused" in the
            result.
        threshold: judge by this one, chosen elsewhere, instead of the most accurate one or those of the
            folds.
        pooled: take no notice of folds.
        sample: instead of a list, that many genuine and that many impostor pairs, drawn by `seed`.
        missing: names that the file lacks are an error ("stop"), or their pairs are counted in the result.
        setting: what the protocol calls that which was used, such as "unrestricted, labelled outside data".
        seed: of the sample and of the bootstrap.

    Raises:
        BadInput: no pairs of one kind, a score that is NaN, an all-zero vector under cosine, absent names.
        TooFewPairs: every rate in `far` that was asked for is refused.
        Usage: choices that contradict each other.
    """
    held = _read(features) if isinstance(features, Path | str) else features
    metric = metric or ("hamming" if isinstance(held, Codes) else "cosine")
    chosen = choose(held, pairs, sample, missing, seed)
    judge, rows = _scorer(metric, held, scorer)
    if metric == "cosine":
        _refuse_zeros(held, rows, chosen)
    scores = _score(judge, rows, chosen)
    check(scores, chosen.same, lambda row: ", ".join(held.names[[chosen.left[row], chosen.right[row]]]))

    asked = FARS if far is None else tuple(far)
    order = descending(scores)
    of, curve = _units(held, chosen), sweep_sorted(scores[order], chosen.same[order])
    trials = _Trials(scores, chosen.same, chosen.fold, curve, of, of.take(chosen.same), of.take(~chosen.same))
    points = [_tar_at_far(trials, target) for target in asked]
    if far is not None and points and all(point.flag == "refused" for point in points):
        fewest = min(points, key=lambda point: point.needed)
        short = f"too few impostor pairs for a false accept rate of {fewest.far:g}"
        raise TooFewPairs(f"{short}: {curve.impostor}, at least {fewest.needed} are needed", held.where)

    accuracy, accepted = _accuracy(trials, threshold, pooled)
    own = rates.best_threshold(curve) if threshold is None else threshold
    crossing = rates.equal_error(curve)
    bounds = intervals.equal_error_interval(crossing.value, scores, chosen.same, of, seed=seed)
    row = crossing.row
    errors = curve.genuine - int(curve.true_accepts[row]) + int(curve.false_accepts[row])
    area, won = rates.auc(curve)
    return Result(
        metric=metric,
        features={"file": held.path.name if held.path else "", "rows": len(held), **asdict(held.contract)},
        scorer={"name": judge.name, "file": scorer.name if isinstance(scorer, Path) else ""},
        protocol={
            "name": chosen.name,
            "pairs": chosen.kind,
            "folds": accuracy.folds if isinstance(accuracy, FoldMean) else 1,
            "setting": setting,
            "units": of.word if of.recur else f"independent {of.word}",
        },
        genuine=curve.genuine,
        impostor=curve.impostor,
        missing=chosen.missing,
        accuracy=accuracy,
        eer=EqualError(
            Rate(crossing.value, bounds[0], bounds[1], errors, len(scores), bounds[2]),
            float(curve.thresholds[row]), crossing.far, crossing.frr,
        ),
        auc=intervals.auc_rate(curve, area, won, scores, chosen.same, of, order),
        tar_at_far=tuple(points),
        threshold=AtThreshold(
            own, "most accurate on these pairs" if threshold is None else "given", *_both_rates(trials, own)
        ),
        seeds={"pairs": seed, "bootstrap": seed},
        warnings=tuple(chosen.warnings + _warnings(accuracy, points, chosen)),
        curve=curve,
        scores=Scores(
            names=held.names, people=held.people, left=chosen.left, right=chosen.right,
            same=chosen.same, fold=chosen.fold, value=scores, accepted=accepted,
        ),
    )  # fmt: skip


def _read(path: Path | str) -> Features | Codes:
    kind = kind_of(Path(path))
    if kind not in (FEATURES, CODES):
        raise BadInput(f"format is {kind or 'not stated'}, a feature or code file is wanted", path)
    return read_codes(Path(path)) if kind == CODES else read_features(Path(path))


def _scorer(metric: str, held: Features | Codes, scorer: Scorer | Path | None) -> tuple[Scorer, np.ndarray]:
    if scorer is not None and not isinstance(scorer, Path):
        return scorer, held.packed if isinstance(held, Codes) else held.values
    from facerep.scorers.catalog import scorer as pick

    return pick(metric, held, scorer)


def _refuse_zeros(held: Features | Codes, rows: np.ndarray, chosen: Chosen) -> None:
    """A vector of length 0 has no direction: cosine is not defined."""
    used = np.zeros(len(rows), bool)
    used[chosen.left] = used[chosen.right] = True
    zero = np.flatnonzero(used & ~rows.any(axis=1))
    if len(zero):
        faces = "1 face has" if len(zero) == 1 else f"{len(zero)} faces have"
        first = ", ".join(repr(str(name)) for name in held.names[zero[:3]])
        what = f"{faces} an all-zero vector, which has no cosine ({first})"
        raise BadInput(what, held.where, "leave such faces out, or use --metric euclidean")


def _score(judge: Scorer, rows: np.ndarray, chosen: Chosen) -> np.ndarray:
    """Scores of the pairs, float64, shape (p,), in blocks of bounded memory.

    Lists go row by row through `score`, so that a pair's score does not depend on its neighbours; all pairs
    go through `matrix`, block by block, and agree within 1e-6.
    """
    scores = np.empty(len(chosen.left), np.float64)
    if chosen.rows is None:
        step = max(1, BLOCK_BYTES // (8 * rows.shape[1]))
        for start in range(0, len(scores), step):
            part = slice(start, start + step)
            scores[part] = judge.score(rows[chosen.left[part]], rows[chosen.right[part]])
        return scores
    labelled = rows[chosen.rows]
    n = len(labelled)
    step = max(1, BLOCK_BYTES // (8 * n))
    filled = 0
    for start in range(0, n - 1, step):
        block = judge.matrix(labelled[start : start + step], labelled[start + 1 :])
        for row in range(len(block)):  # one copy a face; the pairs of a face lie side by side
            piece = block[row, row:]
            scores[filled : filled + len(piece)] = piece
            filled += len(piece)
    return scores


def _units(held: Features | Codes, chosen: Chosen) -> intervals.Units:
    """What the pairs may share: people where all are known, else faces; each pair alone if nothing recurs."""
    touched = held.people[chosen.left] != ""
    touched &= held.people[chosen.right] != ""
    if touched.all():
        codes, word = np.unique(held.people.astype(str), return_inverse=True)[1], "people"
    else:
        codes, word = np.arange(len(held)), "faces"
    of = intervals.Units(codes[chosen.left], codes[chosen.right], word).take(np.ones(len(chosen.left), bool))
    if of.recur:
        return of
    alone = np.arange(len(chosen.left))
    return intervals.Units(alone, alone, "pairs")


def _accuracy(trials: _Trials, threshold: float | None, pooled: bool) -> tuple[Rate | FoldMean, np.ndarray]:
    """Accuracy, and which pairs were accepted when it was measured."""
    if threshold is None and not pooled and len(np.unique(trials.fold)) > 1:
        folds, accepted = judge_folds(trials.scores, trials.same, trials.fold)
        mean, error = mean_and_error([fold.count / fold.of for fold in folds])
        together = intervals.rate(accepted == trials.same, trials.of)
        return FoldMean(mean, error, len(folds), together, tuple[Fold, ...](folds)), accepted
    accepted = trials.scores >= (rates.best_threshold(trials.curve) if threshold is None else threshold)
    return intervals.rate(accepted == trials.same, trials.of), accepted


def _tar_at_far(trials: _Trials, far: float) -> TarAtFar:
    point, needed = tar_at_far(trials.curve, far), impostors_needed(far)
    if point.threshold is None:
        return TarAtFar(far, None, None, None, point.flag, trials.curve.impostor, needed)
    tar, obtained = _both_rates(trials, point.threshold)
    return TarAtFar(far, point.threshold, tar, obtained, point.flag, trials.curve.impostor, needed)


def _both_rates(trials: _Trials, threshold: float) -> tuple[Rate, Rate]:
    """True and false accept rate at a threshold, each with its interval."""
    accepted, same = trials.scores >= threshold, trials.same
    return intervals.rate(accepted[same], trials.inside), intervals.rate(accepted[~same], trials.across)


def _warnings(accuracy: Rate | FoldMean, points: Sequence[TarAtFar], chosen: Chosen) -> list[str]:
    said = []
    for point in points:
        if point.flag:
            needs = point.needed if point.flag == "refused" else 10 * point.needed
            said.append(f"FAR {point.far:g} {point.flag}: {point.impostor} impostor pairs, {needs} are wanted")
    dropped = sum(chosen.missing.values())
    if dropped:
        right = accuracy.pooled if isinstance(accuracy, FoldMean) else accuracy
        worst = right.count / (right.of + dropped)
        said.append(f"with all {dropped} pairs that were not judged counted as wrong, accuracy is {worst:.4f}")
    return said
