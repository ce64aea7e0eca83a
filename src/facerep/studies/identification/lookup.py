"""Look-up: who of a gallery is in this picture? The people most like it, and whether a threshold accepts them.

Thresholds are those of pairs of faces, so they are for scores of single faces: of people with one face, or the best
score of a person's faces. Of the mean of several faces nobody has measured what it accepts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from facerep.codes.vector_search import score_pairs
from facerep.errors import BadInput, Usage
from facerep.extraction.picture_query import Taken, finds_itself, is_query, other_crop, query
from facerep.files.features import Codes, Contract, Features
from facerep.pairs.inputs import metric_of, opened, scorer_of
from facerep.pairs.overlaps import Overlaps, overlaps
from facerep.pairs.threshold import ChosenThreshold
from facerep.results.to_json import to_json
from facerep.studies.identification import templates
from facerep.studies.photographs.compare import Judge, threshold_for

FORMAT, VERSION = "facerep/lookup", 1


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A person of the gallery: how many faces, the score, and whether it is accepted; None without a threshold."""

    person: str
    faces: int
    score: float
    accepted: bool | None


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Who is most like a picture.

    Attributes:
        picture: its name.
        crop: what it was cut by.
        gallery: name of the file.
        contract: of the gallery.
        faces, people: of the gallery, as far as people are known.
        metric, scorer: what made the scores; name of the scorer file, "" without one.
        template: how a person's faces became one, in words.
        found: the best, best first; equal scores by name.
        chosen: the threshold, None where there is none.
        undecided: why there is none, "" where there is one.
        makers: whether people of the gallery are among those whom network, scorer or threshold were made from.
        warnings: what the user should look at.
    """

    picture: str
    crop: str
    gallery: str
    contract: Contract
    faces: int
    people: int
    metric: str
    scorer: str
    template: str
    found: tuple[Candidate, ...]
    chosen: ChosenThreshold | None
    undecided: str
    makers: Overlaps
    warnings: tuple[str, ...]

    @property
    def strangers(self) -> float | None:
        """Faces of this gallery that accept a stranger, on average, at the threshold's false accept rate."""
        return None if self.chosen is None else self.chosen.far.value * self.faces

    def to_dict(self) -> dict[str, Any]:
        """The look-up as JSON holds it."""
        return {
            "format": FORMAT, "version": VERSION, "picture": self.picture, "crop": self.crop,
            "gallery": {"file": self.gallery, "faces": self.faces, "people": self.people, **asdict(self.contract)},
            "metric": self.metric, "scorer": self.scorer, "template": self.template,
            "found": [vars(each) for each in self.found], "threshold": to_json(self.chosen),
            "undecided": self.undecided, "strangers": self.strangers, "overlap": to_json(self.makers),
            "warnings": list(self.warnings),
        }  # fmt: skip


def look_up(
    picture: Path,
    gallery: Features | Codes | Path,
    judge: Judge = Judge(),
    *,
    people: int = 5,
    template: Literal["mean", "max"] | None = None,
    taken: Taken = Taken(),
) -> Lookup:
    """The people of a gallery that are most like the face in a picture.

    Args:
        picture: one face.
        gallery: vectors or codes, or their file.
        judge: metric, scorer and threshold, as for a comparison of two faces.
        people: how many, at most; all where there are fewer.
        template: how several faces of a person become one; left out, as `identify` has it.
        taken: how the picture is taken, where the gallery does not decide it.

    Raises:
        BadInput: no picture, or one that cannot be cut; a gallery without people; see `picture_query.query`.
        Mismatch, Usage: see `picture_query.query` and `comparison.threshold_for`.
    """
    held = opened(gallery)
    if not is_query(picture, taken):
        raise Usage(f"{picture} is no picture", hint="a file is judged alone; its gallery is named by --lists")
    metric = metric_of(judge.metric, held, judge.scorer)
    rule = templates.settle(held, metric, template)
    known = np.flatnonzero(held.people != "")
    if not len(known):
        raise BadInput("no person is known", held.where, f"facerep search {picture} finds the faces most like it")
    names, person = np.unique(held.people[known].astype(str), return_inverse=True)
    order = known[np.argsort(person, kind="stable")]
    counts = np.bincount(person)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    asked = query(picture, held, taken)
    both = _behind(held, asked)
    scorer, rows = scorer_of(metric, both, judge.scorer)
    made = templates.make_templates(both, rows, order, starts, metric, judge.scorer, rule)
    own, every = np.zeros(1, np.int64), np.arange(len(made.rows))
    scores = score_pairs(scorer.score, rows[-1:], made.rows, own, every)
    if np.isnan(scores).any():
        raise BadInput(f"{np.isnan(scores).sum()} scores are NaN", picture)
    best = np.maximum.reduceat(scores, made.starts)
    chosen = _threshold(held, asked, metric, judge, pooled=len(made.rows) < len(order))
    threshold = chosen if isinstance(chosen, ChosenThreshold) else None
    makers = overlaps(held, order, judge.scorer, threshold)
    return Lookup(
        picture=str(picture), crop=asked.contract.crop, gallery=held.path.name if held.path else "",
        contract=held.contract, faces=len(order), people=len(names), metric=metric,
        scorer=judge.scorer.name if judge.scorer else "", template=made.rule,
        found=tuple(
            Candidate(
                person=str(names[place]), faces=int(counts[place]), score=float(best[place]),
                accepted=None if threshold is None else bool(best[place] >= threshold.threshold),
            )
            for place in np.argsort(-best, kind="stable")[:people]
        ),
        chosen=threshold, undecided="" if isinstance(chosen, ChosenThreshold) else chosen, makers=makers,
        warnings=(
            *other_crop(asked.contract, held.contract),
            *finds_itself(asked, held.packed if isinstance(held, Codes) else held.values, held.names),
            *makers.warnings(),
        ),
    )  # fmt: skip


def _behind(held: Features | Codes, asked: Features | Codes) -> Features | Codes:
    """The gallery with one more row, that of the picture."""
    more: dict[str, Any] = {
        name: np.concatenate([getattr(held, name), getattr(asked, name)]) for name in ("names", "people")
    }
    column = "packed" if isinstance(held, Codes) else "values"
    more[column] = np.concatenate([getattr(held, column), getattr(asked, column)])
    return replace(held, labels={}, protocols={}, failures=(), **more)


def _threshold(
    held: Features | Codes, asked: Features | Codes, metric: str, judge: Judge, *, pooled: bool
) -> ChosenThreshold | str:
    """The threshold that these scores may be held against, or why there is none."""
    if asked.contract.crop != held.contract.crop:
        return "nobody measured a threshold for a picture and a gallery of different crops"
    if pooled:
        return "thresholds are of pairs of faces, this is a score of means; --template max has them"
    return threshold_for(held, metric, judge, held.where)
