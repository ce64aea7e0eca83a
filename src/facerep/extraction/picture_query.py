"""A picture as a query: through the network that made a gallery, cut, mirrored and coded as its faces were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facerep.codes.binarize import like
from facerep.detection.aligned_faces import Finding
from facerep.errors import BadInput, Mismatch, Usage
from facerep.extraction.faces_of_pictures import faces_of
from facerep.faces.crop_advice import other_crops
from facerep.faces.crops import parse_crop, preset
from facerep.faces.decode import is_picture
from facerep.faces.table import make_faces
from facerep.files.contract import Contract
from facerep.files.provenance import file_sha256
from facerep.files.rows import Codes, Features
from facerep.networks.catalog import BASELINES, DISTILLED, IN_THE_BOX
from facerep.networks.onnx_files.input_contract import InputContract, parse_input
from facerep.networks.onnx_files.packages import PACKAGED, packaged_by

_PLACE = ("layer", "crop", "mirror")
"""What a gallery says beside its network."""


@dataclass(frozen=True)
class Taken:
    """How a picture is taken where the gallery does not decide it.

    Attributes:
        models: runs or weights files, beside the weights in the box; the gallery's own must be among them.
        crop: the preset; None takes the gallery's.
        device: where the network computes.
    """

    models: Sequence[str | Path] = ()
    crop: str | None = None
    device: str = "cpu"


def is_query(path: Path, taken: Taken) -> bool:
    """Whether a query is one picture, by its name or its first bytes.

    Raises:
        Usage: it is none, and a picture query's options are given.
    """
    picture = is_picture(path)
    if not picture and (taken.models or taken.crop is not None):
        raise Usage(f"{path} is no picture: --model and --crop are for one", hint="leave them out")
    return picture


def query(picture: Path, gallery: Features | Codes, taken: Taken) -> Features | Codes:
    """The vector or the code of the face in a picture, one row; its contract tells the crop it was really cut by.

    Where the gallery goes by five points, they are found in the picture, as `align` finds those of its largest face.

    Args:
        picture: a file; a photograph, where the gallery goes by five points, else a picture of one face.
        gallery: of its rows one is enough.
        taken: how.

    Raises:
        BadInput: no such picture, or it cannot be cut so; the gallery does not say how it was made; its weights are
            not at hand; no face was found.
        Mismatch: other weights were given, or they give vectors of another length.
        Usage: no such crop preset.
    """
    if not picture.exists():
        raise BadInput("no such picture", picture)
    contract = gallery.contract
    _require_complete(gallery)
    name = taken.crop or parse_crop(contract.crop.split("+")[0]).preset.name
    if preset(name).name == "points":
        faces = faces_of([picture], Finding())[1]
    else:
        _require_place(picture, name)
        faces = make_faces("pictures", [str(picture)], [""], [picture], root=str(picture))
    sources = _sources(gallery, taken.models)
    from facerep.extraction.in_memory import extract_by  # torch is loaded for what can be done
    from facerep.networks.weights import load_model

    wanted = _inputs(gallery, len(sources))
    models = [load_model(source, given) for source, given in zip(sources, wanted, strict=True)]
    moved = parse_crop(contract.crop.split("+")[0]).moved
    made = extract_by(
        models, faces, crop=name, mirror=contract.mirror, layer=contract.layer, moved=moved, device=taken.device
    )  # fmt: skip
    cut_by = made.contract
    as_gallery = replace(made, contract=contract)  # a crop that was asked for may differ, nothing else
    takes = gallery.takes if isinstance(gallery, Codes) else gallery.dimension
    if made.dimension != takes:
        sides = f"{picture} has {made.dimension}, {gallery.where} takes {takes}"
        raise Mismatch("dimension differs", sides, "give --model, the run or weights file that made the gallery")
    made = like(as_gallery, gallery) if isinstance(gallery, Codes) else as_gallery
    return replace(made, contract=cut_by)


def other_crop(asked: Contract, gallery: Contract) -> list[str]:
    """What to warn of where a picture was cut by another preset than the gallery; no line where it was not."""
    if asked.crop == gallery.crop:
        return []
    return [f"the picture was cut by {asked.crop}, the gallery by {gallery.crop}: scores are less sure"]


def finds_itself(asked: Features | Codes, rows: np.ndarray, names: np.ndarray) -> list[str]:
    """What to warn of where faces of the gallery have the very features of the picture.

    Args:
        asked: the picture's row.
        rows: of gallery faces, as the file holds them.
        names: of these.
    """
    own = (asked.packed if isinstance(asked, Codes) else asked.values)[0]
    alike = np.flatnonzero(rows[:, 0] == own[0])
    alike = alike[(rows[alike] == own).all(axis=1)]
    if not len(alike):
        return []
    what = "code" if isinstance(asked, Codes) else "features"
    return [f"{names[alike[0]]} of the gallery has the very {what} of {asked.names[0]}: the picture finds itself"]


def _require_complete(gallery: Features | Codes) -> None:
    """Refuse a gallery that does not say all that a picture must go through."""
    contract = gallery.contract
    known = contract.network in BASELINES or all(contract.weights.split("+"))
    stated = {"network": contract.network and known, **{name: getattr(contract, name) for name in _PLACE}}
    for name, value in stated.items():
        if not value:
            hint = "give a feature file of the picture, made as the gallery was"
            raise BadInput(f"does not say its {name}, so a picture cannot be compared with it", gallery.where, hint)


def _inputs(gallery: Features | Codes, networks: int) -> list[InputContract | None]:
    """What each network of a gallery wants its pixels to be; None of a network of ours."""
    contract = gallery.contract
    said, crops = contract.input.split("+") if networks > 1 else [contract.input], contract.crop.split("+")
    if contract.input == "":
        return [None] * networks
    if len(said) != networks or len(crops) != networks:
        hint = "give a feature file of the picture, made as the gallery was"
        raise BadInput("does not say the input of each of its networks", gallery.where, hint)
    return [parse_input(text, parse_crop(crop)) if text else None for text, crop in zip(said, crops, strict=True)]


def _require_place(picture: Path, name: str) -> None:
    """Refuse a preset that goes by boxes."""
    if preset(name).boxed and (advice := other_crops(picture)):  # who decodes it refuses what is no picture
        refused = f"crop preset {name} goes by the box of a face, and a picture alone has none"
        raise BadInput(refused, picture, f"{advice}, or a feature file of a table with its box")


def _sources(gallery: Features | Codes, models: Sequence[str | Path]) -> list[str | Path]:
    """The weights that made the gallery, among those given and those in the box."""
    from facerep.networks.weights import box, weights_file

    contract, sources = gallery.contract, []
    if contract.network in BASELINES:
        patch = parse_crop(contract.crop).patch
        return [f"{contract.network}/{patch.region}*{patch.scale:g}"]
    named = (IN_THE_BOX, DISTILLED, *BASELINES, *PACKAGED)
    given = [weights_file(model) for model in models if str(model) not in named]
    files = {file_sha256(path): path for path in (*box().values(), *given)}
    for weights in contract.weights.split("+"):
        packaged = packaged_by(weights)
        if packaged is not None and packaged.path is not None and weights not in files:
            sources.append(packaged.name)
        elif weights in files:
            sources.append(files[weights])
        else:
            hint = "give --model, the run or weights file that made the gallery"
            if models:
                sides = f"{gallery.where} has {weights[:12]}, {models[0]} has other ones"
                raise Mismatch("weights differ", sides, hint)
            refused = f"made by {contract.network} with weights {weights[:12]}, which are not those in the box"
            raise BadInput(refused, gallery.where, hint)
    return sources
