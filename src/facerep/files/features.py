"""Feature and code files: what stages hand to each other.

`Rows` is what both kinds of file say about their faces; `Features` adds float vectors, `Codes` packed bits.
A file with only `/features`, `/names`, `format` and `version` is a good feature file: what it does not say is
unknown, is shown as unknown and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Self

import h5py
import numpy as np

from facerep.errors import BadInput, Mismatch
from facerep.files.atomic import replacing
from facerep.files.contract import Contract, get_contract, put_contract, shortened
from facerep.files.feature_folder import parts, read_as_folder
from facerep.files.hdf5 import reading, writing
from facerep.files.joined import read_joined, read_several
from facerep.files.label_columns import matching
from facerep.files.pairs import PairList, get_pairs, put_pairs

FEATURES, CODES = "facerep/features", "facerep/codes"
VERSION = 1


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

    def _check(self) -> None:
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

    def _check(self) -> None:
        super()._check()
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

    def _check(self) -> None:
        super()._check()
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


def write_features(features: Features, path: Path, *, overwrite: bool = False) -> None:
    """Write a feature file, whole or absent; `complete` is set last."""
    features._check()
    with replacing(path, overwrite=overwrite) as temporary, writing.created(temporary) as file:
        writing.put_rows(file, "features", features.values.astype(np.float32, copy=False))
        if features.parts:
            group = file.create_group("parts")
            writing.put_strings(group, "networks", [name for name, _ in features.parts])
            writing.put_numbers(group, "columns", [n for _, n in features.parts], np.int64)
        _put_rows(file, features, FEATURES)


def write_codes(codes: Codes, path: Path, *, overwrite: bool = False) -> None:
    """Write a code file, whole or absent."""
    codes._check()
    with replacing(path, overwrite=overwrite) as temporary, writing.created(temporary) as file:
        writing.put_rows(file, "codes", codes.packed)
        for name in ("thresholds", "units", "rotation", "mean"):
            if (array := getattr(codes, name)) is not None:
                writing.put_numbers(file, name, array, np.int64 if name == "units" else np.float32)
        for name in ("bits", "dimension", "chosen", "selected", "rotated"):
            file.attrs[name] = getattr(codes, name)
        _put_rows(file, codes, CODES)


def read_features(path: Path, rows: slice = reading.ALL) -> Features:
    """Read a feature file, ours or a stranger's, or a folder of them; or some rows of it.

    Raises:
        BadInput: one line that says which check failed: format, version, shapes, types, finiteness, complete.
        Mismatch: the files of the folder do not belong together.
    """
    if read_as_folder(path):
        return read_joined(path, rows, read_features)
    with reading.opened(path, rows) as file:
        reading.check_format(file, FEATURES, VERSION)
        values = reading.numbers(file, "features", ndim=2, rows=rows).astype(np.float32, copy=False)
        parts: tuple[tuple[str, int], ...] = ()
        if (group := reading.subgroup(file, "parts")) is not None:
            columns = reading.numbers(group, "columns", ndim=1, kinds="iu")
            parts = tuple(_paired(reading.strings(group, "networks"), columns.tolist(), path))
        features = Features(values=values, parts=parts, **_get_rows(file, path, rows))
    features._check()
    return features


def read_codes(path: Path, rows: slice = reading.ALL) -> Codes:
    """Read a code file or a folder of them, or some rows of it; it raises what `read_features` does."""
    if read_as_folder(path):
        return read_joined(path, rows, read_codes)
    with reading.opened(path, rows) as file:
        reading.check_format(file, CODES, VERSION)
        packed = reading.numbers(file, "codes", ndim=2, kinds="u", rows=rows)
        if packed.dtype != np.uint8:
            raise BadInput(f"codes are {packed.dtype}, uint8 is wanted", path)

        def array(name: str, ndim: int, kinds: str = "f") -> np.ndarray | None:
            return reading.numbers(file, name, ndim=ndim, kinds=kinds) if name in file else None

        codes = Codes(
            packed=packed, bits=reading.count(file, "bits", 0), dimension=reading.count(file, "dimension", 0),
            thresholds=reading.numbers(file, "thresholds", ndim=1), chosen=reading.attribute(file, "chosen"),
            units=array("units", 1, "iu"), selected=reading.attribute(file, "selected"),
            rotation=array("rotation", 2), mean=array("mean", 1), rotated=reading.attribute(file, "rotated"),
            **_get_rows(file, path, rows),
        )  # fmt: skip
    codes._check()
    return codes


def unchecked_rows(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, names and people ("" where unknown) of a feature file, whatever was changed in it since it was written.

    Raises:
        BadInput: as `read_features` says, but for checksums.
    """
    with reading.opened(path) as file:
        reading.check_format(file, FEATURES, VERSION)
        values = reading.numbers(file, "features", ndim=2, checked=False)
        names = reading.strings(file, "names", checked=False)
        there = "people" in file
        people = reading.strings(file, "people", checked=False) if there else np.full(len(names), "", dtype=object)
    return values, names, people


