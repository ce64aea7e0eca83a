"""The input contract: what a network of others wants its pixels to be, and which of its outputs is the feature.

It comes from the file's own metadata, from a TOML file, or by the name of a preset. Whoever extracts writes it into the
feature file, so that features of two contracts are never compared, and a picture can be asked about a gallery.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from facerep.errors import BadInput, Usage
from facerep.faces.crops import Crop, preset
from facerep.faces.patches import parse_patch
from facerep.files.inputs import remember
from facerep.files.json_file import fault
from facerep.files.toml_file import read_toml

MOST_SIDE = 4096
"""Pixels of a side of the input."""

Numbers = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class InputContract:
    """What a network sees of a face, value = (pixel - mean) * scale with pixels of 0..255, and what it answers.

    Attributes:
        height, width: of the crop; 0 is what the network's own input says.
        colour: "rgb", "bgr" or "grey".
        mean, scale: one number, or one a channel in the order of `colour`.
        layout: "nchw", "nhwc", or "auto": told by where the channels are in the network's input.
        output: name of the output that is the feature; "" is the only one.
        patch: what is seen of the aligned face, REGION*SCALE: face*1 is the 112x112 template.
        rule: how its units become bits, "> 0" or "".
        name: what the network is called in feature files; "" is the file's name.
    """

    height: int = 0
    width: int = 0
    colour: Literal["rgb", "bgr", "grey"] = "rgb"
    mean: Numbers = (0.0,)
    scale: Numbers = (1.0,)
    layout: Literal["auto", "nchw", "nhwc"] = "auto"
    output: str = ""
    patch: str = "face"
    rule: str = ""
    name: str = ""

    @property
    def channels(self) -> int:
        """3, or 1 for grey."""
        return 1 if self.colour == "grey" else 3

    @property
    def crop(self) -> Crop:
        """What is cut out of a picture, by the five points until faces decide the preset."""
        colour = "grey" if self.colour == "grey" else "rgb"
        return Crop(preset("points"), self.height, self.width, parse_patch(self.patch, colour))

    def __str__(self) -> str:
        """What the crop does not say of it, as text: `bgr mean=127.5 scale=0.0078125 nchw output=fc1`."""
        mean, scale = (",".join(map(repr, numbers)) for numbers in (self.mean, self.scale))
        return f"{self.colour} mean={mean} scale={scale} {self.layout} output={self.output}"


PRESETS = {
    "arcface112": InputContract(height=112, width=112, mean=(127.5,), scale=(1 / 127.5,)),
    "arcface112-bgr": InputContract(height=112, width=112, colour="bgr", mean=(127.5,), scale=(1 / 127.5,)),
    "pixels112": InputContract(height=112, width=112),
    "pixels112-bgr": InputContract(height=112, width=112, colour="bgr"),
}
"""Input contracts with a name: 112x112 faces on the usual template, -1..1 or 0..255, as RGB or BGR."""


def parse_input(text: str, crop: Crop) -> InputContract:
    """The contract whose text form is `text`, of a network that sees `crop`.

    Raises:
        BadInput: not such a text.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise BadInput(f"not an input contract: {text[:80]!r}")
    try:
        mean, scale = (tuple(float(number) for number in match[name].split(",")) for name in ("mean", "scale"))
    except ValueError as error:
        raise BadInput(f"not an input contract: {text[:80]!r}") from error
    said = {"colour": match["colour"], "layout": match["layout"], "mean": list(mean), "scale": list(scale)}
    patch = f"{crop.patch.region}*{crop.patch.scale:g}"
    size = {"height": crop.height, "width": crop.width}
    return contract_of({**said, **size, "output": match["output"], "patch": patch}, "input contract")


_TEXT = re.compile(
    r"(?P<colour>rgb|bgr|grey) mean=(?P<mean>[-+.,e\d]+) scale=(?P<scale>[-+.,e\d]+) "
    r"(?P<layout>nchw|nhwc) output=(?P<output>.*)"
)
_Number = Annotated[float, Field(ge=-1e9, le=1e9)]
_Side = Annotated[int, Field(ge=1, le=MOST_SIDE)]


class _Form(BaseModel):
    """A contract as somebody has written it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    height: _Side | None = None
    width: _Side | None = None
    colour: Literal["rgb", "bgr", "grey"] = "rgb"
    mean: _Number | Annotated[list[_Number], Field(min_length=1, max_length=3)] = 0.0
    scale: _Number | Annotated[list[_Number], Field(min_length=1, max_length=3)] = 1.0
    layout: Literal["auto", "nchw", "nhwc"] = "auto"
    output: Annotated[str, Field(max_length=1000)] = ""
    patch: Annotated[str, Field(max_length=100)] = "face"
    rule: Literal["", "> 0"] = ""
    name: Annotated[str, Field(max_length=100)] = ""

    @field_validator("patch")
    @classmethod
    def _known_patch(cls, text: str) -> str:
        try:
            parse_patch(text, "rgb")
        except BadInput as error:
            raise ValueError(f"{error.what}; {error.hint}") from error
        return text

    @field_validator("name")
    @classmethod
    def _plain_name(cls, text: str) -> str:
        if not re.fullmatch(r"[\w.-]*", text):  # "+" joins the names of several networks
            raise ValueError("a name has letters, digits, dots, - and _")
        return text

    @field_validator("output")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("a name of an output is one line")
        return text


def contract_of(said: dict[str, Any], where: str | Path) -> InputContract:
    """The contract that a TOML file or a network's metadata says.

    Raises:
        BadInput: an unknown key (with the nearest known one), a value out of range.
    """
    try:
        form = _Form.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, _Form.model_fields, n=1)
            hint = f"did you mean {near[0]}?" if near else "there are: " + ", ".join(_Form.model_fields)
            raise BadInput(f"unknown key {key[:40]!r} of an input contract", where, hint) from error
        raise BadInput(f"input contract: {fault(error)}", where) from error
    values = {name: value for name, value in form.model_dump().items() if value is not None}
    for name in ("mean", "scale"):
        numbers = values[name] if isinstance(values[name], list) else [values[name]]
        if len(numbers) not in (1, 1 if values["colour"] == "grey" else 3):
            raise BadInput(f"input contract: {len(numbers)} numbers of {name} for {values['colour']}", where)
        values[name] = tuple(map(float, numbers))
    if 0.0 in values["scale"]:
        raise BadInput("input contract: scale is 0, the network would see nothing", where)
    return InputContract(**values)


def read_contract(path: Path) -> InputContract:
    """The contract in a TOML file.

    Raises:
        BadInput: no such file, no TOML, or see `contract_of`.
    """
    remember(path)
    return contract_of(read_toml(path, "input contract"), path)


def input_preset(name: str) -> InputContract:
    """The input contract of that name.

    Raises:
        Usage: there is none.
    """
    if name not in PRESETS:
        raise Usage(
            f"no input contract {name!r}", hint=f"there are: {', '.join(PRESETS)}; or give --contract FILE.toml"
        )
    return PRESETS[name]


def as_said(contract: InputContract) -> dict[str, Any]:
    """A contract as `contract_of` reads it."""
    said = {name: value for name, value in asdict(contract).items() if value not in (0, "")}
    return {**said, "mean": list(contract.mean), "scale": list(contract.scale)}


def filled_in(contract: InputContract, **known: Any) -> InputContract:
    """The contract with what the network itself says, where the contract leaves it open."""
    open_ones = {"height": 0, "width": 0, "layout": "auto", "output": "", "name": ""}
    return replace(contract, **{key: value for key, value in known.items() if getattr(contract, key) == open_ones[key]})
