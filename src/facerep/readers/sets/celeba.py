"""CelebA: pictures in one folder, and its text lists of people, attributes, partition, points and boxes.

Lists may have a header or none, any line ends, blanks or commas between; those that are absent are done
without. People are labelled `celeba:NUMBER` in every table. `split` is ours, by a hash of the person alone (see
hash_splits.py), whatever lies beside the folder; CelebA's partition stands in `partition`.
Source: Liu, Luo, Wang, Tang, ICCV 2015; the files' own README.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from facerep.errors import BadInput
from facerep.faces.decode import SUFFIXES, UnreadablePicture, decode_size
from facerep.faces.table import Faces, make_faces
from facerep.files.text import read_text
from facerep.files.unfinished import visible
from facerep.readers import delimited, hash_splits
from facerep.readers.sets.folders import Walk, subfolders, walk

ATTRIBUTES = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips",
    "Big_Nose", "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby",
    "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male",
    "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin",
    "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks", "Sideburns", "Smiling", "Straight_Hair",
    "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace",
    "Wearing_Necktie", "Young",
)  # fmt: skip
"""The 40 attributes in CelebA's order."""

_LISTS = {
    "people": "identity_celeba", "attributes": "list_attr_celeba", "partition": "list_eval_partition",
    "aligned": "list_landmarks_align_celeba", "wild": "list_landmarks_celeba", "boxes": "list_bbox_celeba",
}  # fmt: skip
_PARTITION = {"0": hash_splits.TRAIN, "1": hash_splits.VALIDATION, "2": hash_splits.TEST}


@dataclass(frozen=True)
class _List:
    """One list: the names of its columns ([] without a header), and the cells of each picture by its stem."""

    path: Path
    header: list[str]
    rows: dict[str, tuple[int, list[str]]]


def is_celeba(root: Path) -> bool:
    """True where a folder of CelebA's pictures lies beside one of its lists."""
    return _pictures_folder(root) is not None and bool(_find_lists(root))


def celeba(root: Path) -> Faces:
    """Faces of a CelebA folder: the pictures that are on disk, with what the lists say of them.

    Raises:
        BadInput: no pictures; a malformed line of a list, with its number.
    """
    folder = _pictures_folder(root)
    walked = walk(folder, depth=0) if folder else Walk()
    if folder is None or not walked.pictures:
        raise BadInput("not a CelebA folder: no pictures in img_align_celeba or img_celeba", root)
    prefix = folder.relative_to(root).as_posix()
    keys = [PurePosixPath(name).stem for name, _ in walked.pictures]
    paths = [path for _, path in walked.pictures]
    lists = {name: _read(path) for name, path in _find_lists(root).items()}
    aligned = "align" in prefix.lower()

    numbers = [_cell(lists["people"], key) for key in keys] if "people" in lists else [""] * len(keys)
    people = [f"celeba:{number}" if number else "" for number in numbers]
    notes = _absent(lists, keys)
    labels: dict[str, np.ndarray] = {"split": hash_splits.settle(people)}
    if "partition" in lists:
        labels["partition"] = _partition(lists["partition"], keys)
    if "attributes" in lists:
        labels |= _attributes(lists["attributes"], keys)
    points_list = lists.get("aligned" if aligned else "wild")
    points = _numbers(points_list, keys, 10) if points_list else None
    if points is not None and not _fits(points, paths[0]):
        points = None
        notes.append(f"{points_list.path.name if points_list else ''} is for pictures of another size: points not used")
    boxes = None
    if "boxes" in lists and not aligned:
        boxes = _numbers(lists["boxes"], keys, 4)
        boxes[:, 2:] += boxes[:, :2]
    return make_faces(
        "celeba", [f"{prefix}/{name}" for name, _ in walked.pictures], people, paths, root=root,
        points=None if points is None else points.reshape(-1, 5, 2), boxes=boxes, labels=labels,
        failures=[(f"{prefix}/{name}", reason) for name, reason in walked.failures], notes=notes,
    )  # fmt: skip


def _pictures_folder(root: Path) -> Path | None:
    for name in ("img_align_celeba", "img_align_celeba_png", "img_celeba"):
        for folder in (root / name / name, root / name, root / "Img" / name):
            if folder.is_dir() and folder.resolve().is_relative_to(root.resolve()) and walk(folder, depth=0).pictures:
                return folder
    return None


