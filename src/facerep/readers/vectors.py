"""Vectors made elsewhere: .npy, .npz, .csv, Parquet and HDF5 files of embeddings become Features.

What such a file does not say stays unknown. Nothing is unpickled, and a shape is believed only where the file has the
bytes for it.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from unicodedata import normalize

import numpy as np

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.files.features import Contract, Features, unchecked_rows
from facerep.files.swelling import most_swollen
from facerep.readers import text
from facerep.readers.table import column_of

NAMES, PEOPLE = ("name", "names", "path", "file"), ("person", "people", "identity")
BATCH = 1024
"""Rows of a Parquet file that are unpacked at a time: a dictionary makes many long texts of one."""
VECTORS = ("embedding", "embeddings", "feature", "features", "vector", "vectors")


@dataclass(frozen=True)
class Vectors:
    """What a file of vectors holds: values (n, d), and names and people where it has such columns."""

    values: np.ndarray
    names: list[str] | None = None
    people: list[str] | None = None


def import_vectors(
    path: Path,
    *,
    names: Path | None = None,
    people: Path | None = None,
    labels: Path | None = None,
    network: str = "",
    key: str | None = None,
) -> Features:
    """Features from vectors of any network.

    Args:
        path: .npy, .npz, .csv, .parquet, or a feature file (.h5), of which vectors, names and people are taken.
        names: text, one face name a line; left out, the name column of the file itself.
        people: text, one person a line, an empty line where unknown.
        labels: table with a column `name`; its other columns become labels, `person` the people.
        network: what scorers match; "" is unknown.
        key: the array of an .npz, or the column of a Parquet file.

    Raises:
        BadInput: not numbers, object arrays, counts that differ, faces that the table lacks.
        Usage: no names, or several arrays and no key.
        NotAvailable: Parquet without pyarrow.
    """
    found = read_vectors(path, key)
    name_column = _lines(names) if names else found.names
    if name_column is None:
        raise Usage(f"{path} has no names", hint="give --names FILE, one face name a line")
    if "" in name_column:
        raise BadInput(f"face {name_column.index('') + 1} has an empty name", names or path)
    n = len(found.values)
    _count(n, name_column, "names", path, names or path)
    table = _labels(labels, name_column) if labels else {}
    given = next((table.pop(column) for column in PEOPLE if column in table), None)
    person_column = _lines(people) if people else given or found.people or [""] * n
    _count(n, person_column, "people", path, people or path)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is refused by name
        values = found.values.astype(np.float32)
    return Features(
        names=np.array(name_column, dtype=object),
        people=np.array(person_column, dtype=object),
        labels={column: column_of(cells) for column, cells in table.items()},
        contract=Contract(network=network, dataset="import"),
        path=path,
        values=values,
    )


def read_vectors(path: Path, key: str | None = None) -> Vectors:
    """Read a file of vectors, told apart by its extension."""
    readers = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".parquet": _parquet, ".pq": _parquet, ".h5": _hdf5}
    kind = path.suffix.lower()
    if kind not in readers:
        raise Usage(f"{path} has no known extension", hint=f"there are: {', '.join(readers)}")
    if key is not None and kind in (".npy", ".csv", ".h5"):
        raise Usage(f"--key is for .npz and Parquet, not for {kind}")
    if not path.is_file():
        raise BadInput("no such file", path)
    try:
        found = readers[kind](path, key)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror or error})", path) from error
    if found.values.ndim != 2 or 0 in found.values.shape:
        raise BadInput(f"vectors have shape {found.values.shape}, a row a face is wanted", path)
    return found


def _npy(path: Path, key: str | None) -> Vectors:  # noqa: ARG001
    with path.open("rb") as stream:
        return Vectors(_array(stream, path.stat().st_size, str(path)))


def _npz(path: Path, key: str | None) -> Vectors:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            shapes = {}
            for name, info in members.items():
                with archive.open(info) as stream:
                    shapes[name] = _header(stream, f"{path}:{name}")
            if key is None:
                matrices = [name for name, (shape, dtype) in shapes.items() if len(shape) == 2 and dtype.kind in "fiu"]
                if len(matrices) != 1:
                    raise Usage(f"{path} holds {', '.join(members) or 'nothing'}", hint="name the vectors with --key")
                key = matrices[0]
            if key not in members:
                raise BadInput(f"no array {key!r}", path, f"there are: {', '.join(members)}")
            info = members[key]
            if info.file_size > most_swollen(info.compress_size):
                raise BadInput(f"array {key!r} claims {info.file_size} bytes and holds {info.compress_size}", path)
            with archive.open(info) as stream:
                return Vectors(_array(stream, info.file_size, f"{path}:{key}"))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"not a whole .npz file ({error})", path) from error


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], np.dtype]:
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except ValueError as error:
        raise BadInput(f"not a whole numpy array ({str(error).splitlines()[0]})", where) from error
    return shape, dtype


def _array(stream: IO[bytes], size: int, where: str) -> np.ndarray:
    shape, dtype = _header(stream, where)
    if dtype.hasobject:
        what = "array of Python objects, which only unpickling reads, and unpickling runs what a stranger wrote"
        raise BadInput(what, where, "save it as float32: np.save(path, np.stack(list(array)).astype('float32'))")
    if dtype.kind not in "fiu":
        raise BadInput(f"array of {dtype}, numbers are wanted", where)
    claimed, held = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if claimed > held:
        raise BadInput(f"array claims {claimed} bytes and holds {held}", where, "the file is cut short")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)


def _csv(path: Path, key: str | None) -> Vectors:  # noqa: ARG001
    content = text.read_text(path)
    lines = list(text.rows(content, text.delimiter(content.split("\n", 1)[0]), path))
    if not lines:
        raise BadInput("file has no rows", path)
    first = lines[0][1]
    numeric = [_is_number(cell) for cell in first]
    if all(numeric):
        header = [""] * len(first)
    elif not numeric[0] and len(first) > 1 and all(numeric[1:]) and first[0].lower() not in (*NAMES, *PEOPLE):
        header = ["name", *[""] * (len(first) - 1)]  # no header, and names in front
    else:
        header, lines = [cell.lower() for cell in first], lines[1:]
    columns = {header.index(name): name for name in (*NAMES, *PEOPLE) if name in header}
    values, words = [], {name: [] for name in columns.values()}
    for number, cells in lines:
        if len(cells) != len(header):
            raise BadInput(f"line {number} has {len(cells)} cells, the first has {len(header)}", path)
        try:
            values.append([float(cell) for place, cell in enumerate(cells) if place not in columns])
        except ValueError as error:
            raise BadInput(f"line {number} is not all numbers ({error})", path) from error
        for place, name in columns.items():
            words[name].append(normalize("NFC", cells[place]))
    names, people = (next((words[name] for name in known if name in words), None) for known in (NAMES, PEOPLE))
    return Vectors(np.array(values, dtype=np.float64, ndmin=2), names, people)


def _parquet(path: Path, key: str | None) -> Vectors:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise NotAvailable("Parquet needs pyarrow", path, "pip install 'facerep[parquet]'") from error
    try:
        table = _bounded(parquet.ParquetFile(path), path)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        raise BadInput(f"not a whole Parquet file ({str(error).splitlines()[0]})", path) from error
    lists = [name for name in table.column_names if hasattr(table.schema.field(name).type, "value_type")]
    chosen = key or next((name for name in VECTORS if name in lists), lists[0] if len(lists) == 1 else None)
    if chosen is None:
        raise Usage(f"{path} has the columns {', '.join(table.column_names)}", hint="name the vectors with --key")
    if chosen not in lists:
        raise BadInput(f"no column {chosen!r} of lists of numbers", path, f"there are: {', '.join(lists) or 'none'}")
    column = table.column(chosen).combine_chunks()
    lengths = np.array([len(row) if row is not None else -1 for row in column.to_pylist()])
    values = column.flatten()
    if len(set(lengths)) != 1 or lengths[0] < 1 or values.null_count:
        raise BadInput(f"vectors of column {chosen!r} have different lengths or empty places", path)
    numbers = values.to_numpy(zero_copy_only=False)
    if numbers.dtype.kind not in "fiu":
        raise BadInput(f"column {chosen!r} holds {values.type}, numbers are wanted", path)
    names, people = (
        next((_strings(table, name) for name in known if name in table.column_names), None) for known in (NAMES, PEOPLE)
    )
    return Vectors(numbers.reshape(len(lengths), -1), names, people)


def _bounded(file: Any, path: Path) -> Any:
    """The table of a Parquet file, read row by row until it is more than a file of this size may become."""
    import pyarrow as arrow

    most, size, batches = most_swollen(path.stat().st_size), 0, []
    groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
    claimed = sum(group.total_byte_size for group in groups)
    if claimed > most:
        raise BadInput(f"Parquet file claims {claimed} bytes and holds {path.stat().st_size}", path)
    for batch in file.iter_batches(batch_size=BATCH):
        size += batch.nbytes
        if size > most:
            raise BadInput(f"Parquet file takes up more than {most} bytes and holds {path.stat().st_size}", path)
        batches.append(batch)
    return arrow.Table.from_batches(batches, file.schema_arrow)


def _hdf5(path: Path, key: str | None) -> Vectors:  # noqa: ARG001
    values, names, people = unchecked_rows(path)
    return Vectors(values, [normalize("NFC", name) for name in names], [normalize("NFC", name) for name in people])


def _strings(table: Any, name: str) -> list[str]:
    cells = table.column(name).to_pylist()
    return ["" if cell is None else normalize("NFC", str(cell)) for cell in cells]


def _labels(path: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Columns of a table in the order of the faces."""
    content = text.read_text(path)
    lines = list(text.rows(content, text.delimiter(content.split("\n", 1)[0]) or ",", path))
    header = lines[0][1] if lines else []
    key = next((name for name in NAMES if name in header), None)
    if key is None:
        raise BadInput(f"table has no column name, it has {', '.join(header) or 'nothing'}", path)
    place, rows = header.index(key), {}
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise BadInput(f"line {number} has {len(cells)} cells, the header has {len(header)}", path)
        rows[normalize("NFC", cells[place])] = cells
    absent = [name for name in names if name not in rows]
    if absent:
        raise BadInput(f"{len(absent)} of {len(names)} faces are not in the table (first: {absent[0]})", path)
    return {
        column: [normalize("NFC", rows[name][position]) for name in names]
        for position, column in enumerate(header)
        if column != key
    }


def _lines(path: Path) -> list[str]:
    content = text.read_text(path)
    return [normalize("NFC", line.strip()) for line in content.removesuffix("\n").split("\n")]


def _count(n: int, column: Sequence[str], what: str, path: Path, where: Path) -> None:
    if len(column) != n:
        raise BadInput(f"{len(column)} {what} for {n} vectors of {path}", where, "one line a vector is wanted")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
