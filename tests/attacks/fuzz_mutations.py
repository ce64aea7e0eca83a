"""How the fuzzer spoils a file: blindly, or where it knows the format."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from fuzz_world import picture_of

ODD_TEXT = [
    "", " ", "\x1b[2J\x1b]0;t\x07", "a\nb", "[/b]", "[red]x", "\\[", "=1+1", "\u202eabc", "\x9b2J", "é李🙂", "\ufeff",
    "x" * 70_000, "../../etc/passwd", "/", ".", "..", "nan", "-inf", "1e999", "9" * 5000, "0x10", "1_000", "\u0661",
    "a,b", "a;b\tc", '"', "'", "--all", "\0", "True", "none", "COM1", "-",
]  # fmt: skip
"""What no one expects where a word, a name or a number stands."""

ODD_VALUES: list[Any] = [
    None, True, False, -1, 0, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, -0.5, 1.5, 7.5, 1e308, -1e308, 1e-320,
    float("nan"), float("inf"), float("-inf"), [], {}, [None], [[]], [{}], {"": None}, {"value": 2}, ["x"], [1, 2, 3],
    *ODD_TEXT[:14],
]  # fmt: skip
"""What no one expects where a value of JSON stands."""

Draw = np.random.Generator


def pick(draw: Draw, things: Any) -> Any:
    """One of them, as it is."""
    return things[int(draw.integers(len(things)))]


def spoil(path: Path, draw: Draw) -> str:
    """Change a file, or one file of a folder, in place; gives what was done to it."""
    if path.is_dir():
        files = sorted(place for place in path.rglob("*") if place.is_file() and not place.is_symlink())
        if not files or draw.random() < 0.05:
            return _replaced(path, draw)
        path = pick(draw, files)
    if draw.random() < 0.07:
        return _replaced(path, draw)
    knowing = BY_ENDING.get(path.suffix.lower())
    if knowing is not None and draw.random() < 0.75:
        try:
            return f"{path.name}: {knowing(path, draw)}"
        except Exception as error:  # what was spoiled twice may be anything
            return f"{path.name}: {_bytes(path, draw)} (not {knowing.__name__}: {type(error).__name__})"
    return f"{path.name}: {_bytes(path, draw)}"


def _replaced(path: Path, draw: Draw) -> str:
    """Something of another kind in its place."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    how = pick(draw, ["absent", "folder", "null", "loop", "dangling", "pickle", "zip", "empty", "png", "hdf5", "text"])
    match how:
        case "folder":
            (path / "inner").mkdir(parents=True)
        case "null":
            path.symlink_to("/dev/null")
        case "loop":
            path.symlink_to(path.name)
        case "dangling":
            path.symlink_to("nowhere")
        case "pickle":
            path.write_bytes(pickle.dumps({"a": np.arange(3), "b": [object]}))
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.npy", b"no array")
        case "empty":
            path.write_bytes(b"")
        case "png":
            path.write_bytes(picture_of("PNG", draw))
        case "hdf5":
            with h5py.File(path, "w") as file:
                file["x"] = 1
        case "text":
            path.write_text(pick(draw, ODD_TEXT), encoding="utf-8")
    return f"{path.name} is {how}"


def _bytes(path: Path, draw: Draw) -> str:
    data = bytearray(path.read_bytes())
    if not data:
        path.write_bytes(draw.bytes(int(draw.integers(1, 99))))
        return "bytes in an empty file"
    how = pick(draw, ["flip", "flip", "zero", "cut", "cut", "random", "insert", "twice", "head", "latin"])
    at = int(draw.integers(len(data)))
    if draw.random() < 0.4:
        at = int(draw.integers(min(len(data), 600)))
    count = int(pick(draw, [1, 2, 4, 8, 64]))
    match how:
        case "flip":
            for _ in range(int(draw.integers(1, 9))):
                place = int(draw.integers(len(data))) if draw.random() < 0.5 else min(at, len(data) - 1)
                data[place] ^= 1 << int(draw.integers(8))
                at = place
        case "zero":
            data[at : at + count] = bytes(len(data[at : at + count]))
        case "cut":
            del data[at:]
        case "random":
            data[at : at + count] = draw.bytes(len(data[at : at + count]))
        case "insert":
            data[at:at] = draw.bytes(count)
        case "twice":
            data += data[at:]
        case "head":
            del data[:count]
        case "latin":
            data[at:at] = b"\xe9\xff"
    path.write_bytes(bytes(data))
    return f"{how} at {at}"


