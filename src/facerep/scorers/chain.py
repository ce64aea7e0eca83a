"""A fitted chain: steps that are applied one after the other to features or codes, such as `pca:150+joint-bayesian`.

What is fitted is plain arrays, and using it needs numpy only. Codes enter as vectors of 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.codes.binarize import bits_of
from facerep.errors import Mismatch
from facerep.files.contract import Contract
from facerep.files.rows import Codes, Features
from facerep.scorers.chain_text import metric_of
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.pca_dimensions import PcaDimensions
from facerep.scorers.projections import LengthOne, Projection
from facerep.scorers.weighted_hamming import WeightedHamming

Step = Projection | LengthOne | JointBayesian | WeightedHamming


@dataclass(frozen=True, kw_only=True)
class FittedChain:
    """A chain that was fitted, and on what.

    Attributes:
        steps: in the order in which they are applied.
        contract: the network, layer, crop and mirror rule that it accepts.
        dimension: the length of the vectors that it accepts; of codes, their bits.
        rule: of the codes that it accepts; "" where it accepts features.
        faces, people: how many it was fitted on.
        single: how many of the people had one face.
        left_out: faces of unknown people, which were not used.
        fingerprint: SHA-256 of the names and values it was fitted on.
        fitted_people: hashes of the people it was fitted on, see files/people.py; None where no face has a person.
        path: the file it was read from, None where it was just fitted.
    """

    JSON: ClassVar = (
        "chain=text", "people", "people_with_one_face=single", "faces", "faces_of_unknown_people=left_out", "takes",
        "dimension", "dimension_kept=kept", "*model",
    )  # fmt: skip

    steps: tuple[Step, ...]
    contract: Contract
    dimension: int
    faces: int
    people: int
    rule: str = ""
    single: int = 0
    left_out: int = 0
    fingerprint: str = ""
    fitted_people: np.ndarray | None = None
    path: Path | None = None

    @property
    def text(self) -> str:
        """The chain as it is typed, with the numbers that were kept."""
        return "+".join(
            f"{step.name}:{len(step.directions)}" if isinstance(step, Projection) else step.name for step in self.steps
        )

    @property
    def metric(self) -> str:
        """See `metric_of`."""
        return metric_of(self.steps[-1].name)

    @property
    def joint_bayesian(self) -> JointBayesian | None:
        """The last step, where it is Joint Bayesian."""
        last = self.steps[-1]
        return last if isinstance(last, JointBayesian) else None

    @property
    def weighted_hamming(self) -> WeightedHamming | None:
        """The only step, where it is weights of bits."""
        last = self.steps[-1]
        return last if isinstance(last, WeightedHamming) else None

    @property
    def model(self) -> JointBayesian | WeightedHamming | dict[str, Any]:
        """The last step, where it was fitted on people; {} where the chain is projections alone."""
        return self.joint_bayesian or self.weighted_hamming or {}

    @property
    def takes(self) -> str:
        """What it was fitted on, in a word."""
        return kind_of_rows(bool(self.rule))

    @property
    def kept(self) -> int:
        """The dimension after the last projection."""
        return next((len(step.directions) for step in self.steps[::-1] if isinstance(step, Projection)), self.dimension)

    @property
    def why(self) -> PcaDimensions | None:
        """What chose the number of directions of the last PCA; None where there is none, or it was read from a file."""
        return next((step.why for step in self.steps[::-1] if isinstance(step, Projection) and step.why), None)

    def require(self, rows: Features | Codes) -> None:
        """Refuse rows that it was not fitted for: vectors for codes, or another contract, rule or length.

        Raises:
            Mismatch: with both sides.
        """
        ours = self.path or "scorer"
        self.contract.require(rows.contract, ours, rows.where)
        codes = isinstance(rows, Codes)
        if codes != bool(self.rule):
            sides = f"{ours} takes {kind_of_rows(not codes)}, {rows.where} holds {kind_of_rows(codes)}"
            raise Mismatch("codes and vectors differ", sides, "fit again on such rows, or run facerep binarize --like")
        length = rows.bits if codes else rows.dimension
        if self.dimension != length:
            sides = f"{ours} takes {self.dimension}, {rows.where} has {length}"
            hint = "make the codes with --like" if codes else "fit again on features of the same network"
            raise Mismatch("dimension differs", sides, hint)
        if codes and self.rule != rows.rule:
            sides = f"{ours} takes {self.rule[:12]}, {rows.where} has {rows.rule[:12]}"
            raise Mismatch("rule of the bits differs", sides, "make the codes with `facerep binarize --like` those")

    def prepare(self, rows: Features | Codes | np.ndarray) -> np.ndarray:
        """Rows as the scorer at the end of the chain takes them, each row by itself; vectors, or codes as 0 and 1."""
        values = rows if isinstance(rows, np.ndarray) else vectors_of(rows)
        for step in self.steps:
            values = step.prepare(values)
        return values


def vectors_of(rows: Features | Codes) -> np.ndarray:
    """Vectors, or codes as 0 and 1."""
    return bits_of(rows) if isinstance(rows, Codes) else rows.values


def kind_of_rows(codes: bool) -> str:
    """What rows are, in a word."""
    return "codes" if codes else "vectors"
