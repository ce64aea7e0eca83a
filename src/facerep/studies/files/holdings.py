"""Holdings: what a file or run of facerep's holds, as it says of itself; nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.files.contract import Contract
from facerep.files.features import CODES, FEATURES, kind_of, read_rows
from facerep.files.folders.feature_folder import INDEX, is_feature_folder, read_index
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import open_stream
from facerep.networks.weights import read_card
from facerep.scorers import scorer_file
from facerep.training.run_folder import count_epochs, epochs_asked


@dataclass(frozen=True)
class Holdings:
    """What a file or run says of itself.

    Attributes:
        path: where it lies.
        kind: "features", "codes", "scorer", "weights" or "run".
        facts: by name, in the order in which a person wants them: text, whole numbers, or numbers by name.
    """

    path: str
    kind: str
    facts: dict[str, Any]


def holdings(path: Path) -> Holdings:
    """What a feature, code or scorer file, a folder of the first two, a weights file or a run holds.

    Raises:
        BadInput: absent, damaged, or none of these.
    """
    if is_feature_folder(path):
        return _folder(path)
    if path.is_dir():
        return Holdings(str(path), "run", _run(path))
    if path.suffix.lower() == ".safetensors":
        return Holdings(str(path), "weights", _card(read_card(path)))
    kind = kind_of(path)
    if kind == scorer_file.FORMAT:
        return Holdings(str(path), "scorer", _scorer(path))
    if kind not in (FEATURES, CODES):
        raise BadInput(f"format is {kind or 'not stated'}, a feature, code or scorer file is wanted", path)
    features = read_rows(path)
    return Holdings(str(path), _kind(features), _rows(features, features))


def _folder(path: Path) -> Holdings:
    stream = open_stream(path)
    for _ in stream.blocks():  # against their checksums; they may be larger than memory
        pass
    facts: dict[str, Any] = {"files": len(stream.pieces)}
    rows = _rows(stream.bare(), stream.head)
    if (path / INDEX).is_file():
        stated = read_index(path)["parts"].values()
        if empty := len(stated) - len(stream.pieces):
            facts["shards without a vector"] = empty
        rows["failed"] = sum(part["failures"] for part in stated)
    return Holdings(str(path), _kind(stream.head), facts | rows)


def _kind(head: Features | Codes) -> str:
    return "codes" if isinstance(head, Codes) else "features"


def _rows(rows: Rows, head: Features | Codes) -> dict[str, Any]:
    """What is said of faces, of which `head` has one or all."""
    people, counts = np.unique(rows.people[rows.people != ""].astype(str), return_counts=True)
    facts: dict[str, Any] = {
        "faces": len(rows),
        "people": len(people),
        "people with one face": int((counts == 1).sum()),
        "faces of unknown people": int((rows.people == "").sum()),
        "failed": len(rows.failures),
    }
    if isinstance(head, Codes):
        facts |= {"bits": head.bits, "thresholds": head.chosen, "of units": head.takes}
        facts |= {"units chosen by": head.selected} if head.selected else {}
        facts |= {"rotated by": head.rotated} if head.rotated else {}
    else:
        facts["dimension"] = head.dimension
        if len(head.parts) > 1:
            facts["columns of networks"] = dict(head.parts)
    facts |= _contract(rows.contract)
    facts |= {f"label {name}": f"{len(set(column.tolist())):,} values" for name, column in rows.labels.items()}
    return facts | {f"pairs {name}": len(pairs) for name, pairs in rows.protocols.items()}


def _contract(contract: Contract) -> dict[str, Any]:
    named = {
        "network": contract.network,
        "weights (SHA-256)": "+".join(part[:16] for part in contract.weights.split("+")),
        "layer": contract.layer,
        "crop": contract.crop,
        "mirrored face": contract.mirror,
        "data set": contract.dataset,
        "data set (fingerprint)": contract.fingerprint[:16],
    }
    return {name: value or "unknown" for name, value in named.items()}


def _scorer(path: Path) -> dict[str, Any]:
    fitted = scorer_file.read_scorer(path)
    facts = {
        "chain": fitted.text,
        "fitted on faces": fitted.faces,
        "fitted on people": fitted.people,
        "people with one face": fitted.single,
        "faces left out": fitted.left_out,
        "takes": f"codes of {fitted.dimension:,} bits" if fitted.rule else f"{fitted.dimension:,} dimensions",
    }
    return {**facts, **{name: value for name, value in _contract(fitted.contract).items() if "data set" not in name}}


def _card(card: dict[str, Any]) -> dict[str, Any]:
    row = card.get("row")
    facts: dict[str, Any] = {"network": row.get("name", "unknown") if isinstance(row, dict) else "unknown"}
    named = {
        "crop": "crop", "people": "training people", "faces": "training faces", "trained_on": "trained on",
        "made": "made", "validation_accuracy": "held-out accuracy", "notice": "notice",
    }  # fmt: skip
    facts |= {words: card[name] for name, words in named.items() if name in card}
    if isinstance(card.get("epoch"), int):
        facts["best epoch"] = card["epoch"] + 1
    if card.get("sparse"):
        facts["sparse layers"] = ", ".join(card["sparse"])
    return facts


def _run(folder: Path) -> dict[str, Any]:
    weights = folder / "model.safetensors"
    facts = _card(read_card(weights)) if weights.is_file() else {"weights": "none yet"}
    done = count_epochs(folder)
    if done is not None and (folder / "recipe.toml").is_file():
        facts["epochs"] = f"{done} of {epochs_asked(folder)}"
    if (folder / "checkpoints" / "last.ckpt").is_file():
        facts["can be resumed"] = "yes"
    return facts