def read_rows(path: Path, rows: slice = reading.ALL) -> Features | Codes:
    """Read a feature or a code file or a folder of them, whichever it is, or some rows of it.

    Raises:
        BadInput: neither, or as `read_features` and `read_codes` say.
    """
    kind = kind_of(path, rows)
    if kind not in (FEATURES, CODES):
        raise BadInput(f"format is {kind or 'not stated'}, a feature or code file is wanted", path)
    return read_codes(path, rows) if kind == CODES else read_features(path, rows)


def read_together(paths: Sequence[Path]) -> Features | Codes:
    """The rows of several feature or of several code files, or folders of them, as one.

    Raises:
        BadInput: as `read_rows`; a face stands in two of them.
        Mismatch: they do not belong together.
    """
    kind = kind_of(paths[0])
    if kind not in (FEATURES, CODES):
        raise BadInput(f"format is {kind or 'not stated'}, a feature or code file is wanted", paths[0])
    return read_several(paths, read_codes) if kind == CODES else read_several(paths, read_features)


def write_rows(rows: Features | Codes, path: Path, *, overwrite: bool = False) -> None:
    """Write a feature or a code file, whole or absent."""
    if isinstance(rows, Codes):
        write_codes(rows, path, overwrite=overwrite)
    else:
        write_features(rows, path, overwrite=overwrite)


def kind_of(path: Path, rows: slice = reading.HEAD) -> str:
    """The `format` that an HDF5 file states, "" where it states none; `rows`: what will be read of it next.

    That of a folder is that of its first file.
    """
    with reading.opened(parts(path)[0] if read_as_folder(path) else path, rows) as file:
        return reading.attribute(file, "format")


def _put_rows(file: h5py.File, rows: Rows, format: str) -> None:
    writing.put_strings(file, "names", rows.names)
    writing.put_strings(file, "people", rows.people)
    labels = file.create_group("labels")
    for name, column in rows.labels.items():
        if column.dtype.kind in "OU":
            writing.put_strings(labels, name, column)
        else:
            writing.put_numbers(labels, name, column, column.dtype)
    failures = file.create_group("failures")
    writing.put_strings(failures, "names", [name for name, _ in rows.failures])
    writing.put_strings(failures, "reasons", [reason for _, reason in rows.failures])
    protocols = file.create_group("protocols")
    for pairs in rows.protocols.values():
        put_pairs(protocols, pairs)
    put_contract(file, rows.contract)
    writing.put_hashes(file, "trained_people", rows.trained_people)
    writing.seal(file, format, VERSION)


def get_labels(file: h5py.File, rows: slice = reading.ALL) -> dict[str, np.ndarray]:
    """The labels of some rows, by column."""
    labels: dict[str, np.ndarray] = {}
    if (group := reading.subgroup(file, "labels")) is not None:
        for name in map(str, group):
            column = reading.dataset(group, name, ndim=1, kinds="OSUfiub")
            texts = column.dtype.kind in "OSU"
            labels[name] = reading.strings(group, name, rows) if texts else reading.read_rows(column, rows)
    return labels


def _get_rows(file: h5py.File, path: Path, rows: slice) -> dict:
    names = reading.strings(file, "names", rows)
    people = reading.strings(file, "people", rows) if "people" in file else np.full(len(names), "", dtype=object)
    failures, protocols = (), {}
    if (group := reading.subgroup(file, "failures")) is not None:
        failures = tuple(_paired(reading.strings(group, "names"), reading.strings(group, "reasons"), path))
    if (group := reading.subgroup(file, "protocols")) is not None:
        protocols = {name: get_pairs(group, name) for name in map(str, group)}
    return {
        "names": names, "people": people, "labels": get_labels(file, rows), "failures": failures,
        "protocols": protocols, "contract": get_contract(file), "path": Path(path),
        "trained_people": reading.hashes(file, "trained_people"),
    }  # fmt: skip


def _paired(first: np.ndarray, second: np.ndarray | list[int], path: Path) -> list[tuple[Any, Any]]:
    if len(first) != len(second):
        raise BadInput(f"columns have different lengths, {len(first)} and {len(second)}", path)
    return [*zip(first, second, strict=True)]
