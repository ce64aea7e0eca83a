"""JSON that somebody may have changed: parsed as the standard has it, and checked against a model of its kind."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from facerep.errors import BadInput, first_line
from facerep.files import text


class Form(BaseModel):
    """A JSON object: what is read of it has its type and its range; what is not read may be anything."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


Count = Annotated[int, Field(ge=0, lt=2**63)]


def parse(value: str | bytes) -> Any:
    """What JSON text says.

    Raises:
        ValueError: no JSON; NaN, infinity, or a number that is beyond both kinds of them; lists in lists without end.
    """
    try:
        return json.loads(value, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("lists are nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is no text") from error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is beyond all numbers")
    return value


def read_json(path: Path, form: type[Form], hint: str) -> dict[str, Any]:
    """Read a JSON file of ours.

    Args:
        path: the file.
        form: what it must be.
        hint: what to do where it is not.

    Raises:
        BadInput: it cannot be read, is no JSON, or not of this form; the first place where it is not is named.
    """
    try:
        value = parse(text.read_bytes(path, text.MOST_SETTINGS))
    except ValueError as error:
        raise BadInput(f"not a JSON file ({first_line(error)})", path, hint) from error
    return of_form(value, form, path, hint)


def of_form(value: Any, form: type[Form], where: str | Path, hint: str) -> dict[str, Any]:
    """JSON that is of a form, as it is.

    Raises:
        BadInput: it is not.
    """
    try:
        form.model_validate(value)
    except ValidationError as error:
        raise BadInput(f"damaged ({fault(error)})", where, hint) from error
    return value


def fault(error: ValidationError) -> str:
    """The first thing that is wrong, on one line: where, what, and what was found."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    found = "" if isinstance(first["input"], dict | list) else f", found {str(first['input'])[:40]!r}"
    return f"{place}: {said[:1].lower()}{said[1:]}{found}" if place else f"{said[:1].lower()}{said[1:]}{found}"
