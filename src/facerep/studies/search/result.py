"""What a search gives back: the best gallery faces of each query, and how they were found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facerep.results.figures import Rate
from facerep.results.to_json import to_json

FORMAT, VERSION = "facerep/search", 1
NOTHING = -1
"""The row where an index found fewer faces than were asked for."""


@dataclass(frozen=True)
class ByIndex:
    """An approximate index, and what it found of the exact answer.

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


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search result; `answers` are for the CSV too."""

    metric: str
    k: int
    queries: dict[str, Any]
    gallery: dict[str, Any]
    index: ByIndex | None
    reranking: Reranking | None
    seed: int
    warnings: tuple[str, ...]
    answers: Answers = field(repr=False, compare=False)

    @property
    def exact(self) -> bool:
        """False where an approximate index was asked."""
        return self.index is None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON holds it, with all answers."""
        index, second = self.index, self.reranking
        return {
            "format": FORMAT,
            "version": VERSION,
            "metric": self.metric,
            "k": self.k,
            "queries": self.queries,
            "gallery": self.gallery,
            "exact": self.exact,
            "index": index and {**vars(index), "recall": to_json(index.recall)},
            "reranking": second and {**vars(second), "files": list(second.files)},
            "seed": self.seed,
            "warnings": list(self.warnings),
            "answers": [self._answer(query) for query in range(len(self.answers.names))],
        }

    def _answer(self, query: int) -> dict[str, Any]:
        held = self.answers
        found = []
        for place in np.flatnonzero(held.rows[query] != NOTHING).tolist():
            face = {"face": held.faces[query, place], "person": held.persons[query, place]}
            face["score"] = float(held.scores[query, place])
            if held.before is not None:
                face["first_score"] = float(held.before[query, place])
            found.append(face)
        return {"query": held.names[query], "person": held.people[query], "found": found}
