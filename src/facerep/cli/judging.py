"""What commands that judge faces have in common: which file, by which metric, at which rates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from facerep.cli.options import numbers

Metric = Literal["cosine", "euclidean", "joint-bayesian", "hamming"]
"""How two vectors are compared."""


MetricOfPairs = Annotated[
    Metric | None,
    Option("--metric", help="How vectors are compared. Default: that of --scorer; cosine, hamming for codes."),
]
ScorerFile = Annotated[Path | None, Option("--scorer", help="Scorer file made by `facerep fit`.")]
ThresholdOfPairs = Annotated[
    Path | None,
    Option(
        "--threshold-from",
        help="result.json of a verification on other people. Default: the card of the bundled weights.",
    ),
]
AtFar = Annotated[
    float | None,
    Option(
        "--at-far",
        help="Take its threshold for this false accept rate. Default: its own; 0.001 of the bundled weights.",
    ),
]


Missing = Literal["stop", "count"]
"""What is done about faces that are named and absent: in a file that pairs name, or in labels."""
MissingOfPairs = Annotated[
    Missing, Option("--missing", help="If pairs name faces that are not in the file: stop, or count them and go on.")
]
MissingLabels = Annotated[Missing, Option("--missing", help="If faces have no label: stop, or count them and go on.")]
Sample = Annotated[
    int | None, Option("--sample", min=1, help="Draw that many genuine and that many impostor pairs instead of a list.")
]
Setting = Annotated[
    str,
    Option(
        "--setting", help="The protocol's name for the training data used, such as `unrestricted`; kept in the result."
    ),
]


def feature_file(given: Path | None, folder: Path = Path()) -> Path:
    """The feature or code file, or folder of them, to work on: the one given, else features.h5, else the only one here.

    What was not given is named on stderr.

    Raises:
        Usage: there is none, or there are several.
    """
    if given is not None:
        return given
    from facerep.console import console, first_few
    from facerep.errors import Usage
    from facerep.files.folders.feature_folder import is_feature_folder
    from facerep.files.unfinished import visible

    first = folder / "features.h5"
    candidates = [first] if first.exists() else _candidates(folder)
    if not candidates:
        raise Usage("no feature file in this folder", hint="name one, or make one with `facerep extract`")
    if len(candidates) > 1:
        of_all = is_feature_folder(folder) and len(candidates) == len(visible(folder.iterdir()))
        together = "name one, or `.` for all of them as one" if of_all else "name one"
        raise Usage(f"several feature files here: {first_few(path.name for path in candidates)}", hint=together)
    console.note(f"using {candidates[0]}")
    return candidates[0]


def _candidates(folder: Path) -> list[Path]:
    """Feature and code files of a folder, and feature folders in it; or the folder, where it is one."""
    from facerep.errors import BadInput
    from facerep.files.features import CODES, FEATURES, kind_of
    from facerep.files.folders.feature_folder import INDEX
    from facerep.files.unfinished import visible

    if (folder / INDEX).is_file():
        return [folder]
    found = []
    for path in visible(folder.iterdir()):
        try:
            if (path / INDEX).is_file() or (path.suffix == ".h5" and kind_of(path) in (FEATURES, CODES)):
                found.append(path)
        except BadInput:
            continue  # not HDF5, or damaged: not a candidate
    return found


def is_run(path: Path) -> bool:
    """Whether a path is a run of `train`, a weights file or a network of others, by its name."""
    return path.suffix in (".safetensors", ".onnx") or (path / "model.safetensors").exists()


def fractions(far: str | None) -> list[float] | None:
    """The rates of --far; None where it was not given."""
    return None if far is None else numbers(far, "--far", "fractions above 0 and at most 1")
