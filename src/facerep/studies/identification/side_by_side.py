"""Identification results side by side: rank 1 of several systems, over all probes and by a label of them.

Results in folders that are called seed0, seed1 and so on, beside each other, are one system: its rates are means over
the seeds. Differences are paired, probe by probe, by the ranks.csv beside each result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.metrics.clusters import Clusters, clusters, worth
from facerep.metrics.folds import spread
from facerep.metrics.influence import difference, group_means, measure
from facerep.results.figures import Measure, Rate, Spread
from facerep.results.kinds import IDENTIFICATION, IDENTIFICATION_COMPARISON
from facerep.results.read import names_of, rate_of, read_result
from facerep.studies.identification.ranks_file import RANKS, read_known_probes

_SEED = re.compile(r"seed-?\d+")
_LOST = 0.01
"""Share of the probes of a value that a system may lack, such as faces that could not be cut for it."""


@dataclass(frozen=True)
class Ranked:
    """The known probes of one system: their names, their people, and in which share of the seeds each had rank 1."""

    names: np.ndarray
    people: np.ndarray
    hits: np.ndarray

    @property
    def of(self) -> Clusters:
        """What probes share: their people."""
        return clusters(self.people, self.people, "people")

    def at(self, rows: np.ndarray) -> Ranked:
        """Some probes only."""
        return Ranked(self.names[rows], self.people[rows], self.hits[rows])


@dataclass(frozen=True)
class SystemRates:
    """One system: rank 1 of all known probes, and by value; a rate, or its spread over seeds.

    Attributes:
        name: of its folder.
        seeds: how many results it has.
        overall: of all known probes.
        by: by the values of the label, in the order of the table.
        interval: of the mean over the seeds, by person; None where the ranks are not kept.
        over_above: its difference to the row above on the probes of both; None in the first row and without ranks.
    """

    JSON: ClassVar = ("name", "seeds", "rank_1=overall", "by", "interval", "over_above")

    name: str
    seeds: int
    overall: Rate | Spread
    by: tuple[Rate | Spread, ...]
    interval: Measure | None
    over_above: Measure | None


@dataclass(frozen=True)
class IdentificationSystems:
    """Systems by the rows, all probes and the values of a label by the columns; `counts` are probes by value."""

    KIND: ClassVar = IDENTIFICATION_COMPARISON

    gallery: str
    people: int
    probes: int
    column: str
    values: tuple[str, ...]
    counts: tuple[int, ...]
    rows: tuple[SystemRates, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Stored:
    """What is read of one result: the same in all of one table, and its rates."""

    folder: Path
    gallery: str
    people: int
    column: str
    counts: Mapping[str, int]
    overall: Rate
    by: Mapping[str, Rate]
    warnings: tuple[str, ...]

    @property
    def plan(self) -> tuple[object, ...]:
        return self.gallery, self.people, self.column, set(self.counts)

    @property
    def probes(self) -> int:
        """How many known ones there are."""
        return sum(self.counts.values())


def compare(folders: Sequence[Path]) -> IdentificationSystems:
    """Put results of `identify --by` side by side.

    Raises:
        BadInput: not such a result; results of another gallery, of other probes or by another label.
        Usage: a result is given twice.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise Usage("a result is given twice: " + ", ".join(map(str, folders)))
    stored = [_stored(folder) for folder in folders]
    first = stored[0]
    for other in stored[1:]:
        _same(first, other)
    systems: dict[Path, list[_Stored]] = {}
    for one in stored:
        place = one.folder.resolve()
        systems.setdefault(place.parent if _SEED.fullmatch(place.name) else place, []).append(one)
    names = names_of([place / "result.json" for place in systems])
    rows, above = [], None
    for name, seeds in zip(names, systems.values(), strict=True):
        ranked = _ranked(seeds)
        rows.append(SystemRates(
            name, len(seeds), _together([one.overall for one in seeds]),
            tuple(_together([one.by[value] for one in seeds]) for value in first.counts),
            _interval(ranked) if ranked else None, _between(above, ranked) if above and ranked else None,
        ))  # fmt: skip
        above = ranked
    return IdentificationSystems(
        gallery=first.gallery, people=first.people, probes=first.probes, column=first.column,
        values=tuple(first.counts), counts=tuple(first.counts.values()), rows=tuple(rows),
        warnings=tuple(_warnings(names, systems.values(), first.probes)),
    )  # fmt: skip


