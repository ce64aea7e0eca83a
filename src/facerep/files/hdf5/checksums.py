"""Checksums: each data set that we write has the SHA-256 of its rows, block by block, as its attribute `checksum`."""

from __future__ import annotations

import hashlib
from math import prod

import h5py
import numpy as np

from facerep.errors import BadInput
from facerep.files.hdf5.sandbox import AGAIN

CHECKED_ROWS, CHECKED_BYTES = 4096, 1 << 24
"""Rows of a block that has a checksum of its own, fewer where they are long: 16 MiB."""
MOST_BLOCKS = 2000
"""With more than these an attribute would be too long; then a block has more rows."""


def block_rows(shape: tuple[int, ...], itemsize: int) -> int:
    """How many rows a block with a checksum has, in a data set of this shape with so many bytes a number."""
    a_row = max(1, prod(shape[1:]) * itemsize)
    return max(1, min(CHECKED_ROWS, CHECKED_BYTES // a_row), -(-shape[0] // MOST_BLOCKS))


def put_checksums(dataset: h5py.Dataset, values: np.ndarray) -> None:
    """Write the checksums of all that a data set has."""
    if values.size:
        length = block_rows(dataset.shape, dataset.dtype.itemsize)
        digests = [_digest(values[start : start + length]) for start in range(0, len(values), length)]
        dataset.attrs["checksum"] = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


def check(dataset: h5py.Dataset, values: np.ndarray, rows: slice) -> None:
    """Compare rows that were read with their checksums, where there are any: blocks that lie wholly among them.

    Raises:
        BadInput: they differ.
    """
    stored = dataset.attrs.get("checksum")
    if stored is None:
        return
    count, length = len(dataset), block_rows(dataset.shape, dataset.dtype.itemsize)
    where = f"{dataset.file.filename}:{dataset.name}"
    if not isinstance(stored, np.ndarray) or stored.shape != (-(-count // length), 32) or stored.dtype != np.uint8:
        raise BadInput("checksum is damaged", where, AGAIN)
    start, stop, _ = rows.indices(count)
    for block in range(-(-start // length), len(stored)):
        low, high = block * length, min((block + 1) * length, count)
        if high > stop:
            break
        if _digest(values[low - start : high - start]) != stored[block].tobytes():
            which = f"rows {low + 1:,} to {high:,}" if len(stored) > 1 else "values"
            remedy = ", or take its vectors in as those of others: facerep import"
            hint = AGAIN + (remedy if dataset.name in ("/features", "/names", "/people") else "")
            raise BadInput(f"{which} are not those that were written: the checksum differs", where, hint)


def _digest(values: np.ndarray) -> bytes:
    if values.dtype.kind == "O":
        return hashlib.sha256("\0".join(values).encode("utf-8", "surrogatepass")).digest()
    return hashlib.sha256(np.ascontiguousarray(values).data).digest()
