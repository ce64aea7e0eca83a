"""Codes table: how much accuracy bits cost, how many bytes they save, and how fast they are searched.

Everything that is fitted, is fitted on other people. No file is written and nothing is printed here.
Source: DeepID2+ (CVPR 2015), section 5.2, for the question; docs/numbers.md for the rates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from facerep.codes.binarize import binarize, bits_of, like, threshold_value
from facerep.codes.unit_selection import Criterion
from facerep.errors import BadInput, Usage
from facerep.files.pairs import PairList
from facerep.files.people import hashes, overlap
from facerep.files.provenance import software
from facerep.files.rows import Codes, Features, Rows
from facerep.files.streams import FeatureStream
from facerep.metrics.differences import compare
from facerep.pairs.choice import ChosenPairs, choose
from facerep.pairs.inputs import describe_features, refuse_zeros
from facerep.pairs.listed import listed_pairs
from facerep.pairs.people_overlap import Overlaps, overlaps
from facerep.progress import progress
from facerep.results.figures import Accuracy, Difference
from facerep.results.kinds import CODES_TABLE
from facerep.scorers.chain_text import DEFAULT, parse
from facerep.scorers.cosine import Cosine
from facerep.scorers.fit_chain import fit_chain
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer import Scorer
from facerep.studies.codes import search_times
from facerep.studies.codes.search_times import Search, SearchTimes

FEWEST_BITS, MOST_BITS = 64, 4096
DRAWN = 100_000
GALLERY = 100_000
COSINE, HAMMING, WEIGHTED, JOINT_BAYESIAN = "cosine", "hamming", "weighted-hamming", "joint-bayesian"


@dataclass(frozen=True)
class CodesRow:
    """One way to keep and compare faces.

    Attributes:
        kept: "vectors", or what the bits are made of: "units" or "itq".
        scorer: how faces are compared.
        bits: of a code; None for vectors.
        bytes_stored: a face in a file.
        bytes_searched: a face in memory while a gallery is searched.
        accuracy: of the pairs, with its interval; by folds where there are any.
        difference: to Joint Bayesian on vectors, on the same pairs; None for that row itself, the first.
        time: the kind of search whose time is the row's.
    """

    kept: str
    scorer: str
    bits: int | None
    bytes_stored: int
    bytes_searched: int
    accuracy: Accuracy
    difference: Difference | None
    time: str


@dataclass(frozen=True, kw_only=True)
class CodesTable:
    """The rows, what was fitted on whom, and which pairs were judged; `times` stay out of the JSON."""

    KIND: ClassVar = CODES_TABLE
    JSON: ClassVar = (
        "features", "fitted_on", "protocol", "counts", "overlap", "rows", "seed", "warnings", "software",
    )  # fmt: skip

    features: dict[str, Any]
    fitted_on: dict[str, Any]
    protocol: dict[str, Any]
    counts: dict[str, Any]
    overlap: Overlaps
    rows: tuple[CodesRow, ...]
    times: SearchTimes
    warnings: tuple[str, ...]
    seed: int
    software: dict[str, str]

    def time(self, row: CodesRow) -> float:
        """The median time of a row's search, over that of cosine on vectors."""
        return self.times.kinds[row.time].ratio.median


@dataclass(frozen=True)
class _Way:
    """A row before it is judged: the scorer, what it takes of each face, and how its search is made ready."""

    kept: str
    bits: int | None
    stored: int
    searched: int
    scorer: Scorer
    rows: np.ndarray
    time: str
    search: Callable[[], Search]


