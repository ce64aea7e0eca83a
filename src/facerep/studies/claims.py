"""The claims of DeepID2+ about single units, beside what results of ours say of them.

Figures of the paper are those of its text and tables, or were read off its plots (marked ~).
Source: Sun, Wang, Tang, Deeply learned face representations are sparse, selective, and robust, CVPR 2015.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facerep.errors import BadInput

FORMAT, VERSION = "facerep/claims", 1


@dataclass(frozen=True)
class Row:
    """One claim, and one measurement of it, in per cent (or points, for differences) or as the claim says.

    Attributes:
        about: "accuracy", "bits", "sparse", "selective" or "robust".
        claim: what is claimed.
        paper: its figure, in words.
        measured: the figure here.
        low, high: its 95 % interval; None where there is none.
        of: network, layer and faces that it was measured on.
        file: the result.
    """

    about: str
    claim: str
    paper: str
    measured: float
    low: float | None
    high: float | None
    of: str
    file: str


@dataclass(frozen=True)
class Claims:
    """All claims of which a result speaks, and the formats of results that would speak of others."""

    rows: tuple[Row, ...]
    silent: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The table as JSON holds it."""
        rows = [asdict(row) for row in self.rows]
        return {"format": FORMAT, "version": VERSION, "rows": rows, "not_measured": list(self.silent)}


def claims(results: Sequence[Path]) -> Claims:
    """Read results and put what they say beside the paper.

    Args:
        results: result.json files or folders that hold one, of `verify` and `analyze`.

    Raises:
        BadInput: not a result of these commands.
    """
    rows, seen = [], set()
    for place in results:
        path = place / "result.json" if place.is_dir() else place
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            kind = result.get("format")
            if kind not in _READERS:
                raise BadInput(f"format is {kind or 'not stated'}, a result of verify or analyze is wanted", path)
            rows += [Row(*row, str(place)) for row in _READERS[kind](result)]
        except OSError as error:
            raise BadInput("no such result", path) from error
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise BadInput("not a result of facerep, or of another version", path) from error
        seen.add(kind)
    order = {about: place for place, about in enumerate(("accuracy", "bits", "sparse", "selective", "robust"))}
    rows.sort(key=lambda row: order[row.about])
    return Claims(tuple(rows), tuple(kind.removeprefix("facerep/") for kind in _READERS if kind not in seen))


_Found = tuple[str, str, str, float, float | None, float | None, str]


def _verification(result: Mapping[str, Any]) -> Iterator[_Found]:
    features, metric = result["features"], result["metric"]
    several = "+" in features["network"]
    codes = metric == "hamming"
    papers = {
        ("joint-bayesian", False): ("one network, Joint Bayesian", "98.70"),
        ("joint-bayesian", True): ("several networks, Joint Bayesian", "99.47 (25)"),
        ("hamming", False): ("one network, bits of its units, Hamming", "96.45"),
        ("hamming", True): ("several networks, bits of their units, Hamming", "97.47 (25)"),
    }
    if (metric, several) in papers:
        claim, paper = papers[metric, several]
        of = f"{features['network']}, {result['protocol']['name']}"
        yield ("bits" if codes else "accuracy", claim, paper, *_accuracy(result["accuracy"]), of)


def _accuracy(accuracy: Mapping[str, Any]) -> tuple[float, float, float]:
    rate = accuracy.get("pooled", accuracy)
    return 100 * accuracy.get("mean", rate["value"]), 100 * rate["low"], 100 * rate["high"]


def _sparseness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for layer in result["layers"]:
        of = _of(layer)
        share, units, faces = layer["share_active"], layer["units"], layer["faces"]
        about = 100 * share["value"], 100 * share["low"], 100 * share["high"], of
        yield "sparse", "units active on a face, mean", "57.0 (one half)", *about
        yield "sparse", "faces that activate a unit, mean", "57.0 (one half)", *about
        deviation = layer["active_units_of_a_face"]["standard_deviation"]
        yield "sparse", "units active on a face, deviation", "6.6", 100 * deviation / units, None, None, of
        deviation = layer["faces_that_activate_a_unit"]["standard_deviation"]
        yield "sparse", "faces that activate a unit, deviation", "12.3", 100 * deviation / faces, None, None, of


def _selectiveness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for file in result["files"]:
        of = _of(file)
        if file["network"] == "lbp":
            middle = [target["accuracy_other_half_quartiles"][1] for target in file["targets"]]
            yield "selective", "one feature of LBP, median", "~50 to 60", 100 * _mean(middle), None, None, of
        for kind, claim in (("person", "best unit for one person"), ("attribute", "best unit for one attribute")):
            targets = [target for target in file["targets"] if target["kind"] == kind]
            if targets:
                best = max(targets, key=lambda target: target["accuracy_same_faces"])
                rate = best["accuracy_other_half"]
                about = 100 * rate["value"], 100 * rate["low"], 100 * rate["high"], of
                paper = "?" if file["network"] == "lbp" else "97"
                yield "selective", f"{claim} ({best['name']})", paper, *about
                same = 100 * best["accuracy_same_faces"], None, None, of
                yield "selective", "  the same on the faces that chose it", paper, *same
        people = [target["share_excitatory"] for target in file["targets"] if target["kind"] == "person"]
        if people and file["network"] != "lbp":
            yield "selective", "units excited by a person", "~34 to 39", 100 * _mean(people), None, None, of


_COVERS = {("bottom", 0.4): (7.2, 26.2), ("block", 40.0): (5.6, 14.2)}
"""Points lost under a cover by FC-4 and by high-dimensional LBP, read off the plots."""


def _robustness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for system in result["systems"]:
        points = {(point["cover"], float(point["amount"])): point for point in system["covers"]}
        for (kind, amount), (feature, lbp) in _COVERS.items():
            if (kind, amount) in points:
                what = f"{100 * amount:g} % from the bottom" if kind == "bottom" else f"a block of {amount:g} pixels"
                step = points[kind, amount]["difference"]
                lost = -100 * step["value"], -100 * step["high"], -100 * step["low"]
                paper = f"~{lbp} (LBP)" if system["networks"] == "lbp" else f"~{feature} (FC-4)"
                of = f"{system['name']}, {system['scorer']}"
                yield "robust", f"points lost under {what}", paper, *lost, of


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterable[_Found]]] = {
    "facerep/verification": _verification, "facerep/sparseness": _sparseness,
    "facerep/selectiveness": _selectiveness, "facerep/robustness": _robustness,
}  # fmt: skip


def _of(layer: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (layer["network"], layer["layer"], layer["file"]) if part)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
