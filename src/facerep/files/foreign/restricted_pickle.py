"""Restricted pickles: plain values out of a pickle file, and nothing that could run.

A pickle is a program. It is read twice: `_check` walks its instructions without obeying them and refuses those that
plain values do not need, lengths beyond the file and places beyond the memory; only then the standard unpickler
obeys, and the few functions that arrays need are replaced by ours, which make no array and call nothing.
"""

from __future__ import annotations

import math
import mmap
import pickle
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput

MOST_STEPS = 10_000_000
"""Instructions of the longest pickle that is read: some 10 s of one core; a picture takes 2 of them, an array 20."""

_STEPS = """
    PROTO FRAME STOP MARK POP POP_MARK NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG1
    STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
    UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST LIST APPEND APPENDS
    PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL REDUCE BUILD
""".split()  # noqa: SIM905
"""What plain values and numpy arrays are written with; nothing here makes dictionaries, classes or instances."""

_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")


@dataclass(slots=True)
class Array:
    """A numpy array of booleans or whole numbers, as the pickle holds it.

    Attributes:
        shape: of the array.
        kind: its type, such as "u1" or "b1".
        data: its bytes, in C order.
    """

    shape: tuple[int, ...] = ()
    kind: str = ""
    data: bytes = b""

    def __setstate__(self, state: tuple) -> None:
        _version, shape, kind, fortran, data = state
        self._fill(shape, kind, data, fortran)

    def _fill(self, shape: tuple, kind: _Type, data: bytes, fortran: bool) -> None:
        if not isinstance(kind, _Type) or not isinstance(data, bytes):
            raise ValueError("an array is not of booleans or whole numbers")
        if not all(isinstance(length, int) and length >= 0 for length in shape):
            raise ValueError("the shape of an array is not one")
        if fortran and sum(length > 1 for length in shape) > 1:
            raise ValueError("an array is in Fortran's order")
        if math.prod(shape) * int(kind.name[1:]) != len(data):
            raise ValueError("an array is larger or smaller than its bytes")
        self.shape, self.kind, self.data = tuple(shape), kind.name, data

    def values(self) -> np.ndarray:
        """The array itself."""
        return np.frombuffer(self.data, dtype=self.kind).reshape(self.shape)


def read_plain(path: Path) -> Any:
    """The value in a pickle of bytes, text, whole numbers, booleans, None, lists, tuples and Arrays.

    Text of Python 2 comes as bytes; a numpy boolean or whole number comes as Python's.

    Raises:
        BadInput: absent, not a pickle, cut short, or asking for anything else.
    """
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) == 0:
                raise BadInput("file is empty", path)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check(content, path)
                content.seek(0)
                return _Plain(content, len(content), path).load()
    except OSError as error:
        raise BadInput(f"cannot read ({error.strerror})", path) from error
    except BadInput:
        raise
    except Exception as error:
        # a pickle that was made by hand makes the unpickler raise nearly anything
        raise BadInput(f"not a pickle of plain values ({_one_line(error)})", path) from error


def _check(content: mmap.mmap, path: Path) -> None:
    """Walk the instructions, obeying none."""
    walk = pickletools.genops(content)  # pyright: ignore[reportArgumentType]
    for steps, (step, argument, _) in enumerate(walk, start=1):
        if step.name not in _STEPS:
            raise BadInput(f"pickle holds more than plain values ({step.name}), refused", path)
        # the unpickler takes memory for all places up to the one that is named
        if step.name.endswith("PUT") and isinstance(argument, int) and argument > steps:
            raise BadInput("pickle names a place beyond its memory, refused", path)
        if steps > MOST_STEPS:
            raise BadInput(f"pickle has more than {MOST_STEPS:,} instructions, refused", path)


class _Type:
    """Stands for numpy.dtype, of booleans and whole numbers of one byte order."""

    def __init__(self, name: str | bytes, *_how: object) -> None:
        text = name.decode("ascii") if isinstance(name, bytes) else str(name)
        text = {"bool": "b1", "uint8": "u1"}.get(text, text).lstrip("|")
        if text[:1] not in "biu" or text[1:] not in ("1", "2", "4", "8") or (text[0] == "b" and text != "b1"):
            raise ValueError("an array is not of booleans or whole numbers")
        self.name = text

    def __setstate__(self, state: tuple) -> None:
        if state[1] not in ("|", "<", b"|", b"<"):
            raise ValueError("an array is of another byte order")


class _Plain(pickle.Unpickler):
    """An unpickler that finds nothing but our stand-ins."""

    def __init__(self, content: mmap.mmap, size: int, path: Path) -> None:
        super().__init__(content, encoding="bytes")  # pyright: ignore[reportArgumentType]
        self.left, self.path = size, path
        self.known: dict[tuple[str, str], Callable] = {
            ("_codecs", "encode"): self._encode,
            ("numpy", "ndarray"): _nothing,
            ("numpy", "dtype"): _Type,
            **{(module, "_reconstruct"): _reconstruct for module in _NUMPY},
            **{(module, "scalar"): _scalar for module in _NUMPY},
            **{(module, "_frombuffer"): self._frombuffer for module in _NUMERIC},
        }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.known:
            asked = _one_line(f"{module}.{name}")
            raise BadInput(f"pickle asks for {asked}, which may run code: refused", self.path)
        return self.known[module, name]

    def persistent_load(self, pid: Any) -> Any:  # noqa: ARG002
        raise BadInput("pickle holds more than plain values, refused", self.path)

    def _encode(self, text: str, encoding: str) -> bytes:
        """What Python 3 writes for bytes where Python 2 shall read them."""
        if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
            raise ValueError("text in another encoding than latin1")
        return self._paid(text.encode("latin1"))

    def _frombuffer(self, data: bytes | bytearray, kind: _Type, shape: tuple, order: str) -> Array:
        array = Array()
        array._fill(shape, kind, self._paid(bytes(data)), order != "C")
        return array

    def _paid(self, data: bytes) -> bytes:
        # one short text may be named a million times: what comes out may not be more than the file
        self.left -= len(data)
        if self.left < 0:
            raise BadInput("pickle swells to more than its file holds, refused", self.path)
        return data


def _nothing(*_arguments: object) -> None:
    raise ValueError("an array is made in an unknown way")


def _reconstruct(_class: object, _shape: object, _kind: object) -> Array:
    return Array()


def _scalar(kind: _Type, data: bytes) -> bool | int:
    array = Array()
    array._fill((), kind, data, False)
    return array.values().item()


def _one_line(error: object) -> str:
    text = " ".join(str(error).split())[:80] or type(error).__name__
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