def codes_table(
    features: Features | FeatureStream,
    fit_on: Features,
    pairs: PairList | Path | str | None = None,
    *,
    bits: tuple[int, ...] | None = None,
    threshold: str | float | None = None,
    select: Criterion | None = None,
    chain: str | None = None,
    sample: int | None = None,
    missing: Literal["stop", "count"] = "stop",
    setting: str = "not stated",
    gallery: int = GALLERY,
    device: object = "cpu",
    seed: int = 0,
) -> CodesTable:
    """Judge the same pairs by vectors and by codes of several lengths, in one run.

    Args:
        features: vectors of the faces that are judged; of a file, those of the pairs and of the gallery are read.
        fit_on: vectors of other, labelled people: medians, units, rotations, scorers are learned from them.
        pairs, sample, missing, setting: as `verify` takes them; too many pairs are drawn from.
        bits: lengths of codes; left out, 64, 128, ... up to the units, and the units themselves.
        threshold: of the units; left out, zero where the network's own rule is "> 0", else their medians.
        select: by what units are chosen, see `binarize`.
        chain: of Joint Bayesian, on vectors and on bits; a pca that keeps more than there are bits keeps all. Left
            out, that of `fit`.
        gallery: how many faces one query is searched among, for its time.
        device: of Joint Bayesian's fitting.
        seed: of rotations, samples, pairs that weights are learned from, and the bootstrap.

    Raises:
        Usage: more bits than units, or a chain that does not end with joint-bayesian.
        Mismatch: the two files are of different networks.
        BadInput: as `verify` and `fit` raise it.
    """
    chain = chain or DEFAULT
    if parse(chain)[-1][0] != JOINT_BAYESIAN:
        raise Usage(f"chain {chain!r} does not end with joint-bayesian")
    stream = features if isinstance(features, FeatureStream) else None
    held = features.head if isinstance(features, FeatureStream) else features
    fit_on.contract.require(held.contract, fit_on.where, held.where)
    lengths = _lengths(held, bits)
    if threshold not in (None, "median"):
        threshold_value(threshold)
    rule = threshold if threshold is not None else "zero" if held.contract.rule == "> 0" else "median"
    everyone: Rows = held if stream is None else stream.bare()
    chosen = _chosen(everyone, pairs, sample, missing, seed)
    drawn = search_times.draw_gallery(len(everyone), gallery, held.dimension, seed=seed)
    if stream is not None:
        read = np.union1d(np.flatnonzero(chosen.used(len(everyone))), drawn)
        chosen, drawn = chosen.among(read), np.searchsorted(read, drawn)
        held = stream.features(everyone, read)

    impossible: list[str] = []

    def ways() -> Iterator[_Way]:
        yield _by_joint_bayesian(held, fit_on, chain, drawn, device, seed)
        yield _by_cosine(held, drawn, chosen)
        for count, kept in product(lengths, ("units", "itq")):
            try:
                if kept == "itq":
                    learned = binarize(fit_on, rotation="itq", bits=count, seed=seed)
                else:
                    learned = binarize(fit_on, rule, bits=count, select=select, seed=seed)
            except BadInput as error:
                impossible.append(f"no {kept} {count}: {error.what}")
            else:
                yield from _by_codes(like(held, learned), learned, kept, chain, drawn, device, seed)

    rows: list[CodesRow] = []
    searches: dict[str, Search] = {}
    reference, judged = None, None
    with progress("codes-table", 2 + 6 * len(lengths), "rows") as advance:
        for way in ways():
            judged = listed_pairs(held, chosen, way.scorer, way.rows, seed)
            accuracy, thresholds = judged.accuracy()
            right = (judged.scores >= thresholds) == chosen.same
            difference = None if reference is None else compare(reference, right, judged.of, seed=seed)
            reference = right if reference is None else reference
            rows.append(
                CodesRow(way.kept, way.scorer.name, way.bits, way.stored, way.searched, accuracy, difference, way.time)
            )
            if way.time not in searches:
                searches[way.time] = way.search()
            advance(1)
    assert judged is not None
    used = chosen.used(len(held))
    fitted = overlap(held.people[used], hashes(fit_on.people) if (fit_on.people != "").any() else None)
    makers = replace(overlaps(held, used), scorer=fitted)
    return CodesTable(
        features=describe_features(held, len(everyone)),
        fitted_on={**describe_features(fit_on), "people": len(set(fit_on.people) - {""}), "chain": chain,
                   "threshold": rule, "units_chosen_by": select or "variance"},
        protocol={"name": chosen.name, "pairs": chosen.kind, "setting": setting, "units": judged.word,
                  "folds": chosen.folds},
        counts={"genuine": int(chosen.same.sum()), "impostor": int((~chosen.same).sum()), "missing": chosen.missing},
        overlap=makers,
        rows=tuple(rows),
        times=search_times.measure(searches, len(drawn), over=COSINE),
        warnings=(*makers.warnings(), *chosen.warnings, *impossible),
        seed=seed,
        software=software(),
    )  # fmt: skip


