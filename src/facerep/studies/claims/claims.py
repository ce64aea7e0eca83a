"""The claims of DeepID2+, beside what results say of them: of networks that were trained here, and of others.

A result has parts (a layer, a list of probes, the best person, a cover), each with its system; each row of
`deepid2plus.QUANTITIES` says where in which part its figure stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from facerep.errors import BadInput
from facerep.networks.catalog import CATALOG
from facerep.results import kinds
from facerep.results.read import read_result
from facerep.studies.claims.deepid2plus import (
    ABOUT,
    BASELINE,
    CLAIMS,
    COVERS,
    LAYERS,
    QUANTITIES,
    SEVERAL,
    UNKNOWN,
    Claim,
    Quantity,
)


@dataclass(frozen=True)
class Measured:
    """One measurement of a claim.

    Attributes:
        value: the figure, in the unit of the claim.
        low, high: its 95 % interval; None where there is none.
        of: network and layer.
        how: what distinguishes it from other measurements: faces, scorer, person.
        ours: a network of the catalog, or several; False for one that was imported.
        file: the result.
    """

    value: float
    low: float | None
    high: float | None
    of: str
    how: str
    ours: bool
    file: str

    def same_as(self, other: Measured) -> bool:
        """Two results report the same: they were measured on the same faces in the same way."""
        if (self.of, self.how) != (other.of, other.how) or (self.low is None) != (other.low is None):
            return False
        mine, others = ((one.value, one.low or 0, one.high or 0) for one in (self, other))
        return all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(mine, others, strict=True))


@dataclass(frozen=True)
class MeasuredClaim:
    """A claim, or what the paper has no figure of, with all that was measured of it, in the order of the results."""

    JSON: ClassVar = ("*claim", "measured")

    claim: Claim
    measured: tuple[Measured, ...]

    @property
    def claimed(self) -> bool:
        """It is one of the paper's claims."""
        return self.claim in CLAIMS


@dataclass(frozen=True)
class Claims:
    """All claims, measured or not."""

    KIND: ClassVar = kinds.CLAIMS
    JSON: ClassVar = ("claims=rows",)

    rows: tuple[MeasuredClaim, ...]

    @property
    def silent(self) -> list[str]:
        """Claims that no result speaks of."""
        return [row.claim.text for row in self.rows if not row.measured]


def claims(results: Sequence[Path]) -> Claims:
    """Read results and put what they say beside the paper.

    What they say of layers that the paper has no figure of stands behind the claims of its kind; what two of them say
    alike is reported once.

    Args:
        results: result.json files or folders that hold one, of `verify`, `identify` and `analyze`.

    Raises:
        BadInput: not a result of these commands.
    """
    rows: dict[str, tuple[Claim, list[Measured]]] = {claim.id: (claim, []) for claim in CLAIMS}
    for place in results:
        path = place / "result.json" if place.is_dir() else place
        result = read_result(path)
        kind = result["format"]
        if kind not in _PARTS:
            raise BadInput(f"format is {kind}, a result of verify, identify or analyze is wanted", path)
        try:
            for claim, one in _measurements(_PARTS[kind](result), str(place)):
                known = rows.setdefault(claim.id, (claim, []))[1]
                if not any(one.same_as(other) for other in known):
                    known.append(one)
        except (ValueError, AttributeError, KeyError, TypeError, IndexError) as error:
            raise BadInput("result is damaged, or of another version", path, "make it again") from error
    measured = [MeasuredClaim(claim, tuple(each)) for claim, each in rows.values()]
    return Claims(tuple(sorted(measured, key=lambda row: ABOUT.index(row.claim.quantity.about))))


@dataclass(frozen=True)
class _Part:
    """A part of a result: which (`Quantity.part`), of which system, its JSON, and as in Measured."""

    name: str
    system: str
    json: Mapping[str, Any]
    of: str
    how: str
    ours: bool = True


def _measurements(parts: Iterable[_Part], file: str) -> Iterator[tuple[Claim, Measured]]:
    for part in parts:
        for quantity in QUANTITIES:
            if quantity.part == part.name and (figure := _figure(quantity, part.json)):
                yield Claim(quantity, part.system, UNKNOWN), Measured(*figure, part.of, part.how, part.ours, file)


def _figure(quantity: Quantity, part: Mapping[str, Any]) -> tuple[float, float | None, float | None] | None:
    """Value and interval in per cent; None where the part has no such figure."""
    figure: Any = part
    for key in quantity.path.split("/"):
        name, _, value = key.partition("=")
        figure = next((item for item in figure if item[name] == float(value)), None) if value else figure[key]
        if figure is None:
            return None
    if not isinstance(figure, Mapping):
        return 100 * figure / (part[quantity.per] if quantity.per else 1), None, None
    rate, times = figure.get("pooled", figure), 100 * quantity.sign
    low, high = sorted((times * rate["low"], times * rate["high"]))
    return times * figure.get("mean", rate.get("value")), low, high


