"""Results as other commands read them: what a result.json says, once it is sure that it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facerep.errors import BadInput, first_line
from facerep.files import json_file, text
from facerep.files.folders.result_folder import finish
from facerep.results.figures import Accuracy, FoldMean, Rate, RateAtFar
from facerep.results.forms import FORMS, faults
from facerep.results.kinds import KINDS, Kind


def read_result(path: Path, kind: Kind | None = None) -> dict[str, Any]:
    """Read a result.json.

    Args:
        path: the file.
        kind: what it must be, in whose form it then is; None takes any result of facerep's.

    Raises:
        BadInput: absent, not JSON, of another kind or version, or with numbers that cannot be.
    """
    finish(path.parent)
    if not path.exists():
        raise BadInput("no such result", path, "name the folder that --output wrote")
    try:
        result = json_file.parse(text.read_bytes(path, text.MOST_SETTINGS))
    except ValueError as error:
        raise BadInput(f"not a JSON file ({first_line(error)})", path) from error
    stated = str(result.get("format", "")) if isinstance(result, dict) else ""
    if not stated.startswith("facerep/"):
        raise BadInput(f"not a result of {f'`facerep {kind.command}`' if kind else 'facerep'}", path)
    if kind is not None and stated != kind.format:
        raise BadInput(f"not a result of `facerep {kind.command}` but {stated.removeprefix('facerep/')[:40]}", path)
    known = kind or KINDS.get(stated)
    wanted = known.version if known else 1
    if result.get("version", None if kind else wanted) != wanted:
        again = f"run facerep {kind.command} again" if kind else "make it again with this version"
        raise BadInput(f"version is {str(result.get('version'))[:40]}, {wanted} is read", path, again)
    again = f"run facerep {kind.command} again" if kind else "make it again"
    for fault in faults(result):
        raise BadInput(f"damaged ({fault})", path, again)
    return json_file.of_form(result, FORMS.get(kind.format, json_file.Form) if kind else json_file.Form, path, again)


def names_of(files: Sequence[Path]) -> list[str]:
    """Folder names, with as many parents as make them differ."""
    parents = [file.resolve().parent.parts for file in files]
    for depth in range(1, max(map(len, parents)) + 1):
        names = ["/".join(parts[-depth:]) for parts in parents]
        if len(set(names)) == len(names):
            return names
    return [str(file) for file in files]


def rate_of(json: Mapping[str, Any]) -> Rate:
    """A rate from its JSON form.

    Raises:
        KeyError, TypeError, ValueError: a part is missing, or is not a number in its range.
    """
    value, low, high = (float(json[name]) for name in ("value", "low", "high"))
    if not all(0 <= part <= 1 for part in (value, low, high)):
        raise ValueError(f"{value}, {low} to {high}, is not a rate")
    return Rate(value, low, high, float(json["count"]), int(json["of"]), str(json.get("interval", "")))


def accuracy_of(json: Mapping[str, Any]) -> Accuracy:
    """An accuracy from its JSON form: a rate, or a mean of folds, whose folds are left out.

    Raises:
        KeyError, TypeError, ValueError: a part is missing, or is not a number in its range.
    """
    if "mean" not in json:
        return rate_of(json)
    return FoldMean(json["mean"], json["standard_error"], json["folds"], rate_of(json["pooled"]), ())


def tar_at_far_of(json: Mapping[str, Any]) -> RateAtFar:
    """A rate at a false accept rate from its JSON form.

    Raises:
        KeyError, TypeError, ValueError: a part is missing, or is not a number in its range.
    """
    threshold, tar, obtained = json.get("threshold"), json["tar"], json.get("obtained")
    return RateAtFar(
        json["far"], None if threshold is None else float(threshold), tar and rate_of(tar),
        obtained and rate_of(obtained), json["flag"], json.get("impostor", 0), json.get("needed", 0),
    )  # fmt: skip
