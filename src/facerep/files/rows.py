"""What a feature or code file holds, in memory.

`Rows` is what both kinds say about their faces; `Features` adds float vectors, `Codes` packed bits and their rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract, shortened
from facerep.files.hdf5 import writing
from facerep.files.label_columns import matching
from facerep.files.pairs import PairList


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a feature or code file says about its faces.

    Attributes:
        names: face names, object array of str, shape (n,), all different.
        people: labels, shape (n,); "" where unknown.
        labels: further columns of the data set by name, each of shape (n,).
        failures: (name, reason) of the faces that gave no vector.
        protocols: the pair lists that came with the data set.
        contract: what made the vectors.
        trained_people: hashes of the people that the networks were trained on, see files/people.py; None where it is
            not known.
        path: the file or folder this was read from, None where it was made in memory.
    """

    ABSENT: ClassVar = "in the file", "extract them"
    """Where a face is not that is absent, and what is done about it, in words."""

    names: np.ndarray
    people: np.ndarray
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    protocols: dict[str, PairList] = field(default_factory=dict)
    contract: Contract = field(default_factory=Contract)
    trained_people: np.ndarray | None = None
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def where(self) -> str:
        """The file's name, for messages."""
        return str(self.path) if self.path else "features in memory"

    def index(self) -> dict[str, int]:
        """Row of each face name."""
        return {name: row for row, name in enumerate(self.names)}

    def take(self, rows: np.ndarray) -> Self:
        """The same file with some rows only, in the given order; `rows` is a mask or an index array."""
        changes = {column: values[rows] for column, values in self._columns().items()}
        labels = {name: values[rows] for name, values in self.labels.items()}
        return replace(self, labels=labels, **changes)

    def only(self, condition: str) -> Self:
        """The rows for which `COLUMN=VALUE` or `COLUMN!=VALUE` holds, see `label_columns.matching`."""
        return self.take(matching(self.labels, condition, self.where))

    def require(self, other: Self) -> None:
        """Refuse to use rows of another contract beside these.

        Raises:
            Mismatch: with both sides.
        """
        self.contract.require(other.contract, self.where, other.where)

    def _columns(self) -> dict[str, np.ndarray]:
        return {"names": self.names, "people": self.people}

    def check(self) -> None:
        """Refuse what no file may hold: nothing, columns of different lengths, names that stand twice, bad values.

        Raises:
            BadInput: with the first fault.
        """
        n = len(self.names)
        if n == 0:
            raise BadInput("file has no rows", self.where)
        if len(self.people) != n or any(len(column) != n for column in self.labels.values()):
            raise BadInput("columns have different lengths", self.where)
        check_columns(self.names, self.labels, self.where)


def check_columns(names: Sequence[str] | np.ndarray, labels: Iterable[str], where: str | Path) -> None:
    """Refuse names of faces that stand twice, and labels that no feature file can keep.

    Raises:
        BadInput: with the first of them.
    """
    if bad := [name for name in labels if not writing.can_be_stored(name)]:
        raise BadInput(f"column {bad[0]!r} cannot be kept in a feature file", where, "rename it, without /")
    if len(set(names)) != len(names):
        known: set[str] = set()
        twice = next(name for name in names if name in known or known.add(name))
        raise BadInput(f"face name {twice!r} stands twice", where)


@dataclass(frozen=True, kw_only=True)
class Features(Rows):
    """One float32 vector a face.

    Attributes:
        values: shape (n, d), float32, finite.
        parts: (name, columns) of the networks whose features are concatenated, in order.
    """

    values: np.ndarray
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.values.shape[1]

    def require(self, other: Self) -> None:
        """Refuse to use vectors of another contract, length or networks beside these.

        Raises:
            Mismatch: with both sides.
        """
        super().require(other)
        if (self.dimension, self.parts) != (other.dimension, other.parts):
            sides = f"{self.where} has {self.dimension}, {other.where} has {other.dimension}"
            raise Mismatch("dimension or networks differ", sides, "make both with the same networks")

    def _columns(self) -> dict[str, np.ndarray]:
        return {**super()._columns(), "values": self.values}

    def check(self) -> None:
        super().check()
        if self.values.ndim != 2 or len(self.values) != len(self.names):
            raise BadInput(f"features have shape {self.values.shape} for {len(self.names)} names", self.where)
        if self.dimension == 0:
            raise BadInput("features have no columns", self.where)
        bad = ~np.isfinite(self.values).all(axis=1)
        if bad.any():
            raise BadInput(f"features of {self.names[bad.argmax()]!r} are not finite", self.where)


