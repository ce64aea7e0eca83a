"""Embeddings of a network that is not ours: dlib's 128-d face recognition network, for `facerep import`.

    pip install facerep dlib-bin face_recognition_models
    python examples/dlib_embeddings.py lfw/ -o dlib.npy
    facerep import dlib.npy --names dlib.names.txt --people dlib.people.txt --network dlib-resnet-v1 -o dlib.h5

The two packages are imported here and nowhere else. DATASET is whatever `facerep data inspect` takes, with five points
a face; they give the box in which dlib's own shape predictor finds the points that its network was trained with.
Vectors are kept in blocks under dlib.npy.part/, so that the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput, FacerepError, NotAvailable
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.table import Faces
from facerep.files.atomic import refuse_existing, replacing, write_text
from facerep.progress import progress
from facerep.readers.load import load

DIMENSION = 128
BLOCK = 256
SIDE = 3.6
"""Side of dlib's box over the root mean square distance of the five points from their centre.

Median over 154 pictures of LFW and of the training faces in which dlib's own detector found the face.
"""


def main() -> None:
    """Write DATASET's vectors, names and people."""
    parser = argparse.ArgumentParser(description="dlib's 128-d vectors of a data set's faces, for `facerep import`.")
    parser.add_argument("dataset", help="a folder or table that `facerep data inspect` takes")
    parser.add_argument("-o", "--output", type=Path, default=Path("dlib.npy"), help="vectors; names and people beside")
    parser.add_argument("--split", help="only faces whose split column says so")
    parser.add_argument("--processes", type=int, default=1, help="one core each")
    parser.add_argument("--overwrite", action="store_true", help="replace an output that exists")
    given = parser.parse_args()
    try:
        refuse_existing(given.output, overwrite=given.overwrite)
        faces = load(given.dataset)
        _embed(faces.split(given.split) if given.split else faces, given.output, given.processes, given.overwrite)
    except FacerepError as error:
        sys.exit(f"error: {error}")


def _embed(faces: Faces, output: Path, processes: int, overwrite: bool) -> None:
    _models()
    folder = output.with_name(output.name + ".part")
    _begin(folder, faces)
    blocks = [np.arange(start, min(start + BLOCK, len(faces))) for start in range(0, len(faces), BLOCK)]
    left = [(rows, faces.paths[rows], faces.points[rows]) for rows in blocks if not _part(folder, rows).exists()]
    with progress("dlib", len(faces)) as advance:
        advance(len(faces) - sum(len(rows) for rows, _, _ in left))
        for count in _work(partial(_block, folder), left, processes):
            advance(count)
    values = np.concatenate([np.load(_part(folder, rows)) for rows in blocks])
    found = np.isfinite(values).all(axis=1)
    if not found.any():
        raise BadInput("no face gave a vector: pictures unreadable, or their five points unknown", output.name)
    for suffix, column in ((".names.txt", faces.names), (".people.txt", faces.people)):
        write_text(output.with_suffix(suffix), "".join(f"{cell}\n" for cell in column[found]), overwrite=True)
    with replacing(output, overwrite=overwrite) as temporary:
        np.save(temporary, values[found])
    shutil.rmtree(folder)
    print(f"vectors  {output}\nfaces    {found.sum():,}\nfailed   {len(faces) - found.sum():,}")
    for name in faces.names[~found]:
        print(f"no vector: {name}", file=sys.stderr)


def _begin(folder: Path, faces: Faces) -> None:
    """Start a folder of blocks, or go on with one of the same faces."""
    contract = folder / "faces.txt"
    if not contract.exists():
        write_text(contract, faces.fingerprint())
    elif contract.read_text(encoding="utf-8") != faces.fingerprint():
        raise BadInput("blocks of other faces stand there", folder, "remove the folder, or name another --output")


def _work(job: partial[int], left: list[tuple[Any, ...]], processes: int) -> Iterator[int]:
    if processes <= 1:
        yield from map(job, left)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(job, left)


def _block(folder: Path, task: tuple[np.ndarray, np.ndarray, np.ndarray]) -> int:
    """Write the vectors of one block, NaN where a face has none."""
    rows, paths, points = task
    with replacing(_part(folder, rows)) as temporary:
        np.save(temporary, np.stack([_vector(*face) for face in zip(paths, points, strict=True)]))
    return len(rows)


def _vector(path: Path, points: np.ndarray) -> np.ndarray:
    dlib, shape_of, network = _models()
    nothing = np.full(DIMENSION, np.nan, np.float32)
    if not np.isfinite(points).all():
        return nothing
    try:
        picture = decode(path)
    except UnreadablePicture:
        return nothing
    centre = points.mean(axis=0)
    half = SIDE / 2 * np.sqrt(((points - centre) ** 2).sum(axis=1).mean())
    box = dlib.rectangle(*(round(float(edge)) for edge in (*(centre - half), *(centre + half))))
    return np.array(network.compute_face_descriptor(picture, shape_of(picture, box)), np.float32)


@cache
def _models() -> tuple[Any, Any, Any]:
    """dlib, its shape predictor and its network; the package of weights is found and not imported."""
    place = importlib.util.find_spec("face_recognition_models")
    if place is None or importlib.util.find_spec("dlib") is None:
        raise NotAvailable("dlib or its weights are not installed", hint="pip install dlib-bin face_recognition_models")
    import dlib  # pyright: ignore[reportMissingImports]

    models = Path(next(iter(place.submodule_search_locations or []))) / "models"
    return (
        dlib,
        dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def _part(folder: Path, rows: np.ndarray) -> Path:
    return folder / f"{rows[0]:08d}.npy"


if __name__ == "__main__":
    main()