def _text(path: Path, draw: Draw) -> str:
    lines = path.read_text(encoding="utf-8").split("\n")
    how = pick(draw, ["cell", "cell", "cell", "cell", "line", "twice", "swap", "column", "bom", "ends", "none", "long"])
    row = int(draw.integers(len(lines)))
    if draw.random() < 0.3:
        row = 0
    match how:
        case "cell":
            cells = re.split(r"([,\t=])", lines[row])
            place = int(draw.integers(len(cells)))
            cells[place] = pick(draw, ODD_TEXT)
            lines[row] = "".join(cells)
        case "line":
            lines[row] = pick(draw, ODD_TEXT)
        case "twice":
            lines.insert(row, lines[row])
        case "swap":
            lines[0], lines[row] = lines[row], lines[0]
        case "column":
            lines = [",".join(line.split(",")[:1] + line.split(",")) for line in lines]
        case "bom":
            lines[0] = "\ufeff" + lines[0]
        case "ends":
            lines = [line + "\r" for line in lines]
        case "none":
            del lines[1 + row % 3 :]
        case "long":
            lines[row] = lines[row] + "," + ",".join("x" for _ in range(3000))
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return f"{how} of line {row}: {lines[min(row, len(lines) - 1)][:60]!r}"


def _change(told: Any, draw: Draw) -> tuple[Any, str]:
    """JSON with one place changed."""
    if not isinstance(told, dict | list) or not told or draw.random() < 0.02:
        odd = pick(draw, ODD_VALUES)
        return odd, f"= {str(odd)[:40]!r}"
    keys = list(told) if isinstance(told, dict) else list(range(len(told)))
    key = pick(draw, keys)
    here = draw.random()
    if here < 0.12:
        told.pop(key)
        return told, f"without {key}"
    if here < 0.4 and isinstance(told[key], dict | list):
        told[key] = pick(draw, ODD_VALUES)
        return told, f"{key} = {str(told[key])[:40]!r}"
    told[key], how = _change(told[key], draw)
    return told, f"{key}.{how}"


def _json(path: Path, draw: Draw) -> str:
    text = path.read_text(encoding="utf-8")
    if draw.random() < 0.06:
        path.write_text(
            pick(draw, ["[" * 100_000, '{"a":' * 5000, "9" * 5000, "NaN", '"\\ud800"', text * 2, "{}", "[]"])
        )
        return "odd JSON"
    told, how = json.loads(text), []
    for _ in range(int(pick(draw, [1, 1, 1, 2, 4]))):
        told, what = _change(told, draw)
        how.append(what)
    path.write_text(_dumps(told), encoding="utf-8")
    return "; ".join(how)


def _dumps(told: Any) -> str:
    import sys

    sys.set_int_max_str_digits(0)
    try:
        return json.dumps(told).replace(str(10**400), "9" * 5000)
    finally:
        sys.set_int_max_str_digits(4300)


def _hdf5(path: Path, draw: Draw) -> str:
    with h5py.File(path, "r+") as file:
        found: list[str] = []
        file.visit(found.append)
        if draw.random() < 0.4:
            holder = file if draw.random() < 0.8 or not found else file[pick(draw, found)]
            names = list(holder.attrs) or ["format"]
            name = pick(draw, names)
            if draw.random() < 0.15:
                holder.attrs.pop(name, None)
                return f"attribute {name} gone"
            text = holder.attrs.get(name)
            if isinstance(text, str) and text[:1] in ("{", "[") and draw.random() < 0.6:
                told, how = _change(json.loads(text), draw)
                holder.attrs[name] = _dumps(told)
                return f"attribute {name}: {how}"
            odd = pick(draw, [
                0, -1, 2**62, 1.5, float("nan"), np.arange(3), np.bytes_(b"\xff\xfe"), "", "x" * 60_000, "[/b]",
                "\x1b[2J", "{}", "[]", "null", "[1]", "9" * 5000, True, np.float32("inf"), h5py.Empty("f"), "1e400",
            ])  # fmt: skip
            holder.attrs[name] = odd
            return f"attribute {name} = {str(odd)[:30]!r}"
        name = pick(draw, found)
        old = file[name]
        how = pick(draw, ["gone", "group", "type", "shape", "value", "value", "names", "more", "empty", "scalar"])
        if isinstance(old, h5py.Group) and how not in ("gone", "more"):
            how = "scalar"
        shape = old.shape if isinstance(old, h5py.Dataset) else ()
        if how == "more":
            file[f"{name}_{pick(draw, ['a', 'é', '[/b]'])}"] = np.arange(3)
            return f"beside {name}"
        text = isinstance(old, h5py.Dataset) and old.dtype.kind == "O"
        values = old[()] if isinstance(old, h5py.Dataset) else None
        del file[name]
        match how:
            case "group":
                file.create_group(name)
            case "type":
                kind = pick(draw, ["f2", "f8", "i8", "u1", "S3", "c8", "?"])
                file.create_dataset(name, shape, kind)
            case "shape":
                other = pick(draw, [(0,), (1,), (3,), (0, 4), (5, 5), (2, 2, 2), (*shape, 1), shape[1:]])
                file[name] = np.zeros(other, np.float32)
            case "value" | "names":
                if text:
                    words = [word.decode("utf-8", "replace") for word in np.ravel(values)]
                    for _ in range(int(draw.integers(1, 4))):
                        if words:
                            words[int(draw.integers(len(words)))] = pick(draw, ODD_TEXT).replace("\0", "")
                    data = np.array(words, dtype=object).reshape(shape)
                    if draw.random() < 0.2:
                        file[name] = np.array([b"\xff\xfe\xfd"] * max(1, len(words)), dtype=h5py.string_dtype("ascii"))
                    else:
                        file.create_dataset(name, data=data, dtype=h5py.string_dtype())
                else:
                    values = np.array(values)
                    odd = pick(draw, [0, 1, -1, np.nan, np.inf, -np.inf, 1e38, -1e38, 1e-45, 255, 2**31])
                    with np.errstate(all="ignore"):
                        odd = np.array(odd).astype(values.dtype) if values.dtype.kind in "fiu" else values.flat[0]
                    flat = values.reshape(-1)
                    if flat.size:
                        flat[slice(None) if draw.random() < 0.3 else int(draw.integers(flat.size))] = odd
                    file[name] = flat.reshape(shape)
            case "empty":
                file.create_dataset(name, data=h5py.Empty("f"))
            case "scalar":
                file[name] = pick(draw, [0, "x", 1.5])
        return f"{name}: {how}"


