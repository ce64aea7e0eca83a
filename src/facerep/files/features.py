"""Feature and code files: what stages hand to each other.

What they hold is in rows.py. A file with only `/features`, `/names`, `format` and `version` is a good feature file:
what it does not say is unknown, is shown as unknown and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from facerep.errors import BadInput
from facerep.files.atomic import replacing
from facerep.files.contract import get_contract, put_contract
from facerep.files.folders.feature_folder import parts, read_as_folder
from facerep.files.folders.joined import read_joined, read_several
from facerep.files.hdf5 import reading, writing
from facerep.files.pairs import get_pairs, put_pairs
from facerep.files.rows import Codes, Features, Rows

FEATURES, CODES = "facerep/features", "facerep/codes"
VERSION = 1


def write_features(features: Features, path: Path, *, overwrite: bool = False) -> None:
    """Write a feature file, whole or absent; `complete` is set last."""
    features.check()
    with replacing(path, overwrite=overwrite) as temporary, writing.created(temporary) as file:
        writing.put_rows(file, "features", features.values.astype(np.float32, copy=False))
        if features.parts:
            group = file.create_group("parts")
            writing.put_strings(group, "networks", [name for name, _ in features.parts])
            writing.put_numbers(group, "columns", [n for _, n in features.parts], np.int64)
        _put_rows(file, features, FEATURES)


def write_codes(codes: Codes, path: Path, *, overwrite: bool = False) -> None:
    """Write a code file, whole or absent."""
    codes.check()
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
    features.check()
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
    codes.check()
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
