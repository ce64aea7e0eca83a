"""Load: a path becomes Faces by the reader that fits what lies there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from facerep.console import console, counted
from facerep.errors import BadInput, Usage
from facerep.faces.decode import is_picture
from facerep.faces.table import Faces, concatenate
from facerep.files.folders.feature_folder import is_feature_folder
from facerep.files.inputs import remember, remember_pictures
from facerep.files.picture_source import FileSpans
from facerep.files.unfinished import visible
from facerep.readers.sets.celeba import celeba, is_celeba
from facerep.readers.sets.folders import folders, inner, subfolders
from facerep.readers.sets.insightface_bin import insightface_bin
from facerep.readers.sets.insightface_rec import insightface_rec
from facerep.readers.sets.lfw import is_lfw, lfw
from facerep.readers.sets.multipie import is_multipie, multipie
from facerep.readers.sets.orl import demo, is_orl, orl
from facerep.readers.sets.rendered import is_rendered, rendered
from facerep.readers.shards.read import is_shards, is_tars, shards, tars
from facerep.readers.table import aligned, is_aligned, table

KINDS: dict[str, Callable[[Path], Faces]] = {
    "folders": folders,
    "lfw": lfw,
    "celeba": celeba,
    "orl": orl,
    "multipie": multipie,
    "rendered": rendered,
    "aligned": aligned,
    "shards": shards,
    "webdataset": tars,
    "table": table,
    "insightface-bin": insightface_bin,
    "insightface-rec": insightface_rec,
}
"""The readers by the kind of data set."""

_FILES = {
    ".csv": "table", ".tsv": "table", ".txt": "table", ".bin": "insightface-bin", ".rec": "insightface-rec",
    ".tar": "webdataset",
}  # fmt: skip
"""The kind of a data set that is one file, by its ending."""

_FOLDERS: dict[str, Callable[[Path], bool]] = {
    "rendered": is_rendered, "aligned": is_aligned, "celeba": is_celeba, "orl": is_orl, "multipie": is_multipie,
    "lfw": is_lfw, "shards": is_shards, "webdataset": is_tars,
}  # fmt: skip
"""How a folder of each kind is known, in the order in which they are asked; what is none of them is people's."""


def load(path: str | Path, *, kind: str | None = None) -> Faces:
    """The faces of a data set.

    Args:
        path: a folder (one folder a person, LFW, CelebA, ORL, Multi-PIE, a rendered set, aligned faces, shards), a
            table, a tar file in WebDataset's layout, an InsightFace .bin or .rec, or the word `orl` for the demo faces
            that come with the extra `demo`.
        kind: read it as this kind, whatever it looks like; None looks.

    Raises:
        BadInput: absent, empty, or nothing that a reader knows.
        NotAvailable: the demo faces are not installed.

    >>> load("orl").people_count
    40
    """
    place = Path(path)
    if kind is not None and kind not in KINDS:
        raise Usage(f"no kind of data set {kind!r}", hint="there are: " + ", ".join(KINDS))
    if not place.exists():
        if str(path) == "orl":
            return replace(demo(), root="orl")
        raise BadInput("no such data set", place, "name a folder of people, a table, or `orl`")
    chosen = kind or kind_of_data_set(place)
    if chosen != "webdataset" and (chosen in _FILES.values()) != place.is_file():
        wanted = "a folder is wanted" if place.is_file() else "a file is wanted"
        raise BadInput(f"cannot be read as {chosen}, {wanted}", place)
    if chosen == "folders" and (below := inner(place)) != place:
        console.warn(f"all pictures lie in one folder of {place}: taken as the data set is {below}")
        place, chosen = below, kind or kind_of_data_set(below)
    faces = KINDS[chosen](place)
    remember(place)
    remember_pictures(faces.paths)
    return faces


def load_all(paths: Sequence[str | Path]) -> Faces:
    """The faces of several data sets as one; names of people that stand in several are told.

    One label is one person over all sets. Labels that name their set, such as `celeba:12`, are not told: they are the
    same on purpose.

    Raises:
        BadInput: a data set, or a container of faces, is named twice.
        BadInput, NotAvailable: as `load`.
    """
    tables = [load(path) for path in paths]
    _refuse_twice(paths, tables)
    sets = Counter(person for table in tables for person in set(table.people) if person and ":" not in person)
    if both := sorted(person for person, count in sets.items() if count > 1):
        told = f"{counted(len(both), 'name')} of people, such as {both[0]}, in more than one data set"
        console.warn(f"{told}: taken as the same people; where they are not, rename the folders of one set")
    return concatenate(tables)


def _refuse_twice(paths: Sequence[str | Path], tables: Sequence[Faces]) -> None:
    """Faces that come twice would be taught twice, and be impostors or gallery of themselves."""
    seen: set[Path] = set()
    for path, faces in zip(paths, tables, strict=True):
        files = {place.file.resolve() for place in faces.paths if isinstance(place, FileSpans)} | {Path(path).resolve()}
        if twice := sorted(seen & files):
            raise BadInput("data set is named twice", path, f"{twice[0].name} is there already: name it once")
        seen |= files


def is_made_here(path: Path) -> bool:
    """Whether a path is no data set but what facerep makes of one: vectors or weights, or a run."""
    if path.is_dir():
        return is_feature_folder(path) or ((path / "recipe.toml").is_file() and (path / "environment.json").is_file())
    return path.suffix.lower() in (".h5", ".hdf5", ".safetensors")


def kind_of_data_set(path: Path) -> str:
    """The kind of the data set at `path`.

    Raises:
        BadInput: it is empty, or nothing that a reader knows.
    """
    if not path.is_dir():
        return _kind_of_file(path)
    try:
        if not visible(path.iterdir()):
            raise BadInput("folder is empty", path, "name a folder that holds one folder a person")
        containers = [entry.name for entry in visible(path.iterdir()) if entry.suffix.lower() in (".bin", ".rec")]
        if containers and not subfolders(path):
            raise BadInput("folder holds files of InsightFace", path, f"name one of them: {', '.join(containers[:9])}")
        for name, fits in _FOLDERS.items():
            if fits(path):
                return name
        return "folders"
    except OSError as error:
        raise BadInput(f"folder cannot be read ({error.strerror})", path) from error


def _kind_of_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FILES and is_picture(path):
        raise BadInput("one picture is not a data set", path, "name the folder that it lies in")
    if suffix not in _FILES:
        what = "not a data set that facerep knows"
        raise BadInput(what, path, "name a folder of people, a table (.csv, .tsv), a .tar, a .bin or a .rec")
    if path.stat().st_size == 0:
        raise BadInput(f"{'table' if _FILES[suffix] == 'table' else 'file'} is empty", path)
    return _FILES[suffix]