def _safetensors(path: Path, draw: Draw) -> str:
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    head, rest = json.loads(data[8 : 8 + size]), data[8 + size :]
    if draw.random() < 0.7:
        contract = json.loads(head["__metadata__"]["contract"])
        contract, how = _change(contract, draw)
        head["__metadata__"]["contract"] = _dumps(contract)
    else:
        head, how = _change(head, draw)
    told = _dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(told)) + told + rest)
    return how


def _checkpoint(path: Path, draw: Draw) -> str:
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    if draw.random() < 0.2:
        odd = pick(draw, [{}, [], 3, None, "x", {"state_dict": 3}, {"state_dict": {}}, {"epoch": None}])
        torch.save(odd, path)
        return f"holds {odd!r}"
    _, how = _change(state, draw)
    torch.save(state, path)
    return how


def _array(path: Path, draw: Draw) -> str:
    kinds = ["f4", "f8", "f2", "i8", "u1", "?", "c8", "U4", "S4", "O", "M8[s]", "f4,i4"]
    how = pick(draw, ["header", "header", "kind", "shape", "value"])
    if path.suffix == ".npz":
        if how in ("header", "value"):
            with zipfile.ZipFile(path, "w") as archive:
                for name in pick(
                    draw, [("a.npy",), ("a.npy", "a.npy"), ("../a.npy",), ("a.txt",), ("[/b].npy", "b.npy")]
                ):
                    archive.writestr(name, _npy(pick(draw, kinds[:-4]), pick(draw, SHAPES), draw))
            return f"npz with {how}"
        np.savez(path, **{pick(draw, ["a", "vectors", "é"]): np.zeros(pick(draw, SHAPES), pick(draw, kinds[:9]))})
        return "npz of another kind"
    if how == "value":
        values = np.load(path)
        values.flat[int(draw.integers(values.size))] = pick(draw, [np.nan, np.inf, 1e38, 0])
        np.save(path, values)
        return "value"
    kind = pick(draw, kinds)
    path.write_bytes(_npy(kind, pick(draw, SHAPES), draw, honest=how != "header"))
    return f"npy of {kind}, {how}"


SHAPES = [(), (0,), (32,), (32, 0), (0, 6), (32, 6), (6, 32), (32, 2, 3), (1, 1), (31, 6)]


def _npy(kind: str, shape: tuple[int, ...], draw: Draw, *, honest: bool = True) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(shape, np.dtype(kind)), allow_pickle=True)
    data = stream.getvalue()
    if honest:
        return data
    claims = [
        "(-1, 6)",
        "(10000000000, 6)",
        "(2, 3",
        "[32, 6]",
        "(32.5, 6)",
        "(True, 6)",
        "('a',)",
        "(32, 6, )",
        "None",
    ]
    kind = pick(draw, ["'<f4'", "'>f4'", "'|O'", "[('a', '<f4')]", "'zz'", "4", "'<f4', 'descr': 3", "None"])
    order, claimed = pick(draw, ["False", "True", "1", "'x'"]), pick(draw, [str(shape), *claims])
    told = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {claimed}, }}"
    head = told.encode() + b" " * (117 - len(told)) + b"\n" if len(told) < 117 else told.encode() + b"\n"
    return b"\x93NUMPY" + bytes([int(draw.choice([1, 2, 3, 9])), 0]) + struct.pack("<H", len(head)) + head + bytes(768)


