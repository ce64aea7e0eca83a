"""Weights: a network and its whole contract in one safetensors file.

The contract is one JSON string in the file's metadata: the catalog row, the crop, the rule that makes bits, what it
was trained on. Whoever has the file needs nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.faces.crops import Crop, parse_crop, preset
from facerep.faces.patches import parse_patch
from facerep.files import people
from facerep.files.atomic import replacing
from facerep.files.inputs import remember
from facerep.files.json_file import Form, of_form, parse
from facerep.files.provenance import file_sha256
from facerep.networks.build import build
from facerep.networks.catalog import BASELINES, DISTILLED, IN_THE_BOX, CatalogRow, row
from facerep.networks.deepid import Pixels
from facerep.networks.lbp import LBP
from facerep.networks.network import Network
from facerep.networks.onnx_files.input_contract import InputContract
from facerep.networks.onnx_files.packages import PACKAGED, load_packaged
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.sparsity.masks import from_file, to_file

FORMAT, VERSION = "facerep/model", 1
MOST_MAPS, MOST_SIDE = 64, 4096
"""Layers, and pixels of a side of the input, that a row of a weights file may name."""
FREE, TIMES = 1 << 28, 64
"""Bytes of weights that any file may make; beyond, so many times its own: of sparse layers few weights are in it."""
BUNDLED = Path(__file__).parent.parent / "assets" / "deepid2-wide.safetensors"
DISTILLED_FILE = BUNDLED.with_name("deepid2-wide-distilled.safetensors")
BUNDLED_POINTS = BUNDLED.with_name("five-points.safetensors")


_Size = Annotated[int, Field(ge=1, lt=2**31)]


class RowForm(Form):
    """A catalog row in a contract."""

    name: str
    family: str
    height: _Size
    width: _Size
    channels: _Size = 3
    maps: Annotated[list[_Size], Field(min_length=1)]
    feature: _Size = 160
    wide_input: bool = True
    supervised: bool = False
    signed: bool = False
    conv3_block: Annotated[int, Field(ge=0, lt=2**31)] = 2
    cell: _Size = 14
    hidden: Annotated[int, Field(ge=0, lt=2**31)] = 0
    views: _Size = 1
    drawing: Annotated[list[_Size], Field(max_length=2)] = Field(default=[])
    random_units: Annotated[int, Field(ge=0, lt=2**20)] = 0
    classes: Annotated[int, Field(ge=0, lt=2**20)] = 0
    groups: Annotated[list[str], Field(max_length=MOST_MAPS)] = Field(default=[])
    networks: Annotated[int, Field(ge=1, le=MOST_MAPS)] = 1
    kernel: _Size = 4
    stride: _Size = 1
    outputs: Annotated[list[str], Field(max_length=0)] = Field(default=[])
    paper: str = ""


class PointForm(Form):
    """A threshold that a card gives."""

    metric: str
    far: Annotated[float, Field(ge=0, le=1)]


class ViewsForm(Form):
    """The views of a multi-view perceptron, see networks/view_card.py."""

    factors: Annotated[list[str], Field(min_length=1)]
    classes: Annotated[list[list[str]], Field(min_length=2)]
    fixed: dict[str, str]
    sigma: Annotated[float, Field(gt=0)]


class StageForm(Form):
    """What held-out pictures told of a stage, see networks/localizing/calibration.py."""

    across: float
    down: float
    side: Annotated[float, Field(gt=0)]
    threshold: float


class LocalizationForm(Form):
    """How an LNet is used: what it was taught, in the order of the answers, and both stages."""

    attributes: Annotated[list[str], Field(min_length=1)]
    stages: Annotated[list[StageForm], Field(min_length=2, max_length=2)]


class CardForm(Form):
    """The contract of a weights file: what is read of it."""

    row: RowForm
    normalise: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]
    crop: str
    rule: str
    sparse: dict[str, Any] = Field(default={})
    validation_accuracy: Annotated[float, Field(ge=0, le=1)] = 0.0
    validation_low: Annotated[float, Field(ge=0, le=1)] = 0.0
    validation_high: Annotated[float, Field(ge=0, le=1)] = 0.0
    thresholds: list[PointForm] = Field(default=[])
    multiview: ViewsForm | None = None
    localization: LocalizationForm | None = None


@dataclass(frozen=True)
class Model:
    """A network that is ready to be used.

    Attributes:
        network: in evaluation mode.
        row: its catalog row.
        crop: what its input must be; the preset is that of training and may be replaced by another.
        rule: how its units become bits, "> 0" after a ReLU, "" where there is no rule.
        sha256: of the weights file, "" for a network without weights.
        path: the file, or the name of the row.
        card: the rest of the file's contract.
    """

    network: nn.Module
    row: CatalogRow
    crop: Crop
    rule: str
    sha256: str
    path: str
    card: dict[str, Any]

    @property
    def trained_people(self) -> np.ndarray | None:
        """Hashes of the people that it was trained on, see files/people.py; None where the file does not say."""
        if not self.sha256:
            return np.empty(0, np.uint64)
        hashes = self.card.get("trained_people")
        return None if hashes is None else people.from_text(hashes)


def save_model(
    path: Path,
    network: Network,
    *,
    crop: Crop,
    normalise: bool,
    dropout: float,
    card: dict[str, Any],
    lower: bool = True,
) -> None:
    """Write a network and its contract, whole or absent; half precision where `card["dtype"]` is "float16".

    Feature layers of DeepID2+ below the fourth only teach: `lower=False` leaves them out. Of sparse layers
    the kept weights are written, with their positions; `sparse` in the contract names these layers.
    """
    state, forms = to_file(network.state_dict())
    contract = {
        "format": FORMAT, "version": VERSION, "row": asdict(network.row), "normalise": normalise, "dropout": dropout,
        "crop": str(crop), "rule": "> 0", "sparse": forms, **card,
    }  # fmt: skip
    half = card.get("dtype") == "float16"
    tensors = {}
    for name, tensor in state.items():
        if lower or not name.startswith("below."):
            tensor = tensor.detach().cpu().contiguous()
            tensors[name] = tensor.half() if half and tensor.is_floating_point() else tensor
    with replacing(path, overwrite=True) as temporary:
        save_file(tensors, temporary, metadata={"contract": json.dumps(contract)})


def box() -> dict[str, Path]:
    """The weights in the box, by what options call them; those that this build has."""
    return {name: path for name, path in ((IN_THE_BOX, BUNDLED), (DISTILLED, DISTILLED_FILE)) if path.exists()}


def read_card(path: Path) -> dict[str, Any]:
    """The contract of a weights file, without its tensors.

    Raises:
        BadInput: absent, damaged, or not a model of ours.
    """
    remember(path)
    if not path.is_file():
        raise BadInput("no such run or weights file", path)
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
        contract = parse(metadata["contract"])
        if not isinstance(contract, dict):
            raise ValueError("the contract is no object")
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise BadInput("not weights of facerep, or damaged", path) from error
    if contract.get("format") != FORMAT or contract.get("version") != VERSION:
        found = f"{str(contract.get('format'))[:40]} version {str(contract.get('version'))[:40]}"
        raise BadInput(f"weights are {found}, wanted {FORMAT} version {VERSION}", path)
    return of_form(contract, CardForm, path, "weights do not fit their own contract")


def change_card(path: Path, changes: dict[str, Any]) -> None:
    """Say something else or something more in the contract of a weights file; its tensors stay byte for byte.

    Raises:
        BadInput: see read_card.
    """
    contract = {**read_card(path), **changes}
    whole = path.read_bytes()
    end = 8 + int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:end])
    header["__metadata__"]["contract"] = json.dumps(contract)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the tensors begin at a multiple of 8
    with replacing(path, overwrite=True) as temporary:
        temporary.write_bytes(len(text).to_bytes(8, "little") + text + whole[end:])


def load_model(source: str | Path | None, contract: InputContract | None = None) -> Model:
    """The model in a run folder, weights file or ONNX file, of a row without weights, or (None, "bundled") in the box.

    Or the network of others that a package brings, by the name of its row.

    A row without weights may be taken of a part of the face: ROW/PATCH, such as `lbp-32/left-eye*0.8`.

    Args:
        source: which.
        contract: what an ONNX file wants its pixels to be; None takes what the file itself says.

    Raises:
        BadInput: neither of these; or weights that do not fit their own contract.
        NotAvailable: no bundled weights in this build; no package that runs ONNX files.
        Usage: a network of pairs or of five points, which has no features; an ONNX file whose input
            contract nobody knows.
    """
    model = _load(source, contract)
    if model.row.family == "points":
        what = f"{source} finds five points, it has no features"
        raise Usage(what, hint=f"give it to `facerep align PHOTOGRAPHS --points {source}`")
    if model.row.family == "pair":
        what = f"{source} scores pairs of faces, it has no features"
        raise Usage(what, hint=f"give it to `facerep verify {source} FACES --pairs LIST`")
    return model


def load_pair_model(source: str | Path) -> Model:
    """The network of pairs in a run folder or weights file.

    Raises:
        BadInput: none of these; or weights that do not fit their own contract.
        Usage: a network of single faces.
    """
    hint = f"extract with --model {source}, then give `verify` the feature file"
    if is_onnx(source) or str(source) in (IN_THE_BOX, DISTILLED, *PACKAGED):
        raise Usage(f"{source} makes features of single faces, it is no run of --loss pair", hint=hint)
    model = _read(weights_file(source))
    if model.row.family != "pair":
        what = f"{source} makes features of single faces, it is no run of --loss pair (network {model.row.name})"
        raise Usage(what, hint=hint)
    return model


def load_cascade(source: str | Path) -> PointCascade:
    """The network of five points in a run folder or weights file, or "bundled" the one in the box.

    Raises:
        BadInput: none of these; or weights that do not fit their own contract.
        NotAvailable: no such weights in this build.
        Usage: a network of something else.
    """
    if str(source) == IN_THE_BOX and not BUNDLED_POINTS.exists():
        hint = "train a network by --loss points and give --points RUN"
        raise NotAvailable("this build has no bundled weights for five points", hint=hint)
    model = _read(BUNDLED_POINTS if str(source) == IN_THE_BOX else weights_file(source))
    if not isinstance(model.network, PointCascade):
        what = f"{source} finds no five points, it is no run of --loss points (network {model.row.name})"
        raise Usage(what, hint="leave --points out for the bundled weights")
    return model.network


def _load(source: str | Path | None, contract: InputContract | None) -> Model:
    source = IN_THE_BOX if source is None else source
    if (name := str(source)) in (IN_THE_BOX, DISTILLED):
        if name not in box():
            raise NotAvailable("this build has no bundled weights", hint="train a network and give --model RUN")
        return _read(box()[name])
    name, sign, part = str(source).partition("/")
    if name in BASELINES and (part or not sign):
        plain = row(name)
        patch = parse_patch(part or "face", "grey" if plain.channels == 1 else "rgb")
        network = LBP(plain) if plain.family == "lbp" else Pixels(plain)
        crop = Crop(preset("points"), plain.height, plain.width, patch)
        return Model(network.eval(), plain, crop, "", "", str(source), {})
    if name in PACKAGED and not sign and not Path(source).exists():
        return load_packaged(name)
    file = weights_file(source)
    if is_onnx(file):
        from facerep.networks.onnx_files.load import load_onnx  # it makes models, as this module does

        return load_onnx(file, contract)
    return _read(file)


def is_onnx(path: str | Path) -> bool:
    """Whether a file is a network of others, by its name."""
    return Path(path).suffix.lower() == ".onnx"


def weights_file(source: str | Path) -> Path:
    """The weights file of a run, or the file itself.

    Raises:
        BadInput: there is none.
    """
    path = Path(source)
    if path.is_dir():
        path = path / "model.safetensors"
        if not path.exists():
            raise BadInput("run has no model.safetensors yet", source, "train it with --resume")
    if not path.is_file():
        raise BadInput("no such run or weights file", source)
    return path


def _refuse_giants(plain: CatalogRow, normalise: bool, path: Path) -> None:
    """Refuse a row whose network has far more weights than the file has bytes for, before any is allocated."""
    if len(plain.maps) > MOST_MAPS or max(plain.height, plain.width) > MOST_SIDE:
        raise BadInput(f"weights claim {len(plain.maps)} layers on {plain.height} x {plain.width} pixels", path)
    with torch.device("meta"):
        claimed = sum(4 * weight.numel() for weight in build(plain, normalise=normalise).state_dict().values())
    size = path.stat().st_size
    if claimed > max(FREE, TIMES * size):
        raise BadInput(f"weights claim {claimed} bytes and hold {size}", path)


def _read(path: Path) -> Model:
    contract = read_card(path)
    try:
        described = contract["row"]
        lists = ("maps", "drawing", "groups", "outputs")
        described |= {name: tuple(described[name]) for name in lists if name in described}
        crop = parse_crop(contract["crop"])
        state = {}
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118 - not a dict
                tensor = file.get_tensor(name)
                state[name] = tensor.float() if tensor.is_floating_point() else tensor
        # only what is there is built: the lower feature layers of DeepID2+ may be left out of the file
        plain = CatalogRow(**{**described, "supervised": any(name.startswith("below.") for name in state)})
        _refuse_giants(plain, contract["normalise"], path)
        network = build(plain, normalise=contract["normalise"], dropout=contract["dropout"])
        network.load_state_dict(from_file(state, contract.get("sparse", {}), network))
        rule = str(contract["rule"])
        people.from_text(contract.get("trained_people", ""))
    except (
        SafetensorError,
        RuntimeError,
        TypeError,
        KeyError,
        ValueError,
        AttributeError,
        OverflowError,
        Usage,
    ) as error:
        raise BadInput("weights do not fit their own contract", path) from error
    network = network.eval().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return Model(network, plain, crop, rule, file_sha256(path), str(path), contract)
