"""Look-up: who of a gallery is in this picture? The people most like it, judged by a threshold.

Thresholds are those of pairs of faces, so they are for scores of single faces: of people with one face, or the best
score of a person's faces. Of the mean of several faces nobody has measured what it accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from facerep.codes.vector_search import score_pairs
from facerep.errors import BadInput, Usage
from facerep.extraction.picture_query import Taken, finds_itself, is_query, other_crop, query
from facerep.files.contract import Contract
from facerep.files.rows import Codes, Features
from facerep.pairs.decision_rule import DecisionRule
from facerep.pairs.inputs import metric_of, opened, scorer_of
from facerep.pairs.people_overlap import Overlaps, overlaps
from facerep.pairs.threshold import ChosenThreshold
from facerep.results.kinds import LOOKUP
from facerep.studies.identification.templates import make_templates, template_rule


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A person of the gallery: how many faces, the score, and whether it is accepted; None without a threshold."""

    person: str
    faces: int
    score: float
    accepted: bool | None


@dataclass(frozen=True)
class SearchedGallery:
    """The gallery: its file, its faces and people as far as people are known, and what they were made with."""

    JSON: ClassVar = ("file", "faces", "people", "*contract")

    file: str
    faces: int
    people: int
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Who is most like a picture.

    Attributes:
        picture: its name.
        crop: what it was cut by.
        gallery: where it was looked up.
        metric, scorer: what made the scores; name of the scorer file, "" without one.
        template: how a person's faces became one, in words.
        candidates: the best, best first; equal scores by name.
        threshold: None where there is none.
        undecided: why there is none, "" where there is one.
        makers: whether people of the gallery are among those whom network, scorer or threshold were made from.
        warnings: what the user should look at.
    """

    KIND: ClassVar = LOOKUP
    JSON: ClassVar = (
        "picture", "crop", "gallery", "metric", "scorer", "template", "found=candidates", "threshold", "undecided",
        "strangers", "overlap=makers", "warnings",
    )  # fmt: skip

    picture: str
    crop: str
    gallery: SearchedGallery
    metric: str
    scorer: str
    template: str
    candidates: tuple[Candidate, ...]
    threshold: ChosenThreshold | None
    undecided: str
    makers: Overlaps
    warnings: tuple[str, ...]

    @property
    def strangers(self) -> float | None:
        """Faces of this gallery that accept a stranger, on average, at the threshold's false accept rate."""
        return None if self.threshold is None else self.threshold.far.value * self.gallery.faces


def look_up(
    picture: Path,
    gallery: Features | Codes | Path,
    by: DecisionRule = DecisionRule(),
    *,
    people: int = 5,
    template: Literal["mean", "max"] | None = None,
    taken: Taken = Taken(),
) -> Lookup:
    """The people of a gallery that are most like the face in a picture.

    Args:
        picture: one face.
        gallery: vectors or codes, or their file.
        by: metric, scorer and threshold, as for a comparison of two faces.
        people: how many, at most; all where there are fewer.
        template: how several faces of a person become one; left out, as `identify` has it.
        taken: how the picture is taken, where the gallery does not decide it.

    Raises:
        BadInput: no picture, or one that cannot be cut; a gallery without people; see `picture_query.query`.
        Mismatch, Usage: see `picture_query.query` and `DecisionRule.threshold`.
    """
    gallery = opened(gallery)
    if not is_query(picture, taken):
        raise Usage(f"{picture} is no picture", hint="a file is judged alone; its gallery is named by --lists")
    metric = metric_of(by.metric, gallery, by.scorer)
    rule = template_rule(gallery, metric, template)
    known = np.flatnonzero(gallery.people != "")
    if not len(known):
        raise BadInput("no person is known", gallery.where, f"facerep search {picture} finds the faces most like it")
    names, person = np.unique(gallery.people[known].astype(str), return_inverse=True)
    order = known[np.argsort(person, kind="stable")]
    counts = np.bincount(person)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    asked = query(picture, gallery, taken)
    both = _behind(gallery, asked)
    scorer, rows = scorer_of(metric, both, by.scorer)
    made = make_templates(both, rows, order, starts, metric, by.scorer, rule)
    own, every = np.zeros(1, np.int64), np.arange(len(made.rows))
    scores = score_pairs(scorer.score, rows[-1:], made.rows, own, every)
    if np.isnan(scores).any():
        raise BadInput(f"{np.isnan(scores).sum()} scores are NaN", picture)
    best = np.maximum.reduceat(scores, made.starts)
    chosen = _threshold(gallery, asked, metric, by, pooled=len(made.rows) < len(order))
    threshold = chosen if isinstance(chosen, ChosenThreshold) else None
    makers = overlaps(gallery, order, by.scorer, threshold)
    return Lookup(
        picture=str(picture), crop=asked.contract.crop, metric=metric,
        gallery=SearchedGallery(gallery.path.name if gallery.path else "", len(order), len(names), gallery.contract),
        scorer=by.scorer.name if by.scorer else "", template=made.rule,
        candidates=tuple(
            Candidate(
                person=str(names[place]), faces=int(counts[place]), score=float(best[place]),
                accepted=None if threshold is None else bool(best[place] >= threshold.threshold),
            )
            for place in np.argsort(-best, kind="stable")[:people]
        ),
        threshold=threshold, undecided="" if isinstance(chosen, ChosenThreshold) else chosen, makers=makers,
        warnings=(
            *other_crop(asked.contract, gallery.contract),
            *finds_itself(asked, gallery.packed if isinstance(gallery, Codes) else gallery.values, gallery.names),
            *makers.warnings(),
        ),
    )  # fmt: skip


def _behind(gallery: Features | Codes, asked: Features | Codes) -> Features | Codes:
    """The gallery with one more row, that of the picture."""
    more: dict[str, Any] = {
        name: np.concatenate([getattr(gallery, name), getattr(asked, name)]) for name in ("names", "people")
    }
    column = "packed" if isinstance(gallery, Codes) else "values"
    more[column] = np.concatenate([getattr(gallery, column), getattr(asked, column)])
    return replace(gallery, labels={}, protocols={}, failures=(), **more)


def _threshold(
    gallery: Features | Codes, asked: Features | Codes, metric: str, by: DecisionRule, *, pooled: bool
) -> ChosenThreshold | str:
    """The threshold that these scores may be judged by, or why there is none."""
    if asked.contract.crop != gallery.contract.crop:
        return "nobody measured a threshold for a picture and a gallery of different crops"
    if pooled:
        return "thresholds are of pairs of faces, this is a score of means; --template max has them"
    return by.threshold(gallery, metric, gallery.where)
