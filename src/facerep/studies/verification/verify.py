"""Verification: are two faces one person? Rates on pairs, with intervals.

No file is written and nothing is printed here. Source: docs/numbers.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from facerep.errors import TooFewPairs, Usage
from facerep.files.pairs import PairList
from facerep.files.provenance import software
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import MEMORY, open_stream
from facerep.metrics import eer_auc
from facerep.metrics.intervals import balanced
from facerep.metrics.operating_points import REFUSED, OperatingPoint, check_targets, impostors_needed, tar_at_far
from facerep.metrics.roc import Curve
from facerep.pairs.accuracy import RatesAtThreshold
from facerep.pairs.choice import ChosenPairs, choose
from facerep.pairs.groups import by_group, group_labels
from facerep.pairs.impostor_sets import impostor_sets, warn_of_sets
from facerep.pairs.inputs import describe_features, describe_scorer, metric_of, opened, refuse_zeros, scorer_of
from facerep.pairs.listed import ListedPairs
from facerep.pairs.people_overlap import describe_people, overlaps
from facerep.pairs.rows_on_disk import in_parts
from facerep.pairs.scored_pairs import ScoredPairs, scored_pairs
from facerep.pairs.threshold import ChosenThreshold, chosen_threshold
from facerep.ray_cluster import RayCluster
from facerep.results.figures import AtThreshold, EqualError, FoldMean, Rate, RateAtFar
from facerep.results.to_json import to_json
from facerep.scorers.scorer import Scorer
from facerep.studies.verification.result import Result

FARS = (0.1, 0.01, 0.001)


@dataclass(frozen=True)
class _Threshold:
    """The threshold that all pairs are judged by: who chose it, in words, and in full where another file did."""

    value: float
    chosen: str
    source: dict[str, Any] | None = None


def verify(
    features: Features | Codes | Path,
    pairs: PairList | Path | str | None = None,
    *,
    metric: str | None = None,
    scorer: Scorer | Path | None = None,
    far: Sequence[float] | None = None,
    threshold: float | None = None,
    threshold_from: Path | None = None,
    at_far: float | None = None,
    group: str | None = None,
    labels: Path | None = None,
    pooled: bool = False,
    sample: int | None = None,
    missing: Literal["stop", "count"] = "stop",
    setting: str = "not stated",
    device: str = "auto",
    machines: RayCluster | None = None,
    memory: int | None = None,
    seed: int = 0,
) -> Result:
    """Judge pairs of faces.

    Args:
        features: vectors or codes, or the file that holds them.
        pairs: a pair list or its file; "all" pairs of labelled faces; or the name of a list that the file
            holds. Left out: the file's own list ("view2" if there are several), else all pairs.
        metric: cosine, euclidean, joint-bayesian or hamming; left out, that of the scorer file, else cosine for
            vectors, hamming for codes.
        scorer: a scorer file, or an object with name, score(a, b) and matrix(a, b).
        far: target false accept rates, fractions in (0, 1]; one that cannot be resolved is "refused" in the
            result.
        threshold: judge by this one, chosen elsewhere, instead of the most accurate one or those of the
            folds.
        threshold_from: the same, taken from a result.json on other pairs.
        at_far: of that result, or of these pairs where there is none, the threshold at this false accept rate
            instead of the most accurate one.
        group: a label of the faces; their rates are given for each of its values, at that threshold.
        labels: table with this label, by face or by person, where the features do not hold it.
        pooled: take no notice of folds.
        sample: instead of a list, that many genuine and that many impostor pairs, drawn by `seed`.
        missing: names that the file lacks are an error ("stop"), or their pairs are counted in the result.
        setting: what the protocol calls that which was used, such as "unrestricted, labelled outside data".
        device: where the scores of all pairs are computed, see `networks.device`.
        machines: they count the distances of all pairs of codes; None is this one.
        memory: bytes that vectors of a file may take where all pairs are judged, left out `streams.MEMORY`; of more,
            parts are read, on a CPU.
        seed: of the sample and of the bootstrap.

    Raises:
        BadInput: no pairs of one kind, a score that is NaN, an all-zero vector under cosine, absent names.
        Mismatch: the threshold was chosen with another metric, scorer or network.
        TooFewPairs: every rate in `far` that was asked for is refused.
        Usage: choices that contradict each other.
    """
    check_targets(far, at_far)
    stream = open_stream(Path(features)) if isinstance(features, Path | str) else None
    features = opened(features) if stream is None else stream.head
    metric = metric_of(metric, features, scorer)
    given = _given(threshold, threshold_from, at_far)
    if isinstance(given, ChosenThreshold):
        code = features.rule if isinstance(features, Codes) else ""
        given.require(metric, features.contract, features.where, scorer if isinstance(scorer, Path) else None, code)
    everyone: Rows = features if stream is None else stream.bare()
    named = None if group is None else group_labels(everyone, group, labels)
    if labels is not None and group is None:
        raise Usage("--labels is read for one of its columns: name it with --group")
    rows_there, chosen, read = len(everyone), choose(everyone, pairs, sample, missing, seed), None
    if memory is not None and chosen.kind != "all":
        raise Usage("--memory is for all pairs: of a list or a sample the faces that stand in a pair are read")
    memory = MEMORY if memory is None else memory
    held: Rows = everyone
    parts = None
    if stream is not None and chosen.streamed:
        parts = in_parts(metric, stream, everyone, scorer, memory, device)
    if parts is not None:
        judge, rows = parts
    else:
        if stream is not None:
            read = np.flatnonzero(chosen.used(rows_there))
            held = features = stream.picked(everyone, read)
            chosen = chosen.among(read)
        judge, rows = scorer_of(metric, features, scorer)
    used = chosen.used(len(rows))
    if metric == "cosine":
        refuse_zeros(held, rows, used)
    elsewhere = given if isinstance(given, ChosenThreshold) else None
    makers, sets = overlaps(held, used, scorer, elsewhere), impostor_sets(held, chosen)
    mixed = warn_of_sets(sets, "here")
    if elsewhere is not None:
        mixed = [*warn_of_sets(elsewhere.impostor_sets, "behind the threshold"), *mixed]

    asked = FARS if far is None else tuple(far)
    with scored_pairs(held, chosen, judge, rows, device, seed, machines) as judged:
        curve = judged.curve(asked if at_far is None else (*asked, at_far))
        kept = [tar_at_far(curve, target) for target in asked]
        if far is not None and kept and all(point.flag == REFUSED for point in kept):
            _refuse_all(asked, curve, features.where)
        own = _settle(given, at_far, curve, features.where)
        thresholds = {own.value, *(point.threshold for point in kept if point.threshold is not None)}
        at, area = judged.measure(sorted(thresholds), curve)
        points = [_point(target, point, at, curve) for target, point in zip(asked, kept, strict=True)]
        crossing = eer_auc.equal_error(curve)
        bounds = judged.equal_error(crossing.value)
        groups = None if named is None else by_group(everyone, judged, curve, named, own.value, read)

    accuracy, scores = at[own.value].right, None
    if isinstance(judged, ListedPairs):
        accepted = judged.scores >= own.value
        if given is None and at_far is None and not pooled and chosen.folds > 1:
            accuracy, thresholds_of_folds = judged.accuracy()
            accepted = judged.scores >= thresholds_of_folds
        scores = judged.table(held, accepted)
    row = crossing.row
    errors = curve.genuine - int(curve.true_accepts[row]) + int(curve.false_accepts[row])
    folds = accuracy.folds if isinstance(accuracy, FoldMean) else 1
    return Result(
        metric=metric,
        features=describe_features(features, rows_there),
        scorer=describe_scorer(judge, scorer),
        protocol={
            "name": chosen.name,
            "pairs": chosen.kind,
            "folds": folds,
            "fold_rule": "each fold by the most accurate threshold of the others" if folds > 1 else "none",
            "setting": setting,
            "units": f"independent {judged.word}" if judged.word == "pairs" else judged.word,
        },
        genuine=curve.genuine,
        impostor=curve.impostor,
        missing=chosen.missing,
        recurring=chosen.recurring,
        impostor_sets=sets,
        accuracy=accuracy,
        balanced_accuracy=balanced(at[own.value].tar, at[own.value].far),
        eer=EqualError(
            Rate(crossing.value, bounds[0], bounds[1], errors, curve.genuine + curve.impostor, bounds[2]),
            float(curve.thresholds[row]), crossing.far, crossing.frr,
        ),
        auc=area,
        tar_at_far=tuple(points),
        threshold=AtThreshold(own.value, own.chosen, at[own.value].tar, at[own.value].far, own.source),
        groups=groups,
        overlap=makers,
        people=describe_people(held.people[used]),
        seeds={"pairs": seed, "bootstrap": seed},
        software=software(),
        warnings=(*mixed, *makers.warnings(), *chosen.warnings, *_warnings(accuracy, points, chosen)),
        curve=curve,
        scores=scores,
    )  # fmt: skip


def _given(
    threshold: float | None, threshold_from: Path | None, at_far: float | None
) -> float | ChosenThreshold | None:
    if threshold is not None and math.isnan(threshold):
        raise Usage("--threshold is not a number: nan")
    if threshold is not None and (threshold_from is not None or at_far is not None):
        raise Usage("a threshold is given or taken: --threshold excludes --threshold-from and --at-far")
    return threshold if threshold_from is None else chosen_threshold(threshold_from, at_far)


def _settle(given: float | ChosenThreshold | None, at_far: float | None, curve: Curve, where: str) -> _Threshold:
    if isinstance(given, ChosenThreshold):
        rule = given.rule.replace("on these pairs", "there")
        return _Threshold(given.threshold, f"taken from {given.source} ({given.pairs}): {rule}", to_json(given))
    if given is not None:
        return _Threshold(given, "given")
    if at_far is None:
        return _Threshold(eer_auc.best_threshold(curve), "most accurate on these pairs")
    point = tar_at_far(curve, at_far)
    if point.threshold is None:
        _refuse_all([at_far], curve, where)
    return _Threshold(point.threshold, f"FAR at most {at_far:g} on these pairs")


def _refuse_all(far: Sequence[float], curve: Curve, where: str) -> NoReturn:
    fewest = min(far, key=impostors_needed)
    short = f"too few impostor pairs for a false accept rate of {fewest:g}"
    raise TooFewPairs(f"{short}: {curve.impostor}, at least {impostors_needed(fewest)} are needed", where)


def points_of(judged: ScoredPairs, curve: Curve, far: Sequence[float]) -> list[RateAtFar]:
    """The operating points of some false accept rates alone."""
    kept = [tar_at_far(curve, target) for target in far]
    at = judged.rates(sorted({point.threshold for point in kept if point.threshold is not None}))
    return [_point(target, point, at, curve) for target, point in zip(far, kept, strict=True)]


def _point(far: float, point: OperatingPoint, at: dict[float, RatesAtThreshold], curve: Curve) -> RateAtFar:
    needed = impostors_needed(far)
    if point.threshold is None:
        return RateAtFar(far, None, None, None, point.flag, curve.impostor, needed)
    rates_there = at[point.threshold]
    return RateAtFar(far, point.threshold, rates_there.tar, rates_there.far, point.flag, curve.impostor, needed)


def _warnings(accuracy: Rate | FoldMean, points: Sequence[RateAtFar], chosen: ChosenPairs) -> list[str]:
    warnings = []
    for point in points:
        if point.flag:
            needs = point.needed if point.flag == "refused" else 10 * point.needed
            warnings.append(f"FAR {point.far:g} {point.flag}: {point.impostor} impostor pairs, {needs} are wanted")
    dropped = sum(chosen.missing.values())
    if dropped:
        right = accuracy.pooled if isinstance(accuracy, FoldMean) else accuracy
        worst = right.count / (right.of + dropped)
        warnings.append(f"with all {dropped} pairs that were not judged counted as wrong, accuracy is {worst:.4f}")
    return warnings
