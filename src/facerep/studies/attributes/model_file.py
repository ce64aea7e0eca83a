"""Attribute files: a linear answer for each attribute, in HDF5, with the features that it takes.

/names (k), /mean and /scale (d), /weights (k, d), /bias (k), /cost (k); the contract of the features is in the root
attributes. A face x has score weights . (x - mean) / scale + bias, and attribute k where score k is above 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput, Mismatch, Usage
from facerep.files.atomic import replacing
from facerep.files.contract import Contract, get_contract, put_contract
from facerep.files.hdf5 import reading, writing
from facerep.files.rows import Features
from facerep.files.streams import FeatureStream
from facerep.results.kinds import ATTRIBUTE_SCORES

FORMAT, VERSION = "facerep/attribute-model", 1
NAME = "attributes.h5"
_AT_ONCE = 4096
"""Faces that are scored at once."""
_ARRAYS = {"mean": 1, "scale": 1, "weights": 2, "bias": 1, "cost": 1}


@dataclass(frozen=True, kw_only=True)
class AttributeModel:
    """A linear answer for each attribute.

    Attributes:
        names: of the attributes, (k,).
        mean, scale: of the features of the training faces, (d,); float64.
        weights, bias: (k, d) and (k,).
        cost: the C of each attribute's SVM, (k,); 0 where it is no SVM.
        how: how the answers were learned, in words.
        contract: what the features are.
        path: the file it was read from.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    cost: np.ndarray
    how: str
    contract: Contract = field(default_factory=Contract)
    path: Path | None = None

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Scores of faces, float64 (n, k); above 0 is yes.

        Args:
            values: features, (n, d).
        """
        return ((values - self.mean) / self.scale) @ self.weights.T + self.bias


@dataclass(frozen=True)
class AttributeScores:
    """Scores of new faces: names of the faces (n,), of the attributes (k,), and scores (n, k); above 0 is yes."""

    KIND: ClassVar = ATTRIBUTE_SCORES
    JSON: ClassVar = ("model", "faces=by_face")

    faces: np.ndarray
    attributes: tuple[str, ...]
    scores: np.ndarray
    model: str
    warnings: tuple[str, ...] = ()

    @property
    def by_face(self) -> list[dict[str, Any]]:
        """The scores as JSON holds them."""
        return [
            {"face": str(face), "scores": dict(zip(self.attributes, scores, strict=True))}
            for face, scores in zip(self.faces, self.scores.tolist(), strict=True)
        ]


def predict(
    features: Features | FeatureStream, model: AttributeModel, asked: Sequence[str] | None = None
) -> AttributeScores:
    """Scores of the faces of a feature file, for all attributes or those that are asked for.

    Args:
        features: in memory; or on disk, of which a block is read at a time.
        model: what was fitted.
        asked: names of attributes; None: all.

    Raises:
        Usage: `asked` names none.
        Mismatch: the features are not of the kind that the model was fitted on.
        BadInput: no such attribute.
    """
    if asked is not None and not asked:
        raise Usage("--attributes names none", hint="name some with commas between, or leave it out for all")
    stream = features if isinstance(features, FeatureStream) else None
    held = features.head if isinstance(features, FeatureStream) else features
    where = str(model.path or "attribute model")
    if held.dimension != len(model.mean):
        sides = f"{where} takes {len(model.mean)}, {held.where} has {held.dimension}"
        raise Mismatch("length of the features differs", sides, "extract with the same network")
    ours, theirs = model.contract, held.contract
    replace(ours, crop=_geometry(ours.crop)).require(replace(theirs, crop=_geometry(theirs.crop)), where, held.where)
    warnings = []
    if ours.crop != theirs.crop:
        warnings.append(f"fitted on faces that came by {ours.crop}, these came by {theirs.crop}: answers may be worse")
    if unknown := [name for name in asked or () if name not in model.names]:
        raise BadInput(f"no attribute {unknown[0]!r}", where, f"there are: {', '.join(model.names)}")
    chosen = [model.names.index(name) for name in asked] if asked else list(range(len(model.names)))
    names = tuple(model.names[place] for place in chosen)
    faces = held.names if stream is None else stream.bare().names
    blocks: Iterable[tuple[int, np.ndarray]] = [(0, held.values)] if stream is None else stream.blocks()
    scores = np.empty((len(faces), len(chosen)))
    for start, block in blocks:
        for first in range(0, len(block), _AT_ONCE):
            some = block[first : first + _AT_ONCE]
            scores[start + first : start + first + len(some)] = model.scores(some)[:, chosen]
    return AttributeScores(faces, names, scores, where, tuple(warnings))


def _geometry(crop: str) -> str:
    """A crop's text without the preset: all presets lead to one geometry, `points@55x47/1` to `55x47/1`."""
    return re.sub(r"[a-z]+@", "", crop)


def write_model(model: AttributeModel, path: Path) -> None:
    """Write an attribute file, whole or absent."""
    with replacing(path) as temporary, writing.created(temporary) as file:
        writing.put_strings(file, "names", model.names)
        for name in _ARRAYS:
            writing.put_numbers(file, name, getattr(model, name), np.float64)
        file.attrs["how"] = model.how
        put_contract(file, model.contract)
        writing.seal(file, FORMAT, VERSION)


def read_model(path: Path) -> AttributeModel:
    """Read an attribute file, or the one in a folder that `attributes` wrote.

    Raises:
        BadInput: absent, another format, or arrays that do not fit each other.
    """
    path = path / NAME if path.is_dir() else path
    with reading.opened(path) as file:
        reading.check_format(file, FORMAT, VERSION)
        arrays = {name: reading.numbers(file, name, ndim=ndim) for name, ndim in _ARRAYS.items()}
        model = AttributeModel(
            names=tuple(reading.strings(file, "names")), how=reading.attribute(file, "how"), path=path,
            contract=get_contract(file), **arrays,
        )  # fmt: skip
    attributes, length = len(model.names), len(model.mean)
    wanted = {"mean": (length,), "scale": (length,), "weights": (attributes, length)}
    wanted |= {"bias": (attributes,), "cost": (attributes,)}
    for name, array in arrays.items():
        if array.shape != wanted[name] or not np.isfinite(array).all() or attributes == 0:
            raise BadInput(f"{name} of the attribute file is not finite or has shape {array.shape}", path)
    if (model.scale <= 0).any():
        raise BadInput("scale of the attribute file is not above 0", path)
    return model
