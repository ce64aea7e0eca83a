"""Identification: who of a gallery is this face, if anybody? Ranks in the closed set, rates in the open set.

No file is written and nothing is printed here. Source: docs/numbers.md, rule 10 (ranks and the open set).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from facerep.errors import BadInput, TooFewPairs, Usage
from facerep.files.label_columns import in_order, text_column
from facerep.files.provenance import software
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import MEMORY, open_stream
from facerep.metrics import intervals, ranks
from facerep.metrics.clusters import Clusters
from facerep.metrics.operating_points import FEW, REFUSED, check_targets, impostors_needed, tar_at_far
from facerep.metrics.ranks import NOBODY, Ranks
from facerep.metrics.roc import Curve
from facerep.pairs.inputs import describe_features, describe_scorer, metric_of, opened, scorer_of
from facerep.pairs.people_overlap import overlaps
from facerep.pairs.rows_on_disk import RowsOnDisk, rows_on_disk
from facerep.progress import progress
from facerep.readers.lists.identification_lists import GalleryList, read_lists
from facerep.results.figures import DirAtFar
from facerep.scorers.scorer import Scorer
from facerep.studies.identification.galleries import GalleryRows, gallery_rows, shown
from facerep.studies.identification.gallery_split import split
from facerep.studies.identification.labelled_gallery import chosen as labelled
from facerep.studies.identification.probe_scores import probe_scores
from facerep.studies.identification.result import (
    ByLabel,
    GalleryResult,
    Identification,
    ListResult,
    ProbeRanks,
    RateAtRank,
    RateAtValue,
)
from facerep.studies.identification.templates import Templates, make_templates, template_rule

FARS = (0.1, 0.01, 0.001)
RANKS = (1, 5, 10)
EACH, SHARE = 1, 0.2
"""The split where there are no lists: gallery faces a person, share of people in no gallery."""
FEW_UNKNOWN = "few unknown probes"


def identify(
    features: Features | Codes | Path,
    lists: Sequence[Path | GalleryList] = (),
    *,
    gallery: Sequence[str] | None = None,
    probes: Sequence[str] | None = None,
    by: str | None = None,
    only: str | None = None,
    trial: int | None = None,
    metric: str | None = None,
    scorer: Scorer | Path | None = None,
    template: Literal["mean", "max"] | None = None,
    far: Sequence[float] | None = None,
    gallery_per_person: int | None = None,
    unknown: float | None = None,
    missing: Literal["stop", "count"] = "stop",
    memory: int = MEMORY,
    seed: int = 0,
) -> Identification:
    """Look probes up in a gallery.

    Args:
        features: vectors or codes, or the file that holds them.
        lists: files of gallery and probe lists, or the lists; none: a split of the labelled faces by `seed`.
        gallery, probes: conditions on label columns instead of lists, see `labelled_gallery.chosen`.
        by: the label column whose values of the probes rank 1 is also given for.
        only: the name of the one list that is judged.
        trial: the number of the one trial that is judged, from 1.
        metric: cosine, euclidean, joint-bayesian or hamming; left out, that of the scorer file, else cosine for
            vectors, hamming for codes.
        scorer: a scorer file, or an object with name, score(a, b) and matrix(a, b).
        template: how several gallery faces of a person become one; left out, max for hamming, else mean.
        far: target false alarm rates, fractions in (0, 1]; one that cannot be resolved is "refused" in the result.
        gallery_per_person, unknown: of the split: gallery faces a person (1); the share of people in no gallery (0.2).
        missing: names that the file lacks are an error ("stop"), or counted in the result.
        memory: bytes that probes of a file may take which are read together; the gallery is held beside them.
        seed: of the split.

    Raises:
        BadInput: see `read_lists`, `chosen` and `gallery_rows`; a score that is NaN; `far` without unknown probes; no
            column `by`.
        TooFewPairs: every rate in `far` that was asked for is refused.
        Usage: choices that contradict each other.
    """
    check_targets(far)
    drawn = gallery_per_person is not None or unknown is not None
    if lists and drawn:
        raise Usage("--gallery-per-person and --unknown make a split, --lists names one: give the one or the other")
    if gallery is not None and (lists or drawn):
        raise Usage("--gallery chooses the gallery by labels: give it without lists and without what makes a split")
    if not gallery and (gallery is not None or probes is not None):
        raise Usage("--gallery names no face", hint="such as --gallery view=0")
    if unknown is not None and not 0 <= unknown < 1:
        raise Usage(f"--unknown is a share of the people, at least 0 and below 1, got {unknown:g}")
    stream = open_stream(Path(features)) if isinstance(features, Path | str) else None
    head = opened(features) if stream is None else stream.head
    everyone: Rows = head if stream is None else stream.bare()
    metric = metric_of(metric, head, scorer)
    rule = template_rule(head, metric, template)
    labels = None if by is None else text_column(everyone.labels, by, everyone.where)
    wanted = [one for each in lists for one in _lists(each, everyone)]
    if gallery:
        wanted = [labelled(everyone, gallery, probes or ())]
    if not wanted:
        wanted = [split(everyone, gallery_per_person or EACH, SHARE if unknown is None else unknown, seed)]
    wanted = _picked(_apart(wanted), only, trial)
    chosen = [gallery_rows(everyone, each, missing) for each in wanted]
    if stream is None:
        judge, rows = scorer_of(metric, head, scorer)
    else:
        rows = rows_on_disk(metric, stream, everyone, scorer, memory)
        judge = rows.judge
    asked = FARS if far is None else tuple(far)
    trials = []
    for each in chosen:
        made = make_templates(head, rows, each.gallery, each.starts, metric, scorer, rule)
        ranked = _look_up(everyone, judge, each, made, rows)
        split_up = None if by is None or labels is None else _by(by, labels[each.probes], each, ranked)
        trials.append(_trial(everyone, each, made, ranked, asked, split_up))
    if far is not None:
        _refuse(trials, everyone.where)
    first = {one.name: one for one in reversed(wanted)}
    judged = tuple(
        ListResult(name, first[name].file, first[name].note, tuple(group))
        for name, group in groupby(trials, key=lambda one: one.name)
    )
    used = np.unique(np.concatenate([rows for each in chosen for rows in (each.gallery, each.probes)]))
    makers = overlaps(everyone, used, scorer)
    return Identification(
        metric=metric,
        features=describe_features(head, len(everyone)),
        scorer=describe_scorer(judge, scorer),
        overlap=makers,
        lists=judged,
        seed=seed,
        software=software(),
        warnings=(
            *makers.warnings(),
            *(warning for each in chosen for warning in each.warnings),
            *(warning for one in judged for warning in _warnings(one)),
        ),
    )


def _lists(given: Path | GalleryList, features: Rows) -> list[GalleryList]:
    return [given] if isinstance(given, GalleryList) else read_lists(Path(given), list(features.names))


def _apart(wanted: list[GalleryList]) -> list[GalleryList]:
    """Refuse two lists of one name: the result could not tell them apart."""
    files: dict[str, str] = {}
    seen: set[tuple[str, int]] = set()
    for each in wanted:
        other = files.setdefault(each.name, each.file)
        if other != each.file or (each.name, each.trial) in seen:
            raise Usage(f"two lists are called {each.title}, in {other} and {each.file}", hint="judge them one by one")
        seen.add((each.name, each.trial))
    return wanted


def _picked(wanted: list[GalleryList], only: str | None, trial: int | None) -> list[GalleryList]:
    if only is not None:
        names = list(dict.fromkeys(each.name for each in wanted))
        if only not in names:
            raise Usage(f"no list {only!r}", hint=f"there are: {', '.join(names)}")
        wanted = [each for each in wanted if each.name == only]
    if trial is not None:
        numbers = sorted({each.trial for each in wanted})
        wanted = [each for each in wanted if each.trial == trial]
        if not wanted:
            there = f"trials {numbers[-1]}" if numbers[-1] else "one trial only"
            raise Usage(f"no trial {trial}", hint=f"the lists have {there}")
    return wanted


def _look_up(
    features: Rows, judge: Scorer, chosen: GalleryRows, made: Templates, rows: np.ndarray | RowsOnDisk
) -> Ranks:
    """The rank of every probe, from blocks of scores.

    Raises:
        BadInput: a score is NaN; probe and person are named.
    """
    parts = []
    with progress(f"look up {chosen.wanted.name}", len(chosen.probes), "probes") as done:
        for part, block in probe_scores(judge, made, rows, chosen.probes, chosen.person):
            if (bad := np.isnan(block)).any():
                row, column = np.argwhere(bad)[0]
                pair = f"{features.names[chosen.probes[part][row]]}, gallery person {chosen.people[column]}"
                raise BadInput(f"{np.count_nonzero(bad)} scores are NaN, the first", pair)
            parts.append(ranks.ranks(block, chosen.person[part]))
            done(len(block))
    return Ranks(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("rank", "first", "top", "own")))


def _trial(
    features: Rows, chosen: GalleryRows, made: Templates, ranked: Ranks, asked: Sequence[float], by: ByLabel | None
) -> GalleryResult:
    known = chosen.person != NOBODY
    of_known = chosen.clusters(known=True)
    rank, people = ranked.rank[known], len(chosen.people)
    # a known probe is called as its person in the gallery is: then `first` and `person` can be compared
    who = np.where(known, chosen.people[chosen.person], shown(features, chosen.probes, chosen.labels))
    curve, points = None, []
    if not known.all():
        curve = ranks.open_set(rank, ranked.own[known], ranked.top[~known])
        points = [_dir(curve, far, ranked, known, of_known, chosen.clusters(known=False)) for far in asked]
    return GalleryResult(
        name=chosen.wanted.name, trial=chosen.wanted.trial,
        gallery_faces=len(chosen.gallery), gallery_people=people, template=made.rule,
        known=int(known.sum()), unknown=int(np.sum(~known)), missing=chosen.missing,
        ranks=tuple(RateAtRank(k, intervals.rate(rank <= k, of_known)) for k in RANKS if k <= people),
        open_set=tuple(points), by=by, cmc=ranks.cmc(rank, people), curve=curve,
        probes=ProbeRanks(
            names=features.names[chosen.probes], people=who, known=known, ranks=ranked, gallery=chosen.people
        ),
    )  # fmt: skip


def _by(column: str, labels: np.ndarray, chosen: GalleryRows, ranked: Ranks) -> ByLabel:
    """Rank 1 of the known probes by their labels, shape (p,)."""
    known = chosen.person != NOBODY
    labels, hits, of = labels[known], ranked.rank[known] == 1, chosen.clusters(known=True)
    values = []
    for value in in_order(labels):
        rows = np.flatnonzero(labels == value)
        values.append(RateAtValue(value, intervals.rate(hits[rows], of.take(rows))))
    return ByLabel(column, tuple(values))


def _dir(
    curve: Curve, far: float, ranked: Ranks, known: np.ndarray, of_known: Clusters, of_unknown: Clusters
) -> DirAtFar:
    point, needed = tar_at_far(curve, far), impostors_needed(far)
    if point.threshold is None:
        return DirAtFar(far, None, None, None, point.flag, curve.impostor, needed)
    hits = (ranked.rank == 1) & (ranked.own >= point.threshold)
    alarms = ranked.top >= point.threshold
    return DirAtFar(
        far, point.threshold, intervals.rate(hits[known], of_known), intervals.rate(alarms[~known], of_unknown),
        FEW_UNKNOWN if point.flag == FEW else point.flag, curve.impostor, needed,
    )  # fmt: skip


def _refuse(trials: list[GalleryResult], where: str) -> None:
    """Refuse false alarm rates that were asked for and that no list can show."""
    points = [point for trial in trials for point in trial.open_set]
    if not points:
        raise BadInput("no unknown probes, so no false alarm rate", where, "leave --far out, or give an open-set list")
    if all(point.flag == REFUSED for point in points):
        fewest = min(points, key=lambda point: point.needed)
        name = trials[0].name if len({trial.name for trial in trials}) == 1 else "the lists"
        raise TooFewPairs(f"false alarm rate of {fewest.far:g} refused: {_why(fewest, name)}", where)


def _why(point: DirAtFar, name: str, at_least: str = "") -> str:
    """Why a false alarm rate is flagged."""
    if point.flag == REFUSED and point.impostor >= point.needed:
        allowed = int(point.far * point.impostor)
        return f"more than {allowed} of {point.impostor} unknown probes of {name} score infinitely high"
    wanted = point.needed if point.flag == REFUSED else 10 * point.needed
    return f"{at_least}{point.impostor} unknown probes in {name}, {wanted} are wanted"


def _warnings(judged: ListResult) -> list[str]:
    worst: dict[float, DirAtFar] = {}
    for point in (point for trial in judged.trials for point in trial.open_set if point.flag):
        if point.far not in worst or point.impostor < worst[point.far].impostor:
            worst[point.far] = point
    at_least = "at least " if len(judged.trials) > 1 else ""
    warnings = []
    for far, point in worst.items():
        verdict = "refused" if point.flag == REFUSED else "rests on few"
        warnings.append(f"FAR {far:g} {verdict}: {_why(point, judged.name, at_least)}")
    for trial in judged.trials:
        if lost := trial.missing["known"]:
            rate = trial.ranks[0].rate.count / (trial.known + lost)
            warnings.append(f"known probes that were not judged: {lost}; counted as not found, rank 1 is {rate:.4f}")
    return warnings
