"""Vectors made elsewhere become features; what cannot be believed is refused, and nothing is unpickled."""

from __future__ import annotations

import os
import struct
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.files.contract import Contract
from facerep.files.features import read_features, write_features
from facerep.files.rows import Features
from facerep.readers.vectors.import_vectors import import_vectors, read_vectors

NAMES = ["ana/1.jpg", "ana/2.jpg", "Zoë/1.jpg"]
VALUES = np.array([[1.0, -2.5, 0.0], [0.1, 1e-7, 3.0], [4.0, 5.0, 6.0]])


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    return path


def bring(path: Path, names: Path | None = None, **options) -> Features:
    return import_vectors(path, names=names, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_any_number_type(tmp_path: Path, names: Path, dtype: str, order: str) -> None:
    values = np.asarray(VALUES, dtype=dtype, order=order)
    np.save(tmp_path / "v.npy", values)
    features = bring(tmp_path / "v.npy", names)
    assert features.values.dtype == np.float32
    assert (features.values == values.astype(np.float32)).all()
    assert features.names.tolist() == NAMES
    assert features.people.tolist() == ["", "", ""]
    assert features.contract.network == ""


def test_npz_takes_the_only_matrix_or_the_one_that_is_named(tmp_path: Path, names: Path) -> None:
    np.savez_compressed(tmp_path / "one.npz", vectors=VALUES, ages=np.arange(3))
    assert bring(tmp_path / "one.npz", names).dimension == 3
    np.savez(tmp_path / "two.npz", a=VALUES, b=VALUES[:, :2])
    with pytest.raises(Usage, match="a, b.*--key"):
        bring(tmp_path / "two.npz", names)
    assert bring(tmp_path / "two.npz", names, key="b").dimension == 2
    with pytest.raises(BadInput, match="no array 'c'"):
        bring(tmp_path / "two.npz", names, key="c")


@pytest.mark.parametrize(
    "text",
    [
        "1,-2.5,0\n0.1,1e-7,3\n4,5,6\n",
        "x1,x2,x3\n1,-2.5,0\n0.1,1e-7,3\n4,5,6\n",
        "name;person;f0;f1;f2\nana/1.jpg;ana;1;-2.5;0\nana/2.jpg;ana;0.1;1e-7;3\nZoë/1.jpg;Zoë;4;5;6\n",
        "ana/1.jpg,1,-2.5,0\nana/2.jpg,0.1,1e-7,3\nZoë/1.jpg,4,5,6",
        "\ufeff1\t-2.5\t0\r\n0.1\t1e-7\t3\r\n\r\n4\t5\t6\r\n",
    ],
)
def test_csv_with_and_without_header_and_names(tmp_path: Path, names: Path, text: str) -> None:
    (tmp_path / "v.csv").write_text(text, encoding="utf-8", newline="")
    features = bring(tmp_path / "v.csv", None if "ana" in text else names)
    assert (features.values == VALUES.astype(np.float32)).all()
    assert features.names.tolist() == NAMES
    assert (features.people[2] == "Zoë") == ("person" in text)


def test_parquet_of_lists_with_names_and_people(tmp_path: Path, names: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    lists = arrow.array(VALUES.tolist())
    parquet.write_table(
        arrow.table({"name": NAMES, "identity": ["ana", "ana", None], "embedding": lists}), tmp_path / "v.parquet"
    )
    features = bring(tmp_path / "v.parquet")
    assert (features.values == VALUES.astype(np.float32)).all()
    assert features.people.tolist() == ["ana", "ana", ""]
    fixed = arrow.FixedSizeListArray.from_arrays(arrow.array(VALUES.ravel()), 3)
    parquet.write_table(arrow.table({"x": fixed}), tmp_path / "f.parquet")
    assert (bring(tmp_path / "f.parquet", names).values == VALUES.astype(np.float32)).all()
    parquet.write_table(arrow.table({"x": arrow.array([[1.0], [1.0, 2.0], [3.0]])}), tmp_path / "r.parquet")
    with pytest.raises(BadInput, match="different lengths"):
        bring(tmp_path / "r.parquet", names)
    parquet.write_table(arrow.table({"x": arrow.array([], arrow.list_(arrow.float32()))}), tmp_path / "e.parquet")
    with pytest.raises(BadInput, match=r"file has no rows: .*e\.parquet"):
        bring(tmp_path / "e.parquet", names)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BadInput, match="not a whole Parquet file"):
        bring(tmp_path / "b.parquet", names)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "v.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NotAvailable, match=r"pip install 'facerep\[parquet\]'"):
        read_vectors(tmp_path / "v.parquet")


class Bomb:
    """Unpickling this makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("save", [np.save, lambda path, array: np.savez(path, v=array)])
def test_object_arrays_are_refused_and_never_unpickled(tmp_path: Path, names: Path, save) -> None:
    array = np.empty(3, dtype=object)
    array[:] = [Bomb(tmp_path / "boom")] * 3
    path = tmp_path / ("v.npy" if save is np.save else "v.npz")
    save(path, array)
    with pytest.raises(BadInput, match="unpickling"):
        bring(path, names, key=None if path.suffix == ".npy" else "v")
    assert not (tmp_path / "boom").exists()


def claiming(shape: tuple[int, ...], held: bytes = b"\0" * 64) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + held


def test_shapes_larger_than_the_file_are_refused_before_memory_is_taken(tmp_path: Path, names: Path) -> None:
    (tmp_path / "v.npy").write_bytes(claiming((10**9, 10**6)))
    with pytest.raises(BadInput, match="claims 4000000000000000 bytes and holds 64"):
        bring(tmp_path / "v.npy", names)
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("v.npy", claiming((10**9, 10**6)))
    with pytest.raises(BadInput, match="claims"):
        bring(tmp_path / "v.npz", names)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("v.npy", b"", "not a whole numpy array"),
        ("v.npy", b"\x93NUMPY\x01\x00", "not a whole numpy array"),
        ("v.npz", b"PK no", "not a whole .npz"),
        ("v.csv", b"", "no rows"),
        ("v.csv", b"1,2\n3\n", "line 2 has 1 cells, the first has 2"),
        ("v.csv", b"1,2\n3,x\n", "line 2 is not all numbers"),
        ("v.csv", b"\xff\xfe1,2", "not UTF-8"),
    ],
)
def test_broken_files_say_what_is_broken(tmp_path: Path, names: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=said):
        bring(tmp_path / name, names)


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((3, 0)), np.zeros((3, 2, 2)), np.zeros((3, 2), complex)])
def test_other_shapes_and_types_are_refused(tmp_path: Path, names: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "v.npy", array)
    with pytest.raises(BadInput, match="one row for each face|wanted"):
        bring(tmp_path / "v.npy", names)


def test_counts_that_differ_show_both(tmp_path: Path, names: Path) -> None:
    np.save(tmp_path / "v.npy", VALUES[:2, :2])
    with pytest.raises(BadInput, match=r"3 names for 2 vectors of .*v\.npy.*names\.txt"):
        bring(tmp_path / "v.npy", names)
    np.save(tmp_path / "v.npy", VALUES)
    (tmp_path / "people.txt").write_text("ana\nana\n")
    with pytest.raises(BadInput, match="2 people for 3 vectors"):
        bring(tmp_path / "v.npy", names, people=tmp_path / "people.txt")
    with pytest.raises(Usage, match="--names"):
        bring(tmp_path / "v.npy")


def test_people_may_be_unknown_and_names_may_not(tmp_path: Path, names: Path) -> None:
    np.save(tmp_path / "v.npy", VALUES)
    (tmp_path / "people.txt").write_text("ana\n\nZoë\n", encoding="utf-8")
    features = bring(tmp_path / "v.npy", names, people=tmp_path / "people.txt")
    assert features.people.tolist() == ["ana", "", "Zoë"]
    names.write_text("a\n\nb\n")
    with pytest.raises(BadInput, match="face 2 has an empty name"):
        bring(tmp_path / "v.npy", names)


def test_labels_follow_the_names_whatever_the_order_of_the_table(tmp_path: Path, names: Path) -> None:
    np.save(tmp_path / "v.npy", VALUES)
    table = tmp_path / "labels.csv"
    table.write_text(
        "name,person,smile,group\nZoë/1.jpg,Zoë,1,b\nana/2.jpg,ana,-1,a\nana/1.jpg,ana,0,a\n", encoding="utf-8"
    )
    features = bring(tmp_path / "v.npy", names, labels=table)
    assert features.people.tolist() == ["ana", "ana", "Zoë"]
    assert features.labels["smile"].tolist() == [0, -1, 1]
    assert features.labels["group"].tolist() == ["a", "a", "b"]
    assert set(features.labels) == {"smile", "group"}
    table.write_text("name,group\nana/1.jpg,a\n")
    with pytest.raises(BadInput, match=r"2 of 3 faces are not in the table \(first: ana/2.jpg\)"):
        bring(tmp_path / "v.npy", names, labels=table)


def test_values_that_are_no_numbers_name_the_face(tmp_path: Path, names: Path) -> None:
    for bad in (np.nan, np.inf, 1e300):
        values = VALUES.copy()
        values[1, 2] = bad
        np.save(tmp_path / "v.npy", values)
        with pytest.raises(BadInput, match="'ana/2.jpg' are not finite"):
            write_features(bring(tmp_path / "v.npy", names), tmp_path / "f.h5")
    assert not (tmp_path / "f.h5").exists()


def test_what_was_imported_is_read_again(tmp_path: Path, names: Path) -> None:
    np.save(tmp_path / "v.npy", VALUES)
    write_features(bring(tmp_path / "v.npy", names, network="arcface-r50"), tmp_path / "f.h5")
    features = read_features(tmp_path / "f.h5")
    assert (features.contract.network, features.contract.layer, features.contract.dataset) == (
        "arcface-r50",
        "",
        "import",
    )


def test_whole_numbers_as_names_of_columns_are_a_header_where_the_first_is_called_name(tmp_path: Path) -> None:
    lines = ["name,0,1,2", *(f"{name},{','.join(map(str, row))}" for name, row in zip(NAMES, VALUES, strict=True))]
    (tmp_path / "v.csv").write_text("\n".join(lines), encoding="utf-8")
    features = bring(tmp_path / "v.csv")
    assert features.names.tolist() == NAMES
    assert (features.values == VALUES.astype(np.float32)).all()


def test_a_bit_that_flipped_in_a_compressed_file_is_no_bug_of_ours(tmp_path: Path, names: Path) -> None:
    np.savez_compressed(tmp_path / "v.npz", vectors=np.arange(3000.0).reshape(3, 1000))
    whole = bytearray((tmp_path / "v.npz").read_bytes())
    for place in range(200, 400):
        whole[place] ^= 0xFF
    (tmp_path / "v.npz").write_bytes(whole)
    with pytest.raises(BadInput, match="not a whole .npz file"):
        bring(tmp_path / "v.npz", names)


def test_vectors_of_an_hdf5_file_that_was_changed_since_are_those_of_others(tmp_path: Path) -> None:
    faces = np.array(["a", "b", "c"], dtype=object)
    contract = Contract(network="net", layer="fc")
    made = Features(names=faces, people=faces, values=np.ones((3, 2), np.float32), contract=contract)
    write_features(made, tmp_path / "f.h5")
    with h5py.File(tmp_path / "f.h5", "r+") as file:
        file["features"][1, 1] = 7
    with pytest.raises(BadInput, match="not those that were written"):
        read_features(tmp_path / "f.h5")
    taken = import_vectors(tmp_path / "f.h5")
    assert taken.values.tolist() == [[1, 1], [1, 7], [1, 1]]
    assert (taken.names.tolist(), taken.people.tolist()) == (["a", "b", "c"], ["a", "b", "c"])
    assert taken.contract == Contract(dataset="import")


def test_an_array_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facerep.files.foreign.decompression.FREE", 1 << 21)
    with (
        zipfile.ZipFile(tmp_path / "v.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("v.npy", "w") as member,
    ):
        member.write(claiming((1 << 18, 3), bytes(3 << 20)))
    with pytest.raises(BadInput, match="array 'v' claims 3145"):
        read_vectors(tmp_path / "v.npz")


def test_a_parquet_file_of_many_texts_that_are_one_long_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("facerep.files.foreign.decompression.FREE", 1 << 20)
    rows = 500
    table = arrow.table({
        "name": arrow.DictionaryArray.from_arrays(arrow.array(np.zeros(rows, np.int32)), ["x" * 10_000]),
        "embedding": [[1.0, 2.0]] * rows,
    })  # fmt: skip
    parquet.write_table(table.cast(arrow.schema({"name": arrow.string(), "embedding": arrow.list_(arrow.float64())})),
                        tmp_path / "v.parquet")  # fmt: skip
    assert (tmp_path / "v.parquet").stat().st_size < 40_000
    with pytest.raises(BadInput, match="Parquet file takes up more than"):
        read_vectors(tmp_path / "v.parquet")


def table(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n", encoding="utf-8")
    return path


UNITS = [f"e{number}" for number in range(3)]


@pytest.mark.parametrize("other", ["label", "id", "score", "x"])
def test_a_number_beside_the_units_is_a_label_and_never_a_unit(tmp_path: Path, capsys, other: str) -> None:
    rows = [[name, 1000 + n, *row] for n, (name, row) in enumerate(zip(NAMES, VALUES.tolist(), strict=True))]
    features = bring(table(tmp_path / "v.csv", ["name", other, *UNITS], rows))
    assert (features.values == VALUES.astype(np.float32)).all()
    assert [int(cell) for cell in features.labels[other]] == [1000, 1001, 1002]
    assert capsys.readouterr().err == f"kept as labels, not as units: {other}\n"


@pytest.mark.parametrize("index", ["", "Unnamed: 0"])
@pytest.mark.parametrize("named", [True, False])
def test_the_index_that_pandas_writes_is_left_out(tmp_path: Path, names: Path, capsys, index: str, named: bool) -> None:
    rows = [[n, *[name][:named], *row] for n, (name, row) in enumerate(zip(NAMES, VALUES.tolist(), strict=True))]
    features = bring(
        table(tmp_path / "v.csv", [index, *["name"][:named], "0", "1", "2"], rows), None if named else names
    )
    assert features.names.tolist() == NAMES
    assert (features.values == VALUES.astype(np.float32)).all()
    assert features.labels == {}
    assert "left out, an index of rows: column" in capsys.readouterr().err


def test_a_header_of_whole_numbers_alone_is_no_face(tmp_path: Path, names: Path) -> None:
    features = bring(table(tmp_path / "v.csv", ["0", "1", "2"], VALUES.tolist()), names)
    assert (features.values == VALUES.astype(np.float32)).all()


def test_units_stand_in_the_order_of_their_numbers_or_as_they_are_named(tmp_path: Path) -> None:
    rows = [[name, *row[::-1]] for name, row in zip(NAMES, VALUES.tolist(), strict=True)]
    path = table(tmp_path / "v.csv", ["name", *UNITS[::-1]], rows)
    assert (bring(path).values == VALUES.astype(np.float32)).all()
    assert (bring(path, units="e2,e0").values == VALUES[:, [2, 0]].astype(np.float32)).all()
    assert (bring(path, units="e0..e1").values == VALUES[:, :2].astype(np.float32)).all()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["a", "b", "c"], "no columns are numbered through, such as f0, f1, f2; there are a, b, c.*--units"),
        (["x1", "x2", "e0", "e1", "e2"], r"several families of numbered columns: e0\.\.e2, x1\.\.x2.*--units e0\.\.e2"),
        (["e0", "e1", "e3"], r"numbered columns e0\.\.e3 lack e2.*--units e0\.\.e3"),
        (["e5", "e6", "e7"], r"numbered columns e5\.\.e7 lack e1"),
        (["e0", "e1", "e1"], "columns of the same name"),
        ([f"word{chr(97 + n)}" for n in range(20)], "worda, wordb, .*wordh, and 12 more"),
    ],
)
def test_columns_that_leave_a_doubt_are_refused_with_what_to_type(
    tmp_path: Path, columns: list[str], said: str
) -> None:
    path = table(tmp_path / "v.csv", ["name", *columns], [[NAMES[0], *range(len(columns))]])
    with pytest.raises(BadInput, match=said):
        bring(path)


def test_units_that_are_not_there_and_files_without_columns_are_usage_errors(tmp_path: Path, names: Path) -> None:
    path = table(tmp_path / "v.csv", ["name", *UNITS], [[NAMES[0], 1, 2, 3]])
    for units in ("f0", "f0..f2", "e0..f2", "e7..e9", ""):
        with pytest.raises(Usage, match=r"no column .* it has e0, e1, e2"):
            bring(path, units=units)
    np.save(tmp_path / "v.npy", VALUES)
    with pytest.raises(Usage, match="--units is for .csv and Parquet"):
        bring(tmp_path / "v.npy", names, units="e0")
    (tmp_path / "plain.csv").write_text("1,2.5\n")
    with pytest.raises(Usage, match="has no header"):
        bring(tmp_path / "plain.csv", names, units="e0")


def test_a_wide_parquet_is_read_as_a_table_is_and_a_fault_names_its_row(tmp_path: Path, names: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    wide = {unit: VALUES[:, place] for place, unit in enumerate(UNITS)}
    parquet.write_table(arrow.table({"name": NAMES, "score": [0.5, 0.25, 1.0], **wide}), tmp_path / "w.parquet")
    features = bring(tmp_path / "w.parquet")
    assert (features.values == VALUES.astype(np.float32)).all()
    assert features.labels["score"].tolist() == [0.5, 0.25, 1.0]
    assert bring(tmp_path / "w.parquet", units="e1").dimension == 1
    faults = {
        "row 2 of column 'e1' is empty": {**wide, "e1": [1.0, None, 2.0]},
        "column 'e1' holds string": {**wide, "e1": ["a", "b", "c"]},
        "3 numbers in row 1, 2 in row 2": {"x": [[1.0, 2, 3], [1.0, 2], [1.0, 2, 3]]},
        "row 3 of column 'x' has no vector": {"x": [[1.0, 2], [1.0, 2], None]},
        "row 2 of column 'x' has an empty place": {"x": [[1.0, 2], [None, 2], [1.0, 2]]},
    }
    for said, columns in faults.items():
        parquet.write_table(arrow.table(columns), tmp_path / "f.parquet")
        with pytest.raises(BadInput, match=said):
            bring(tmp_path / "f.parquet", names)


@pytest.mark.parametrize("dtype", [str, "S"])
def test_names_and_people_lie_in_the_npz_or_in_npy_files_of_their_own(tmp_path: Path, capsys, dtype) -> None:
    texts = np.array([name.replace("ë", "e") for name in NAMES], dtype=dtype)
    np.savez(tmp_path / "v.npz", embeddings=VALUES, names=texts, people=np.array([7, 7, 8]), ages=np.arange(3.0))
    features = bring(tmp_path / "v.npz")
    assert features.names.tolist() == [*NAMES[:2], "Zoe/1.jpg"]
    assert features.people.tolist() == ["7", "7", "8"]
    assert [float(cell) for cell in features.labels["ages"]] == [0, 1, 2]
    assert capsys.readouterr().err == "kept as labels, not as units: ages\n"
    np.save(tmp_path / "v.npy", VALUES)
    np.save(tmp_path / "n.npy", texts)
    assert bring(tmp_path / "v.npy", tmp_path / "n.npy").names.tolist() == features.names.tolist()


def test_names_that_are_objects_are_refused_as_such_and_only_where_they_are_needed(tmp_path: Path, names: Path) -> None:
    objects = np.array(NAMES, dtype=object)
    np.savez(tmp_path / "v.npz", embeddings=VALUES, names=objects)
    with pytest.raises(
        BadInput, match=r"Python objects.*v\.npz:names; save it as text: np\.array\(list\(names\), dtype=str"
    ):
        bring(tmp_path / "v.npz")
    assert bring(tmp_path / "v.npz", names).names.tolist() == NAMES
    np.save(tmp_path / "v.npy", VALUES)
    np.save(tmp_path / "n.npy", objects)
    with pytest.raises(BadInput, match=r"Python objects.*n\.npy; save it as text"):
        bring(tmp_path / "v.npy", tmp_path / "n.npy")


def test_an_array_on_its_side_is_refused_with_how_to_turn_it(tmp_path: Path, names: Path) -> None:
    np.save(tmp_path / "v.npy", np.zeros((512, 3)))
    with pytest.raises(BadInput, match=r"512 vectors of 3 units and 3 names: the array lies on its side.*array\.T"):
        bring(tmp_path / "v.npy", names)