def _verification(result: Mapping[str, Any]) -> Iterator[_Part]:
    features, metric = result["features"], result["metric"]
    if metric in ("hamming", "joint-bayesian"):
        bits = " of bits" if features.get("code") and metric != "hamming" else ""
        yield _of_network(metric + bits, result, features, result["protocol"]["name"])


def _identification(result: Mapping[str, Any]) -> Iterator[_Part]:
    for judged in result["lists"]:
        trial = judged["trials"][0]
        if judged["over_trials"] is None and trial["gallery"]["images"] == "single-image":
            # the paper's protocol is one trial, one gallery face a person
            name = "open-set" if trial["counts"]["unknown"] else "closed-set"
            yield _of_network(name, trial, result["features"], f"{judged['name']}, {result['metric']}", system="")


def _sparseness(result: Mapping[str, Any]) -> Iterator[_Part]:
    for layer in result["layers"]:
        yield _of_network("layer", layer, layer, "values below 0: no ReLU" if layer["values_below_zero"] else "")


def _selectiveness(result: Mapping[str, Any]) -> Iterator[_Part]:
    for file in result["files"]:
        by_kind = {kind: [target for target in file["targets"] if target["kind"] == kind] for kind in _TARGETS}
        for kind, targets in by_kind.items():
            if targets:
                best = max(targets, key=lambda target: target["accuracy_same_faces"])
                yield _of_network(f"best {kind}", best, file, f"best of {len(targets)}: {best['name']}")
        if people := by_kind["person"]:
            means = {
                "median": _mean(target["accuracy_other_half_quartiles"][1] for target in people),
                "share_excitatory": _mean(target["share_excitatory"] for target in people),
            }
            yield _of_network("people", means, file, f"mean over {len(people)} people")


def _robustness(result: Mapping[str, Any]) -> Iterator[_Part]:
    for one in result["systems"]:
        network, layer, name = "+".join(one["rows"]), one["layer"], one["name"]
        system, ours = _system(network, layer), _ours(network)
        points = {(point["cover"], float(point["amount"])): point for point in one["covers"]}
        how = f"{result['pairs']}, {one['scorer']}"
        if "joint-bayesian" in one["scorer"]:
            yield _Part("joint-bayesian", system, one["covers"][0], name, how, ours)
        how += f", {result['covered_faces_of_a_pair']} covered"
        for cover, amount in COVERS.items():
            if amount in points:
                yield _Part(cover, system, points[amount], name, how, ours)
                if system != LAYERS["feature"]:
                    beyond = f"{how}, beyond {result['reference']}"
                    yield _Part(f"beyond {cover}", system, points[amount], name, beyond, ours)


_TARGETS = ("person", "attribute")
_PARTS: dict[str, Callable[[Mapping[str, Any]], Iterable[_Part]]] = {
    kinds.VERIFICATION.format: _verification, kinds.IDENTIFICATION.format: _identification,
    kinds.SPARSENESS.format: _sparseness, kinds.SELECTIVENESS.format: _selectiveness,
    kinds.ROBUSTNESS.format: _robustness,
}  # fmt: skip


def _of_network(
    name: str, json: Mapping[str, Any], of: Mapping[str, Any], how: str, system: str | None = None
) -> _Part:
    """A part of a result on one feature file, of the system that its network and layer are, where none is given."""
    network, layer = of["network"], of["layer"]
    title = ", ".join(part for part in (network, layer) if part) or of["file"]
    return _Part(name, _system(network, layer) if system is None else system, json, title, how, _ours(network))


def _system(network: str, layer: str) -> str:
    """What the paper calls it; the layer's own name where the paper has none like it."""
    if network == "lbp":
        return BASELINE
    if network == "pixels":
        return network
    if not _ours(network):
        return LAYERS["feature"]
    system = LAYERS.get(layer, layer)
    if len(_parts(network)) == 1:
        return system
    return SEVERAL if layer == "feature" else f"{SEVERAL}, {system}"


def _ours(network: str) -> bool:
    """True for a network of the catalog, or several; others were imported."""
    return all(part in CATALOG for part in _parts(network))


def _parts(network: str) -> list[str]:
    """The networks whose names were joined by a +, which may be in a name too (deepid2+)."""
    parts: list[str] = []
    for part in network.split("+"):
        if parts and f"{parts[-1]}+{part}" in CATALOG:
            parts[-1] += f"+{part}"
        else:
            parts.append(part)
    return parts


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
