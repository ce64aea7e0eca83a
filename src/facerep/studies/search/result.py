"""The result of a search: the best gallery faces of each query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from facerep.results.figures import Rate
from facerep.results.kinds import SEARCH

NOTHING = -1
"""The row where an index found fewer faces than were asked for."""


@dataclass(frozen=True)
class ApproximateIndex:
    """An approximate index, and its recall.

    Attributes:
        name: as FAISS writes it.
        effort: lists or candidates that a query looked at.
        recall: found faces whose score is at least that of the exact k-th, of k for each of the sampled queries.
        queries: how many were sampled.
    """

    name: str
    effort: int
    recall: Rate
    queries: int


@dataclass(frozen=True)
class Reranking:
    """The second look: the best `first` of each query, by real-valued score."""

    first: int
    metric: str
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The best gallery faces of each query, best first.

    Attributes:
        names, people: of the queries, shape (q,).
        rows, faces, persons, scores: of the gallery faces, shape (q, k).
        before: the scores that they were first found by, where they were re-ranked.
    """

    names: np.ndarray
    people: np.ndarray
    rows: np.ndarray
    faces: np.ndarray
    persons: np.ndarray
    scores: np.ndarray
    before: np.ndarray | None = None

    @property
    def each(self) -> list[dict[str, Any]]:
        """One object a query, as JSON holds them."""
        answers = []
        for query, (name, person) in enumerate(zip(self.names, self.people, strict=True)):
            faces = []
            for place in np.flatnonzero(self.rows[query] != NOTHING).tolist():
                face = {"face": self.faces[query, place], "person": self.persons[query, place]}
                face["score"] = self.scores[query, place]
                if self.before is not None:
                    face["first_score"] = self.before[query, place]
                faces.append(face)
            answers.append({"query": name, "person": person, "found": faces})
        return answers


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search result; `answers` are for the CSV too."""

    KIND: ClassVar = SEARCH
    JSON: ClassVar = (
        "metric", "k", "queries", "gallery", "exact", "index", "reranking", "seed", "warnings", "answers=answers.each",
    )  # fmt: skip

    metric: str
    k: int
    queries: dict[str, Any]
    gallery: dict[str, Any]
    index: ApproximateIndex | None
    reranking: Reranking | None
    seed: int
    warnings: tuple[str, ...]
    answers: Answers = field(repr=False, compare=False)

    @property
    def exact(self) -> bool:
        """False where an approximate index was asked."""
        return self.index is None