def _lengths(features: Features, asked: tuple[int, ...] | None) -> list[int]:
    units = features.dimension
    if asked is None:
        doubled = [FEWEST_BITS << power for power in range(7)]
        return sorted({bits for bits in doubled if bits <= units} | {min(units, MOST_BITS)})
    if wrong := [bits for bits in asked if not 1 <= bits <= units]:
        what = f"{features.where} has {units} units, {wrong[0]} bits were asked for"
        raise Usage(what, hint=f"give 1 to {units}; several networks together have more")
    return sorted(set(asked))


def _chosen(
    features: Rows, pairs: PairList | Path | str | None, sample: int | None, missing: str, seed: int
) -> ChosenPairs:
    chosen = choose(features, pairs, sample, missing, seed)
    if not chosen.streamed:
        return chosen
    chosen = choose(features, None, DRAWN, missing, seed)
    many = f"all pairs are too many to be kept: {DRAWN:,} of each kind were drawn; or say how many with --sample"
    return replace(chosen, warnings=[*chosen.warnings, many])


def _by_cosine(features: Features, gallery: np.ndarray, chosen: ChosenPairs) -> _Way:
    refuse_zeros(features, features.values, chosen.used(len(features)))
    size = 4 * features.dimension
    search = partial(search_times.cosine_search, features.values, gallery)
    return _Way("vectors", None, size, size, Cosine(where=features.where), features.values, COSINE, search)


def _by_joint_bayesian(
    rows: Features | Codes, fit_on: Features | Codes, chain: str, gallery: np.ndarray, device: object, seed: int
) -> _Way:
    fitted = fit_chain([fit_on], _capped(chain, fit_on), device=device, seed=seed)
    model = fitted.joint_bayesian
    assert model is not None
    prepared = fitted.prepare(rows)
    bits, stored = (rows.bits, rows.packed.shape[1]) if isinstance(rows, Codes) else (None, 4 * rows.dimension)
    # projected when the gallery is read: what is searched is as long as for vectors
    search = partial(search_times.joint_bayesian_search, model, prepared, gallery)
    numbers = prepared.shape[1]
    time = f"{JOINT_BAYESIAN}, {numbers} numbers"
    return _Way("vectors", bits, stored, 4 * numbers, model, prepared, time, search)


def _by_codes(
    codes: Codes, learned: Codes, kept: str, chain: str, gallery: np.ndarray, device: object, seed: int
) -> Iterator[_Way]:
    packed, bits, size = codes.packed, codes.bits, codes.packed.shape[1]
    search = partial(search_times.hamming_search, packed, gallery)
    yield _Way(kept, bits, size, size, Hamming(), packed, f"{HAMMING}, {bits} bits", search)
    weights = fit_chain([learned], WEIGHTED, seed=seed).weighted_hamming
    assert weights is not None
    search = partial(search_times.weighted_search, weights, packed, gallery)
    yield _Way(kept, bits, size, size, weights, packed, f"{WEIGHTED}, {bits} bits", search)
    yield replace(_by_joint_bayesian(codes, learned, chain, gallery, device, seed), kept=kept)


def _capped(chain: str, rows: Features | Codes) -> str:
    """The chain with no more principal directions than the bits fill."""
    if not isinstance(rows, Codes):
        return chain
    steps = []
    for name, number in parse(chain):
        if name == "pca" and isinstance(number, int) and number >= rows.bits:
            number = int(np.linalg.matrix_rank(np.cov(bits_of(rows), rowvar=False)))
        steps.append(name if number is None else f"{name}:{number}")
    return "+".join(steps)
