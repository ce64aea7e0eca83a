"""The folder of a sparsified run: any run's files, and beside them the work that led there, so that it can be stopped.

sparsify.toml               every choice, and the weights that were started from; what `--resume` compares
dense.toml                  the recipe of the dense run at the beginning of the chain
steps/1-feature.safetensors what step 1 starts from: connections chosen, not yet trained again
steps/1-feature/            step 1 as a run; the last step moves up into the folder
steps/1-feature.json        what it came to; when it is there, the step is done
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from facerep.errors import BadInput
from facerep.files.atomic import write_json
from facerep.files.folders.result_folder import settle
from facerep.files.inputs import own
from facerep.files.json_file import Count, Form, of_form, read_json
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.files.toml_file import read_toml
from facerep.files.unfinished import clear
from facerep.results.to_json import to_json
from facerep.training.run_folder import begin, count_epochs, epochs_asked

# weights last: a folder that has them is a run
_FILES = (
    "checkpoints/last.ckpt", "recipe.toml", "people.txt", "split.json", "environment.json", "metrics.csv",
    "model.safetensors",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One layer that was made sparse.

    Attributes:
        layer: its name; "" where a structure was trained from scratch.
        kept, inputs: connections that a unit keeps, and those that it has in the dense network.
        before, after: mean absolute correlation of the kept connections, before and after training again.
    """

    layer: str
    kept: int
    inputs: int
    before: float
    after: float


class StepForm(Form):
    """A step as its JSON file holds it."""

    layer: str
    kept: Count
    inputs: Count
    before: float
    after: float


class ChainForm(Form):
    """What is read of sparsify.toml."""

    from_scratch: bool
    epochs_before: Count


@dataclass(frozen=True)
class Places:
    """Where a step is kept."""

    start: Path
    run: Path
    done: Path

    def read(self) -> Step | None:
        """What the step came to, None where it is not done."""
        if not self.done.exists():
            return None
        step = read_json(self.done, StepForm, "remove it: the step is then done again")
        return Step(**{name: step[name] for name in StepForm.model_fields})

    def write(self, step: Step) -> None:
        """Note that the step is done."""
        write_json(self.done, to_json(step), overwrite=True)


def places(folder: Path, label: str) -> Places:
    """Of the step `label` in the output folder."""
    steps = folder / "steps"
    return Places(steps / f"{label}.safetensors", steps / label, steps / f"{label}.json")


def recipe_of(source: Path) -> Path:
    """The recipe of a run.

    Raises:
        BadInput: not a run.
    """
    if not (source / "recipe.toml").is_file():
        raise BadInput("not a run: it has no recipe.toml", source, "name a folder that `facerep train` wrote")
    return source / "recipe.toml"


def dense_recipe(source: Path) -> Path:
    """The recipe of the dense run that `source` came from, which may be itself."""
    return source / "dense.toml" if (source / "dense.toml").is_file() else recipe_of(source)


def epochs_so_far(source: Path) -> int:
    """Epochs of the dense run and all training again that led to `source`."""
    place, own = source / "sparsify.toml", _epochs(source)
    if not place.is_file():
        return own
    chain = of_form(read_toml(place, "sparsify.toml"), ChainForm, place, "make the run again")
    if chain["from_scratch"]:
        return own
    # the last step is the run itself
    before = sum(_epochs(step) for step in (source / "steps").iterdir() if step.is_dir())
    return chain["epochs_before"] + before + own


def _epochs(run: Path) -> int:
    done = count_epochs(run)
    return epochs_asked(run) if done is None else done


def open_folder(folder: Path, source: Path, choices: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
    """Make the folder, or check that the work in it is the one to go on with.

    Args:
        folder: the sparsified run.
        source: the run that it comes from.
        choices: for sparsify.toml.
        resume: go on where it stopped.
        overwrite: remove what is there.

    Raises:
        BadInput: the folder exists and neither was asked for; it holds other work; or it holds `source`.
    """
    place, text = folder / "sparsify.toml", tomli_w.dumps(choices)
    differs = BadInput("sparsify.toml differs from this work", place, "resume with the same run and options")
    settle(folder)
    if resume and place.exists():
        if read_text(place, MOST_SETTINGS) != text:
            raise differs
        own(folder)
        return

    contents = {"dense.toml": read_text(dense_recipe(source), MOST_SETTINGS), "sparsify.toml": text}
    begin(folder, contents, differs, resume=resume, overwrite=overwrite)


def finish(folder: Path, last: Path) -> None:
    """Make the folder the run that its last step is: what is there of it moves up."""
    (folder / "checkpoints").mkdir(exist_ok=True)
    for name in _FILES:
        if (last / name).exists():
            (last / name).replace(folder / name)
        if (last / name).parent.is_dir():
            clear((last / name).parent, Path(name).name)
    for place in (last / "checkpoints", last):
        with suppress(OSError):
            place.rmdir()