def _find_lists(root: Path) -> dict[str, Path]:
    folders = [root, *(root / name for name in subfolders(root) if name.lower() in ("anno", "eval", "annotations"))]
    files = {
        path.stem.lower(): path
        for folder in folders
        for path in visible(folder.iterdir())
        if path.suffix.lower() in (".txt", ".csv")
    }
    return {name: files[stem] for name, stem in _LISTS.items() if stem in files}


def _read(path: Path) -> _List:
    content = read_text(path)
    mark = "," if "," in content[:2000] else ""
    header: list[str] = []
    rows: dict[str, tuple[int, list[str]]] = {}
    width = None
    for line, cells in delimited.rows(content, mark, path):
        name = PurePosixPath(cells[0])
        if name.suffix.lower() not in SUFFIXES:
            if rows or line > 2:
                raise BadInput(f"line {line} does not begin with a picture's name: {cells[0][:40]!r}", path)
            if not (len(cells) == 1 and cells[0].isdecimal()):
                header = [cell for cell in cells if cell.lower() not in ("image_id", "filename")]
            continue
        width = width or len(cells)
        if len(cells) != width:
            raise BadInput(f"line {line} has {len(cells)} columns, those before have {width}", path)
        rows[name.stem] = (line, cells[1:])
    return _List(path, header, rows)


def _cell(listed: _List, key: str) -> str:
    line, cells = listed.rows.get(key, (0, [""]))
    if len(cells) != 1 or (line and not cells[0].isdecimal()):
        raise BadInput(f"line {line} is not a picture and a whole number", listed.path)
    return str(int(cells[0])) if cells[0] else ""


def _partition(listed: _List, keys: Sequence[str]) -> np.ndarray:
    parts = [_cell(listed, key) for key in keys]
    if unknown := set(parts) - {"", *_PARTITION}:
        raise BadInput(f"partition {sorted(unknown)[0]} is none of 0, 1, 2", listed.path)
    return np.array([_PARTITION.get(part, "") for part in parts], dtype=object)


def _attributes(listed: _List, keys: Sequence[str]) -> dict[str, np.ndarray]:
    columns = listed.header or list(ATTRIBUTES)
    values = np.zeros((len(keys), len(columns)), np.int8)
    for row, key in enumerate(keys):
        line, cells = listed.rows.get(key, (0, ["0"] * len(columns)))
        if len(cells) != len(columns) or not set(cells) <= {"-1", "0", "1", "+1"}:
            raise BadInput(f"line {line} does not hold {len(columns)} attributes of -1 or 1", listed.path)
        values[row] = [int(cell) for cell in cells]
    return {name: values[:, column].copy() for column, name in enumerate(columns)}


def _numbers(listed: _List, keys: Sequence[str], count: int) -> np.ndarray:
    values = np.full((len(keys), count), np.nan, np.float32)
    for row, key in enumerate(keys):
        if key not in listed.rows:
            continue
        line, cells = listed.rows[key]
        try:
            values[row] = [float(cell) for cell in cells]
        except ValueError as error:
            raise BadInput(f"line {line} does not hold {count} numbers", listed.path) from error
    return values


def _fits(points: np.ndarray, picture: Path) -> bool:
    """False for points of full-size pictures beside half-size ones, and the other way round."""
    try:
        width, _ = decode_size(picture)
    except UnreadablePicture:
        return True
    middle = np.nanmedian(points[:, 0::2]) if np.isfinite(points).any() else width / 2
    return bool(0.35 * width < middle < 0.65 * width) or picture.parent.name == "img_celeba"


def _absent(lists: dict[str, _List], keys: Sequence[str]) -> list[str]:
    notes = [
        f"no {stem} list" for name, stem in _LISTS.items() if name in ("people", "attributes") and name not in lists
    ]
    there = set(keys)
    for listed in lists.values():
        if missing := len(listed.rows.keys() - there):
            notes.append(f"{listed.path.name}: {missing} listed pictures are not on disk")
        if unlisted := len(there - listed.rows.keys()):
            notes.append(f"{listed.path.name}: {unlisted} pictures are not listed")
    return notes
