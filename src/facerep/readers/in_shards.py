"""In shards: any data set as shards that are worked on one by one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facerep.errors import refuse_meaningless
from facerep.faces.table import Faces
from facerep.readers.load import load_all
from facerep.readers.photographs import photographs_of_people
from facerep.readers.shards.pieces import ROWS, Shard, are_tars, row_shards, tar_shards


def in_shards(
    datasets: Sequence[str | Path],
    *,
    rows: int | None = None,
    photographs: bool = False,
    split: str | None = None,
    where: Sequence[str] = (),
) -> tuple[Shard, ...]:
    """The shards of data sets: tar files as they are, one a shard, read by who works on them; else rows of the table.

    Args:
        datasets: tar files and folders of them; or whatever `load` takes.
        rows: of a shard, where the table is split; None is ROWS.
        photographs: the pictures are photographs, see photographs_of_people.
        split, where: which faces of a table; of tar files who reads them chooses, see Shard.faces.

    Raises:
        BadInput: absent, or nothing that a reader knows; a tar file stands twice; no such face.
        Usage: `rows` of tar files.
    """
    if are_tars(datasets):
        refuse_meaningless({"--rows": rows}, "for tar files: one file is one shard")
        return tar_shards(datasets)
    return row_shards(chosen_faces(datasets, photographs=photographs, split=split, where=where), rows or ROWS)


def come_in_shards(datasets: Sequence[str | Path]) -> bool:
    """Whether data sets are tar files, folders of them, or InsightFace's .rec: made for many faces in few files."""
    return are_tars(datasets) or (bool(datasets) and all(Path(path).suffix.lower() == ".rec" for path in datasets))


def chosen_faces(
    datasets: Sequence[str | Path], *, photographs: bool = False, split: str | None = None, where: Sequence[str] = ()
) -> Faces:
    """The faces of data sets that are asked for, as one table.

    Args:
        datasets: whatever `load` takes.
        photographs: the pictures are photographs, see photographs_of_people.
        split, where: which faces, see Faces.split and Faces.where.

    Raises:
        BadInput: absent, or nothing that a reader knows; no such face.
    """
    faces = photographs_of_people(datasets) if photographs else load_all(datasets)
    if split:
        faces = faces.split(split)
    for condition in where:
        faces = faces.where(condition)
    return faces