@dataclass(frozen=True, kw_only=True)
class Codes(Rows):
    """The bits of a face, packed as numpy.packbits does it, and the rule that made them of a feature x.

    Bit k is 1 where y[k] > thresholds[k], and y is rotation (x - mean); or x[units]; or x itself.

    Attributes:
        packed: uint8, shape (n, ceil(bits / 8)); the bits that fill up the last byte are 0.
        bits: how many bits a code has.
        thresholds: float32, shape (bits,).
        chosen: how the thresholds were chosen: "zero", "median" or the number.
        units: which units of the feature were kept, best first; int64, shape (bits,). None: all, in their order.
        selected: how they were chosen: "variance", "entropy", "discriminative", "random", or "" for all.
        rotation: float32, shape (bits, dimension); None: not rotated.
        mean: float32, shape (dimension,); None: not rotated.
        rotated: how the rotation was learned: "itq", or "".
        dimension: the length of x; 0 stands for as many as there are bits.
    """

    packed: np.ndarray
    bits: int
    thresholds: np.ndarray
    chosen: str = "zero"
    units: np.ndarray | None = None
    selected: str = ""
    rotation: np.ndarray | None = None
    mean: np.ndarray | None = None
    rotated: str = ""
    dimension: int = 0

    @property
    def takes(self) -> int:
        """The length of the features that the rule takes."""
        return self.dimension or self.bits

    @property
    def rule(self) -> str:
        """SHA-256 of what decides the bits of a feature: codes of one rule can be compared."""
        digest = sha256(str(self.takes).encode())
        units = np.arange(self.bits) if self.units is None and self.rotation is None else self.units
        arrays = (units, np.int64), (self.rotation, np.float32), (self.mean, np.float32), (self.thresholds, np.float32)
        for array, kind in arrays:
            digest.update(b"-" if array is None else np.ascontiguousarray(array, dtype=kind).tobytes())
        return digest.hexdigest()

    @property
    def natural(self) -> bool:
        """Whether these are the network's own bits: all its units, cut at zero."""
        return self.units is None and self.rotation is None and not self.thresholds.any()

    def require(self, other: Self) -> None:
        """Refuse to compare with codes of another contract or rule.

        Raises:
            Mismatch: with both sides.
        """
        super().require(other)
        if self.rule != other.rule:
            sides = f"{self.where} has {shortened(self.rule)}, {other.where} has {shortened(other.rule)}"
            raise Mismatch("rule of the bits differs", sides, "make the one with `facerep binarize --like` the other")

    def _columns(self) -> dict[str, np.ndarray]:
        return {**super()._columns(), "packed": self.packed}

    def check(self) -> None:
        super().check()
        width = -(-self.bits // 8)
        if self.bits < 1 or self.packed.shape != (len(self.names), width) or self.thresholds.shape != (self.bits,):
            what = f"codes have shape {self.packed.shape} for {len(self.names)} names, {self.bits} bits"
            raise BadInput(what, self.where)
        if self.bits % 8 and (self.packed[:, -1] & (255 >> self.bits % 8)).any():
            raise BadInput(f"codes have ones behind their {self.bits} bits", self.where)
        if problem := self._rule_problem():
            raise BadInput(problem, self.where)

    def _rule_problem(self) -> str:
        """What is wrong with the rule, in words; "" where nothing is."""
        arrays = [array for array in (self.thresholds, self.rotation, self.mean) if array is not None]
        if not all(np.isfinite(array).all() for array in arrays):
            return "thresholds or rotation are not finite"
        if (self.rotation is None) != (self.mean is None):
            return "a rotation and a mean go together, one of them is missing"
        if self.rotation is not None and self.mean is not None:
            if self.units is not None:
                return "units were chosen and rotated, one of the two is wanted"
            if self.rotation.shape != (self.bits, self.takes) or self.mean.shape != (self.takes,):
                shapes = f"rotation has shape {self.rotation.shape} and mean {self.mean.shape}"
                return f"{shapes} for {self.bits} bits of {self.takes} units"
        elif self.units is None:
            return "" if self.takes == self.bits else f"{self.bits} bits of {self.takes} units, no units are named"
        elif self.units.shape != (self.bits,) or len(set(self.units.tolist())) < self.bits:
            return f"{len(set(self.units.tolist()))} different units for {self.bits} bits"
        elif self.units.min() < 0 or self.units.max() >= self.takes:
            return f"units reach from {self.units.min()} to {self.units.max()}, there are {self.takes}"
        return ""