def _stored(folder: Path) -> _Stored:
    path = folder / "result.json"
    result: dict[str, Any] = read_result(path, IDENTIFICATION)
    if len(result["lists"]) != 1 or len(result["lists"][0]["trials"]) != 1:
        raise BadInput("result has several lists or trials", path, "identify with --only or --trial")
    (judged,) = result["lists"]
    (trial,) = judged["trials"]
    by = trial.get("by")
    if by is None:
        raise BadInput("result is not by a label", path, "run facerep identify again with --by COLUMN")
    rates = {at["value"]: rate_of(at["rate"]) for at in by["values"]}
    return _Stored(
        folder, judged["name"], trial["gallery"]["people"], by["column"],
        {value: rate.of for value, rate in rates.items()}, rate_of(trial["closed_set"][0]["rate"]), rates,
        tuple(result.get("warnings", ())),
    )  # fmt: skip


def _same(first: _Stored, other: _Stored) -> None:
    if first.plan == other.plan and all(
        abs(count - other.counts[value]) <= _LOST * max(count, other.counts[value])
        for value, count in first.counts.items()
    ):
        return
    what = f"gallery {other.gallery}, {other.people} people, {other.probes:,} probes by {other.column}"
    hint = f"the first has {first.gallery}, {first.people} people, {first.probes:,} probes"
    raise BadInput(f"judged by another plan: {what}", other.folder, f"{hint} by {first.column}")


def _together(rates: Sequence[Rate]) -> Rate | Spread:
    return rates[0] if len(rates) == 1 else spread(rates)


def _ranked(seeds: Sequence[_Stored]) -> Ranked | None:
    """The probes of a system, averaged over its seeds; None where they are not kept or are not the same."""
    found: list[dict[str, tuple[str, bool]]] = []
    for one in seeds:
        if not (one.folder / RANKS).is_file():
            return None
        rows = read_known_probes(one.folder / RANKS)
        found.append({row["probe"]: (row["person"], row["rank"] == "1") for row in rows})
    names = sorted(found[0])
    if any(one.keys() != found[0].keys() for one in found):
        return None
    people = np.array([found[0][name][0] for name in names])
    hits = np.mean([[one[name][1] for name in names] for one in found], axis=0)
    return Ranked(np.array(names), people, hits)


def _interval(one: Ranked) -> Measure:
    means, influence = group_means(one.hits[:, None], _all(one))
    return measure(float(means[0]), influence[:, 0], one.of, lambda: worth(one.of))


def _between(first: Ranked, second: Ranked) -> Measure | None:
    """The second minus the first, on the probes of both; None where they have other probes."""
    common, here, there = np.intersect1d(first.names, second.names, assume_unique=True, return_indices=True)
    if len(common) < (1 - _LOST) * max(len(first.names), len(second.names)):
        return None
    one = first.at(here)
    return difference(one.hits[:, None], second.at(there).hits[:, None], _all(one), one.of)


def _all(one: Ranked) -> tuple[np.ndarray]:
    return (np.ones((len(one.names), 1), bool),)


def _warnings(names: Sequence[str], systems: Iterable[Sequence[_Stored]], probes: int) -> Iterator[str]:
    """What the results warn of, once a system, with its name; and where a system has other probes than the first."""
    for name, seeds in zip(names, systems, strict=True):
        if (own := seeds[0].probes) != probes:
            yield f"{name}: {own:,} probes, the first has {probes:,}; differences are over the probes of both"
        for warning in dict.fromkeys(warning for one in seeds for warning in one.warnings):
            yield f"{name}: {warning}"
