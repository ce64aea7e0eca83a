"""The claims of DeepID2+, beside what results say of them: of networks that were trained here, and of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facerep.errors import BadInput
from facerep.networks.catalog import CATALOG
from facerep.results.read import read_result
from facerep.studies.claims.deepid2plus import (
    ABOUT,
    BASELINE,
    CLAIMS,
    COVERS,
    LAYERS,
    SEVERAL,
    UNKNOWN,
    Claim,
    beyond,
    left,
    lost,
)

FORMAT, VERSION = "facerep/claims", 2


@dataclass(frozen=True)
class Measured:
    """One measurement of a claim.

    Attributes:
        value: the figure, in the unit of the claim.
        low, high: its 95 % interval; None where there is none.
        of: network and layer.
        how: what tells it from other measurements: faces, scorer, person.
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
        """Two results told the same: they were measured on the same faces in the same way."""
        if (self.of, self.how) != (other.of, other.how) or (self.low is None) != (other.low is None):
            return False
        mine, others = ((one.value, one.low or 0, one.high or 0) for one in (self, other))
        return all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(mine, others, strict=True))


@dataclass(frozen=True)
class Row:
    """A claim, or what the paper has no figure of, with all that was measured of it, in the order of the results."""

    claim: Claim
    measured: tuple[Measured, ...]

    @property
    def claimed(self) -> bool:
        """It is one of the paper's claims."""
        return self.claim in CLAIMS


@dataclass(frozen=True)
class Claims:
    """All claims, measured or not."""

    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()

    @property
    def silent(self) -> list[str]:
        """Claims that no result speaks of."""
        return [row.claim.text for row in self.rows if not row.measured]

    def to_dict(self) -> dict[str, Any]:
        """The table as JSON holds it."""
        rows = [{**asdict(row.claim), "measured": [asdict(one) for one in row.measured]} for row in self.rows]
        return {"format": FORMAT, "version": VERSION, "claims": rows}


def claims(results: Sequence[Path]) -> Claims:
    """Read results and put what they say beside the paper.

    What they say of layers that the paper has no figure of stands behind the claims of its kind; what two of them say
    alike is told once.

    Args:
        results: result.json files or folders that hold one, of `verify`, `identify` and `analyze`.

    Raises:
        BadInput: not a result of these commands.
    """
    rows: dict[str, tuple[Claim, list[Measured]]] = {claim.text: (claim, []) for claim in CLAIMS}
    for place in results:
        path = place / "result.json" if place.is_dir() else place
        result = read_result(path)
        kind = result["format"]
        if kind not in _READERS:
            raise BadInput(f"format is {kind}, a result of verify, identify or analyze is wanted", path)
        try:
            for about, text, value, low, high, of, how, ours in _READERS[kind](result):
                claim = Claim(about, text, UNKNOWN)  # pyright: ignore[reportArgumentType]
                one = Measured(value, low, high, of, how, ours, str(place))
                known = rows.setdefault(text, (claim, []))[1]
                if not any(one.same_as(other) for other in known):
                    known.append(one)
        except (ValueError, AttributeError, KeyError, TypeError, IndexError) as error:
            raise BadInput("result is damaged, or of another version", path, "make it again") from error
    found = [Row(claim, tuple(measured)) for claim, measured in rows.values()]
    return Claims(tuple(sorted(found, key=lambda row: ABOUT.index(row.claim.about))))


_Found = tuple[str, str, float, float | None, float | None, str, str, bool]
"""About, text of the claim, then as in Measured."""


def _verification(result: Mapping[str, Any]) -> Iterator[_Found]:
    features, metric = result["features"], result["metric"]
    system, coded = _system(features["network"], features["layer"]), bool(features.get("code"))
    told = *_accuracy(result["accuracy"]), *_network(features, result["protocol"]["name"])
    if metric == "hamming":
        yield "bits", f"Hamming, {system}", *told
    elif metric == "joint-bayesian":
        yield "bits" if coded else "accuracy", f"Joint Bayesian{' on bits' if coded else ''}, {system}", *told


def _identification(result: Mapping[str, Any]) -> Iterator[_Found]:
    for judged in result["lists"]:
        trial = judged["trials"][0]
        if judged["over_trials"] is not None or trial["gallery"]["images"] != "single-image":
            continue  # the paper's protocol is one trial, one gallery face a person
        of = _network(result["features"], f"{judged['name']}, {result['metric']}")
        if trial["counts"]["unknown"]:
            open_set = (point for point in trial["open_set"] if point["far"] == 0.01 and point["dir"] is not None)
            for point in open_set:
                yield "accuracy", "open set, rank 1 at FAR 1 %", *_percent(point["dir"]), *of
        else:
            rates = {point["rank"]: point["rate"] for point in trial["closed_set"]}
            yield "accuracy", "closed set, rank 1", *_percent(rates[1]), *of


