"""Vectors made elsewhere: .npy, .npz, .csv, Parquet and HDF5 files of embeddings become Features.

What such a file does not say stays unknown. A column beside the units becomes a label, and never a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, NotAvailable, Usage, first_line
from facerep.files.contract import Contract
from facerep.files.features import unchecked_rows
from facerep.files.foreign.decompression import most_decompressed
from facerep.files.rows import Features
from facerep.files.text import read_text
from facerep.readers import delimited
from facerep.readers.table import column_of
from facerep.readers.vectors import numpy_files
from facerep.readers.vectors.vector_columns import counts_up, listed, vector_columns

NAMES, PEOPLE = ("name", "names", "path", "file"), ("person", "people", "identity")
BATCH = 1024
"""Rows of a Parquet file that are unpacked at a time: a dictionary makes many long texts of one."""
VECTORS = ("embedding", "embeddings", "feature", "features", "vector", "vectors")


@dataclass(frozen=True)
class Vectors:
    """What a file of vectors holds.

    Attributes:
        values: shape (n, d).
        names, people: where it has such columns.
        labels: its other columns.
        objects: columns of names or people that only unpickling could read.
    """

    values: np.ndarray
    names: list[str] | None = None
    people: list[str] | None = None
    labels: dict[str, list[str]] = field(default_factory=dict)
    objects: tuple[str, ...] = ()


def import_vectors(
    path: Path,
    *,
    names: Path | None = None,
    people: Path | None = None,
    labels: Path | None = None,
    network: str = "",
    key: str | None = None,
    units: str | None = None,
) -> Features:
    """Features from vectors of any network.

    Args:
        path: .npy, .npz, .csv, .parquet, or a feature file (.h5), of which vectors, names and people are taken.
        names: text, one face name a line, or .npy; left out, the names in the file itself.
        people: text, one person a line, an empty line where unknown, or .npy.
        labels: table with a column `name`; its other columns become labels, `person` the people.
        network: what scorers match; "" is unknown.
        key: the array of an .npz, or the column of a Parquet file.
        units: the columns of a table that are units, see `vector_columns`.

    Raises:
        BadInput: not numbers, object arrays, counts that differ, faces that the table lacks, no family of columns.
        Usage: no names, or several arrays and no key.
        NotAvailable: Parquet without pyarrow.
    """
    read = read_vectors(path, key, units)
    for given, called in ((names, NAMES), (people, PEOPLE)):
        if given is None and (objects := [name for name in read.objects if name.lower() in called]):
            raise numpy_files.of_objects(f"{path}:{objects[0]}", numpy_files.AS_TEXTS)
    name_column = _lines(names) if names else read.names
    if name_column is None:
        raise Usage(f"{path} has no names", hint="give --names FILE, one face name a line")
    if "" in name_column:
        raise BadInput(f"face {name_column.index('') + 1} has an empty name", names or path)
    n = len(read.values)
    if len(name_column) == read.values.shape[1] != n:
        what = f"{n} vectors of {len(name_column)} units and {len(name_column)} names: the array lies on its side"
        raise BadInput(what, path, "save one row for each face: np.save(path, array.T)")
    _count(n, name_column, "names", path, names or path)
    table = _labels(labels, name_column) if labels else {}
    given = next((table.pop(column) for column in PEOPLE if column in table), None)
    person_column = _lines(people) if people else given or read.people or [""] * n
    _count(n, person_column, "people", path, people or path)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is refused by name
        values = read.values.astype(np.float32)
    return Features(
        names=np.array(name_column, dtype=object),
        people=np.array(person_column, dtype=object),
        labels={column: column_of(cells) for column, cells in {**read.labels, **table}.items()},
        contract=Contract(network=network, dataset="import"),
        path=path,
        values=values,
    )


def read_vectors(path: Path, key: str | None = None, units: str | None = None) -> Vectors:
    """Read a file of vectors, by its extension; for `key` and `units` see `import_vectors`."""
    readers = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".parquet": _parquet, ".pq": _parquet, ".h5": _hdf5}
    kind = path.suffix.lower()
    if kind not in readers:
        raise Usage(f"{path} has no known extension", hint=f"there are: {', '.join(readers)}")
    if key is not None and kind in (".npy", ".csv", ".h5"):
        raise Usage(f"--key is for .npz and Parquet, not for {kind}")
    if units is not None and kind not in (".csv", ".parquet", ".pq"):
        raise Usage(f"--units is for .csv and Parquet, not for {kind}")
    if not path.is_file():
        raise BadInput("no such file", path)
    try:
        read = readers[kind](path, key, units)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror or error})", path) from error
    if read.values.ndim != 2 or 0 in read.values.shape:
        what = f"vectors have shape {read.values.shape}, not (faces, dimensions)"
        raise BadInput(what, path, "save one row for each face")
    return read


def _npy(path: Path, *_: str | None) -> Vectors:
    with path.open("rb") as stream:
        return Vectors(numpy_files.array(stream, path.stat().st_size, str(path)))


def _npz(path: Path, key: str | None, _units: str | None) -> Vectors:
    with numpy_files.opened(path) as archive:
        if key is None:
            matrices = [
                name for name, (shape, dtype) in archive.headers.items()
                if len(shape) == 2 and dtype.kind in numpy_files.NUMBERS
            ]  # fmt: skip
            objects = [name for name, (_, dtype) in archive.headers.items() if dtype.hasobject and not _is_known(name)]
            if objects and not matrices:
                raise numpy_files.of_objects(f"{path}:{objects[0]}", numpy_files.AS_NUMBERS)
            if len(matrices) != 1:
                raise Usage(f"{path} holds {listed(list(archive.headers))}", hint="name the vectors with --key")
            key = matrices[0]
        if key not in archive.headers:
            raise BadInput(f"no array {key!r}", path, f"there are: {listed(list(archive.headers))}")
        values = archive.numbers(key)
        readable = numpy_files.TEXTS + numpy_files.NUMBERS + "b"
        columns = {
            name: archive.words(name) for name, (shape, dtype) in archive.headers.items()
            if len(shape) == 1 and dtype.kind in readable and (_is_known(name) or shape[0] == len(values))
        }  # fmt: skip
        objects = tuple(name for name, (_, dtype) in archive.headers.items() if dtype.hasobject and _is_known(name))
    return replace(_with_labels(values, columns), objects=objects)


def _csv(path: Path, _key: str | None, units: str | None) -> Vectors:
    content = read_text(path)
    lines = list(delimited.rows(content, delimited.delimiter(content.split("\n", 1)[0]), path))
    if not lines:
        raise BadInput("file has no rows", path)
    first = lines[0][1]
    numeric = [_is_number(cell) for cell in first]
    if counts_up(first) or (not numeric[0] and counts_up(first[1:])):
        header, lines = first, lines[1:]  # as pandas numbers the columns of an array
    elif all(numeric):
        header = []
    elif not numeric[0] and len(first) > 1 and all(numeric[1:]) and not _is_known(first[0]):
        header = ["name"]  # no header, and names in front
    else:
        header, lines = first, lines[1:]
    if len(set(header)) != len(header):
        raise BadInput("columns of the same name", path, "give each column a name of its own")
    others = [place for place, name in enumerate(header) if _is_known(name)]
    if len(header) == len(first):
        possible = [place for place in range(len(header)) if place not in others]
        chosen = [possible[at] for at in vector_columns([header[place] for place in possible], units, path)]
        others = [place for place in range(len(header)) if place not in chosen]
    elif units is not None:
        raise Usage(f"--units names columns, and {path} has no header")
    else:
        chosen = [place for place in range(len(first)) if place not in others]
    values, words = [], {place: [] for place in others}
    for number, cells in lines:
        if len(cells) != len(first):
            raise BadInput(f"line {number} has {len(cells)} cells, the first has {len(first)}", path)
        try:
            values.append([float(cells[place]) for place in chosen])
        except ValueError as error:
            raise BadInput(f"line {number} is not all numbers ({error})", path) from error
        for place, column in words.items():
            column.append(normalize("NFC", cells[place]))
    columns = {header[place]: column for place, column in words.items()}
    return _with_labels(np.array(values, dtype=np.float64, ndmin=2), columns)


def _with_labels(values: np.ndarray, columns: dict[str, list[str]]) -> Vectors:
    """Names and people from the columns that are called so, and the others as labels, with a note."""
    by_word = {name.lower(): column for name, column in columns.items()}
    names, people = (next((by_word[name] for name in known if name in by_word), None) for known in (NAMES, PEOPLE))
    labels = {name: column for name, column in columns.items() if not _is_known(name) and not _is_index(name)}
    if left_out := [name for name in columns if _is_index(name)]:
        console.note(f"left out, an index of rows: column {listed(left_out)}")
    if labels:
        console.note(f"kept as labels, not as units: {listed(list(labels))}")
    return Vectors(values, names, people, labels)


def _is_known(column: str) -> bool:
    return column.lower() in (*NAMES, *PEOPLE)


def _is_index(column: str) -> bool:
    """True for what pandas calls the numbers of rows when it writes them beside the columns."""
    return column == "" or column.startswith(("Unnamed:", "__index_level_"))


def _parquet(path: Path, key: str | None, units: str | None) -> Vectors:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise NotAvailable("Parquet needs pyarrow", path, "pip install 'facerep[parquet]'") from error
    try:
        table = _bounded(parquet.ParquetFile(path), path)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        raise BadInput(f"not a whole Parquet file ({first_line(error)})", path) from error
    if len(set(table.column_names)) != len(table.column_names):
        raise BadInput("columns of the same name", path, "give each column a name of its own")
    lists = [name for name in table.column_names if hasattr(table.schema.field(name).type, "value_type")]
    chosen = key or next((name for name in VECTORS if name in lists), lists[0] if len(lists) == 1 else None)
    if chosen is not None and units is not None:
        raise Usage(f"--units names columns, the vectors of {path} are the lists in {chosen!r}", hint="leave one out")
    if chosen is None and not lists:
        return _wide(table, units, path)
    if chosen is None:
        raise Usage(f"{path} has several columns of lists: {listed(lists)}", hint="name the vectors with --key")
    if chosen not in lists:
        raise BadInput(f"no column {chosen!r} of lists of numbers", path, f"there are: {listed(lists)}")
    others = {name: _strings(table, name) for name in table.column_names if name not in lists}
    return _with_labels(_of_lists(table.column(chosen).combine_chunks(), chosen, path), others)


def _of_lists(column: Any, name: str, path: Path) -> np.ndarray:
    """Vectors from a column of lists; a fault names the row, counted from 1."""
    lengths = np.array([len(row) if row is not None else 0 for row in column.to_pylist()])
    if not len(lengths):
        raise BadInput("file has no rows", path)
    if 0 in lengths:
        raise BadInput(f"row {int(np.argmin(lengths)) + 1} of column {name!r} has no vector", path)
    if len(set(lengths)) > 1:
        other = int(np.argmax(lengths != lengths[0]))
        sides = f"{lengths[0]} numbers in row 1, {lengths[other]} in row {other + 1}"
        raise BadInput(f"vectors of column {name!r} have different lengths: {sides}", path)
    values = column.flatten()
    if values.null_count:
        row = int(np.argmax(values.is_null().to_numpy(zero_copy_only=False))) // lengths[0] + 1
        raise BadInput(f"row {row} of column {name!r} has an empty place", path)
    numbers = values.to_numpy(zero_copy_only=False)
    if numbers.dtype.kind not in numpy_files.NUMBERS:
        raise BadInput(f"column {name!r} holds {values.type}, numbers are wanted", path)
    return numbers.reshape(len(lengths), -1)


def _wide(table: Any, units: str | None, path: Path) -> Vectors:
    """Vectors from a column a unit."""
    possible = [name for name in table.column_names if not _is_known(name)]
    chosen = [possible[place] for place in vector_columns(possible, units, path)]
    values = np.empty((len(table), len(chosen)))
    for place, name in enumerate(chosen):
        column = table.column(name)
        if column.null_count:
            row = int(np.argmax(column.is_null().to_numpy())) + 1
            raise BadInput(f"row {row} of column {name!r} is empty", path)
        numbers = column.to_numpy()
        if numbers.dtype.kind not in numpy_files.NUMBERS:
            raise BadInput(f"column {name!r} holds {column.type}, numbers are wanted", path)
        values[:, place] = numbers
    others = {name: _strings(table, name) for name in table.column_names if name not in chosen}
    return _with_labels(values, others)


def _bounded(file: Any, path: Path) -> Any:
    """The table of a Parquet file, read row by row until it is more than a file of this size may become."""
    import pyarrow as arrow

    most, size, batches = most_decompressed(path.stat().st_size), 0, []
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


def _hdf5(path: Path, *_: str | None) -> Vectors:
    values, names, people = unchecked_rows(path)
    return Vectors(values, [normalize("NFC", name) for name in names], [normalize("NFC", name) for name in people])


def _strings(table: Any, name: str) -> list[str]:
    cells = table.column(name).to_pylist()
    return ["" if cell is None else normalize("NFC", str(cell)) for cell in cells]


def _labels(path: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Columns of a table in the order of the faces."""
    content = read_text(path)
    lines = list(delimited.rows(content, delimited.delimiter(content.split("\n", 1)[0]) or ",", path))
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
    if path.suffix.lower() == ".npy":
        try:
            with path.open("rb") as stream:
                return numpy_files.words(stream, path.stat().st_size, str(path))
        except OSError as error:
            raise BadInput(f"cannot be read ({error.strerror or error})", path) from error
    content = read_text(path)
    return [normalize("NFC", line.strip()) for line in content.removesuffix("\n").split("\n")]


def _count(n: int, column: Sequence[str], what: str, path: Path, where: Path) -> None:
    if len(column) != n:
        raise BadInput(f"{len(column)} {what} for {n} vectors of {path}", where, "write one line for each vector")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
