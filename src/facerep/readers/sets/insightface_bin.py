"""InsightFace .bin: a pickle of pictures and answers, (pictures, same); pair i is pictures 2i and 2i + 1.

Pictures are encoded files as bytes, as Latin-1 text or as uint8 arrays; no names, no people. A face is called after
the first pair that it stands in, `00017b`; equal bytes are one face.
Source: deepinsight/insightface, recognition/arcface_torch/eval/verification.py (layout only).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.table import Faces, make_faces
from facerep.files.foreign.restricted_pickle import Array, read_plain
from facerep.files.pairs import PairList

FOLDS = 10
"""The protocols that are spread as .bin have ten folds of equal length, in the order of the list."""


def insightface_bin(path: Path) -> Faces:
    """Faces of a .bin file, with its pairs as the protocol that is called after the file.

    Raises:
        BadInput: absent, not such a pickle, two pictures a pair are not there, or an element is not a picture.
    """
    stored = read_plain(path)
    if not isinstance(stored, tuple | list) or len(stored) != 2:
        raise BadInput("pickle is not a pair of pictures and answers", path)
    same = _answers(stored[1], path)
    if not isinstance(stored[0], tuple | list):
        raise BadInput("pickle's first part is not a list of pictures", path)
    if len(stored[0]) != 2 * len(same) or not len(same):
        what = f"{counted(len(stored[0]), 'picture')} for {counted(len(same), 'pair')}, each pair needs two"
        raise BadInput(what, path)

    digits = len(str(len(same)))
    texts: dict[str, bytes] = {}
    row_of: dict[bytes, int] = {}
    names: list[str] = []
    rows = np.empty(len(stored[0]), np.int64)
    for place, element in enumerate(stored[0]):
        picture = _bytes(element, texts)
        if picture is None:
            raise BadInput(f"element {place} of the pictures is not the bytes of a picture", path)
        rows[place] = row_of.setdefault(picture, len(names))
        if rows[place] == len(names):
            names.append(f"{place // 2 + 1:0{digits}}{'ab'[place % 2]}")

    called = np.array(names, dtype=object)
    fold, notes = _folds(same)
    pairs = PairList(name=path.stem, left=called[rows[0::2]], right=called[rows[1::2]], same=same, fold=fold)
    if len(names) < len(rows):
        notes.append(f"{len(rows):,} pictures are {len(names):,} faces: equal bytes are one face")
    return make_faces(
        "insightface-bin", names, [""] * len(names), list(row_of), root=path,
        protocols={pairs.name: pairs}, notes=notes,
    )  # fmt: skip


def _answers(answers: Any, path: Path) -> np.ndarray:
    """Which pairs are genuine, bool (p,)."""
    if isinstance(answers, Array) and len(answers.shape) == 1:
        answers = answers.values().tolist()
    if not isinstance(answers, tuple | list) or not all(
        isinstance(answer, int) and answer in (0, 1) for answer in answers
    ):
        raise BadInput("pickle's second part is not a list of answers, true or false", path)
    return np.array(answers, dtype=bool)


def _bytes(element: Any, texts: dict[str, bytes]) -> bytes | None:
    """The bytes of one picture, None where it is none."""
    if isinstance(element, Array) and element.kind == "u1" and len(element.data) == max((1, *element.shape)):
        return element.data
    if isinstance(element, str):
        # Python 2's bytes, read by Python 3 as Latin-1 and written again
        if element not in texts:
            try:
                texts[element] = element.encode("latin1")
            except UnicodeEncodeError:
                return None
        return texts[element]
    return element if isinstance(element, bytes) else None


def _folds(same: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The fold of each pair: ten of equal length where both kinds are in each, else one."""
    fold = np.zeros(len(same), np.int64)
    for number, part in enumerate(np.array_split(np.arange(len(same)), FOLDS)):
        if not 0 < same[part].sum() < len(part):
            return np.zeros(len(same), np.int64), ["a tenth of the list holds pairs of one kind only: no folds"]
        fold[part] = number
    return fold, []