def _sparseness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for layer in result["layers"]:
        system, units, faces = _system(layer["network"], layer["layer"]), layer["units"], layer["faces"]
        of = _network(layer, "values below 0: no ReLU" if layer["values_below_zero"] else "")
        share = *_percent(layer["share_active"]), *of
        yield "sparse", f"units active on a face, {system}", *share
        deviation = layer["active_units_of_a_face"]["standard_deviation"]
        yield "sparse", f"  deviation over faces, {system}", 100 * deviation / units, None, None, *of
        yield "sparse", f"faces that activate a unit, {system}", *share
        deviation = layer["faces_that_activate_a_unit"]["standard_deviation"]
        yield "sparse", f"  deviation over units, {system}", 100 * deviation / faces, None, None, *of


def _selectiveness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for file in result["files"]:
        system = _system(file["network"], file["layer"])
        for kind, what in (("person", "a person"), ("attribute", "an attribute")):
            targets = [target for target in file["targets"] if target["kind"] == kind]
            if targets:
                best = max(targets, key=lambda target: target["accuracy_same_faces"])
                of = _network(file, f"best of {len(targets)}: {best['name']}")
                same, held = 100 * best["accuracy_same_faces"], _percent(best["accuracy_other_half"])
                yield "selective", f"unit for {what}, same faces, {system}", same, None, None, *of
                yield "selective", f"unit for {what}, other faces, {system}", *held, *of
        people = [target for target in file["targets"] if target["kind"] == "person"]
        if people:
            of = _network(file, f"mean over {len(people)} people")
            middle = 100 * _mean(target["accuracy_other_half_quartiles"][1] for target in people)
            yield "selective", f"median unit for a person, {system}", middle, None, None, *of
            excited = 100 * _mean(target["share_excitatory"] for target in people)
            yield "selective", f"units excited by a person, {system}", excited, None, None, *of


def _robustness(result: Mapping[str, Any]) -> Iterator[_Found]:
    for one in result["systems"]:
        system, name = _system("+".join(one["rows"]), one["layer"]), one["name"]
        points = {(point["cover"], float(point["amount"])): point for point in one["covers"]}
        how = f"{result['pairs']}, {one['scorer']}"
        if "joint-bayesian" in one["scorer"]:
            yield "accuracy", f"Joint Bayesian, {system}", *_accuracy(one["covers"][0]["accuracy"]), name, how, True
        how += f", {result['covered_faces_of_a_pair']} covered"
        for cover in COVERS:
            if cover not in points:
                continue
            point = points[cover]
            step, share, more = (
                point[key] for key in ("difference", "left_above_one_answer", "more_lost_than_reference")
            )
            points_lost = -100 * step["value"], -100 * step["high"], -100 * step["low"]
            yield "robust", lost(cover, system), *points_lost, name, how, True
            if share is not None:
                yield "robust", left(cover, system), *_percent(share), name, how, True
            if more is not None and system != LAYERS["feature"]:
                than = f"{how}, beyond {result['reference']}"
                yield "robust", beyond(cover, system), *_percent(more), name, than, True


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterable[_Found]]] = {
    "facerep/verification": _verification, "facerep/identification": _identification,
    "facerep/sparseness": _sparseness, "facerep/selectiveness": _selectiveness, "facerep/robustness": _robustness,
}  # fmt: skip


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
    found: list[str] = []
    for part in network.split("+"):
        if found and f"{found[-1]}+{part}" in CATALOG:
            found[-1] += f"+{part}"
        else:
            found.append(part)
    return found


def _network(of: Mapping[str, Any], how: str) -> tuple[str, str, bool]:
    """Network and layer, what else tells the measurement from others, is it ours?"""
    name = ", ".join(part for part in (of["network"], of["layer"]) if part) or of["file"]
    return name, how, _ours(of["network"])


def _accuracy(accuracy: Mapping[str, Any]) -> tuple[float, float, float]:
    rate = accuracy.get("pooled", accuracy)
    return 100 * accuracy.get("mean", rate.get("value")), 100 * rate["low"], 100 * rate["high"]


def _percent(rate: Mapping[str, Any]) -> tuple[float, float, float]:
    return 100 * rate["value"], 100 * rate["low"], 100 * rate["high"]


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