def _parquet(path: Path, draw: Draw) -> str:
    import pyarrow as pa
    import pyarrow.parquet

    n = 32
    names = pa.array([f"a{row}" for row in range(n)])
    vectors = pa.array([[float(row), 1.0] for row in range(n)])
    odd = {
        "null name": ([pa.array([None] + ["b"] * (n - 1)), vectors], ["name", "embedding"]),
        "uneven": ([names, pa.array([[1.0] * (1 + row % 2) for row in range(n)])], ["name", "embedding"]),
        "null vector": ([names, pa.array([None] + [[1.0, 2.0]] * (n - 1))], ["name", "embedding"]),
        "null inside": ([names, pa.array([[None, 1.0]] * n)], ["name", "embedding"]),
        "twice": ([vectors, vectors, names], ["embedding", "embedding", "name"]),
        "names twice": ([names, names, vectors], ["name", "name", "embedding"]),
        "text": ([names, pa.array([["a", "b"]] * n)], ["name", "embedding"]),
        "nested": ([names, pa.array([[[1.0]]] * n)], ["name", "embedding"]),
        "scalars": ([names, pa.array([1.0] * n)], ["name", "embedding"]),
        "struct": ([names, pa.array([{"a": 1.0}] * n)], ["name", "embedding"]),
        "no rows": ([pa.array([], pa.string()), pa.array([], pa.list_(pa.float32()))], ["name", "embedding"]),
        "no names": ([vectors], ["embedding"]),
        "numbers": ([pa.array(range(n)), vectors], ["name", "embedding"]),
        "dictionary": ([names.dictionary_encode(), vectors], ["name", "embedding"]),
        "binary": ([pa.array([b"\xff"] * n), vectors], ["name", "embedding"]),
        "times": ([pa.array([0] * n, pa.timestamp("s")), vectors], ["name", "embedding"]),
        "empty vectors": ([names, pa.array([[]] * n, pa.list_(pa.float32()))], ["name", "embedding"]),
        "markup": ([names, vectors], ["[/b]", "\x1b[2J"]),
    }  # fmt: skip
    how = pick(draw, sorted(odd))
    columns, header = odd[how]
    pyarrow.parquet.write_table(pa.Table.from_arrays(columns, header), path)
    return how


def _picture(path: Path, draw: Draw) -> str:
    form = pick(draw, ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM"])
    path.write_bytes(picture_of(form, draw))
    return f"odd {form}"


def _pickled(path: Path, draw: Draw) -> str:
    pictures, same = pickle.loads(path.read_bytes())
    short = same[:-1]
    odd = [
        None, [], (), 3, "x", b"", {}, (pictures, same, 3), (same, pictures), (pictures, short), (pictures[:-1], same),
        ([None] * 4, same[:2]), (pictures, [3] * len(same)), (pictures, "x"), ([[]] * 4, [True, False]), (pictures, []),
        ([np.zeros((2, 2), object)] * 2, [True]), ([np.zeros((0,), np.uint8)] * 2, [False]),
    ]  # fmt: skip
    how = int(draw.integers(len(odd)))
    path.write_bytes(pickle.dumps(odd[how], protocol=int(draw.integers(6))))
    return f"pickle {how}"


BY_ENDING: dict[str, Callable[[Path, Draw], str]] = {
    ".json": _json, ".h5": _hdf5, ".safetensors": _safetensors, ".ckpt": _checkpoint, ".npy": _array, ".npz": _array,
    ".parquet": _parquet, ".png": _picture, ".bin": _pickled, ".csv": _text, ".txt": _text, ".toml": _text,
    ".idx": _text,
}  # fmt: skip


def odd_name(draw: Draw) -> str:
    """A path that is no path of anything good."""
    return pick(draw, [
        "", " ", "nothing.h5", "no\nfolder/x", "\x1b[2J", os.fsdecode(b"\xff\xfe.csv"), "x" * 300, "a/" * 2000, "[/b]",
        ".", "..", "names.txt/inner", "null", "loop", "é李.h5", "-", "-x", "~", "$HOME", "a:b", "http://x/y",
    ])  # fmt: skip
