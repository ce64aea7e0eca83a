"""The run folder: what `train` leaves behind, and what `--resume` finds.

recipe.toml           every value, defaults included
metrics.csv           one line an epoch
model.safetensors     the best weights so far, with their whole contract
checkpoints/last.ckpt the state after the last whole epoch
people.txt            the training people, in the order of the identification head
split.json            which people train and which validate
environment.json      versions, device, data set's fingerprint
held-out.json         accuracy beside the weights in the box; written last, by whoever judges the run
"""

from __future__ import annotations

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.files.atomic import write_json, write_text
from facerep.files.folders.result_folder import exchanging, settle
from facerep.files.inputs import own
from facerep.files.json_file import Count, Form, of_form, read_json
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.files.toml_file import read_toml
from facerep.readers.delimited import rows as rows_of
from facerep.training.run_files import is_begun, run_files

_SAME = "resume with the same options and data"


class _Schedule(Form):
    epochs: Count


class _Recipe(Form):
    schedule: _Schedule


class _Environment(Form):
    fingerprint: str


def default_folder(name: str) -> Path:
    """`runs/DATE-NAME`, with a number behind it where that is taken: a run folder is never used twice."""
    stem = f"{datetime.date.today():%Y-%m-%d}-{name}"
    place, number = Path("runs") / stem, 2
    while place.exists():
        place, number = Path("runs") / f"{stem}-{number}", number + 1
    return place


def count_epochs(folder: Path) -> int | None:
    """How many epochs a run was trained for; None where that is not known."""
    if not (folder / "metrics.csv").exists():
        return None
    return len(read_metrics(folder / "metrics.csv"))


def read_metrics(path: Path) -> list[dict[str, str]]:
    """The lines of a metrics.csv.

    Raises:
        BadInput: not a metrics.csv of ours.
    """
    header, *rows = [cells for _, cells in rows_of(read_text(path, MOST_SETTINGS), ",", path)] or [[]]
    whole = all(len(row) == len(header) and row[0].isascii() and row[0].isdecimal() for row in rows)
    if header[:1] != ["epoch"] or not whole or any(len(row[0]) > 9 for row in rows):
        raise BadInput("not a metrics.csv of facerep, or damaged", path, "remove it, or train again")
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_people(path: Path) -> list[str]:
    """The people of a people.txt; only a line feed ends a line, a label may hold what else Python takes for an end.

    Raises:
        BadInput: it cannot be read, or is no text.
    """
    return read_text(path).removesuffix("\n").split("\n")


def epochs_asked(folder: Path) -> int:
    """How many epochs a run's recipe asks for; patience may end it before."""
    place = folder / "recipe.toml"
    return of_form(read_toml(place, "recipe"), _Recipe, place, "train again")["schedule"]["epochs"]


def open_run(folder: Path, recipe_text: str, contents: dict[str, Any], *, resume: bool, overwrite: bool) -> Path | None:
    """Make the folder, or check that it is the run that is to be resumed.

    Args:
        folder: the run folder.
        recipe_text: recipe.toml's content.
        contents: of people.txt, split.json and environment.json, by file name.
        resume: go on where the run stopped; one that was stopped before it had a recipe is started.
        overwrite: remove the run that is there.

    Returns:
        The checkpoint to go on from, None to start.

    Raises:
        BadInput: the folder exists and neither was asked for; it holds what no run does, or what is read; or the run
            in it has another recipe, other people, or other faces of them.
    """
    settle(folder)
    place = folder / "recipe.toml"
    if resume and place.exists():
        return _go_on(folder, recipe_text, contents)
    if resume and is_begun(folder):
        own(folder)
        _require_same_people(folder, contents)
    differs = BadInput("recipe.toml differs from this run's", place, _SAME)
    begin(folder, {**contents, "recipe.toml": recipe_text}, differs, resume=resume, overwrite=overwrite)
    return None


def begin(folder: Path, contents: dict[str, Any], differs: BadInput, *, resume: bool, overwrite: bool) -> None:
    """Put the first files of a run into its folder, all or none.

    Args:
        folder: the run folder.
        contents: by file name: text, or what is written as JSON.
        differs: what is raised where a run is resumed that has other files than these.
        resume, overwrite: see open_run.
    """

    def old() -> list[str]:
        if not is_begun(folder):
            return []
        if not (resume or overwrite):
            raise BadInput("run folder exists", folder, "give --resume to go on, --overwrite to start again")
        files = run_files(folder)
        if resume and set(files) - set(contents):
            raise differs
        return files

    with exchanging(folder, old) as place:
        for name, content in contents.items():
            if isinstance(content, str):
                write_text(place / name, content)
            else:
                write_json(place / name, content)
    own(folder)


def _go_on(folder: Path, recipe_text: str, contents: dict[str, Any]) -> Path | None:
    place = folder / "recipe.toml"
    if read_toml(place, "recipe") != tomllib.loads(recipe_text):
        raise BadInput("recipe.toml differs from this run's", place, _SAME)
    _require_same_people(folder, contents)
    _require_same_faces(folder, contents)
    own(folder)
    checkpoint = folder / "checkpoints" / "last.ckpt"
    return checkpoint if checkpoint.exists() else None


def _require_same_people(folder: Path, contents: dict[str, Any]) -> None:
    """The head numbers people in this order; before a run has a recipe, its list of them may be missing."""
    place = folder / "people.txt"
    listed = read_text(place) if place.exists() else None
    if listed != contents["people.txt"] and not (listed is None and not (folder / "recipe.toml").exists()):
        raise BadInput("people.txt differs from this run's", place, _SAME)


def _require_same_faces(folder: Path, contents: dict[str, Any]) -> None:
    """Held-out accuracies before and after a stop must be of the same faces, or the best of them means nothing."""
    place = folder / "split.json"
    if place.exists() and read_json(place, Form, _SAME) != json.loads(json.dumps(contents["split.json"])):
        raise BadInput("people, labels or parts differ from this run's", place, _SAME)
    place = folder / "environment.json"
    if place.exists():
        before = read_json(place, _Environment, _SAME)["fingerprint"]
        if before != contents["environment.json"]["fingerprint"]:
            raise BadInput("faces differ from this run's", place, _SAME)


class Metrics:
    """metrics.csv: one line an epoch; lines after the epoch that a run goes on from are dropped."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path, self.columns = path, columns
        self.rows: list[dict[str, str]] = []

    def go_on_from(self, epoch: int) -> None:
        """Keep the lines of epochs before `epoch` that an earlier process wrote."""
        if self.path.exists():
            rows = [row for row in read_metrics(self.path) if int(row["epoch"]) < epoch]
            self.rows = [{name: row.get(name, "") for name in self.columns} for row in rows]

    def add(self, values: dict[str, float]) -> None:
        """Add a line and write the file whole."""
        self.rows.append({name: f"{values[name]:.6g}" if name in values else "" for name in self.columns})
        lines = [",".join(self.columns), *(",".join(row[name] for name in self.columns) for row in self.rows)]
        write_text(self.path, "\n".join(lines) + "\n", overwrite=True)
