"""Fitting a chain: each step on what the steps before it give, of labelled features or codes.

Source: DeepID (CVPR 2014), section 4: PCA to 150 dimensions, then Joint Bayesian.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from facerep.console import console
from facerep.errors import BadInput, Mismatch, Usage, refuse_meaningless
from facerep.files.people import hashes
from facerep.files.rows import Codes, Features
from facerep.scorers import pca_dimensions
from facerep.scorers.chain import FittedChain, Step, kind_of_rows, vectors_of
from facerep.scorers.chain_text import ALL, DEFAULT, METRICS, Number, parse
from facerep.scorers.fitting_rows import (
    FittingRows,
    HeldRows,
    Selected,
    StreamedRows,
    held_rows,
    people_of,
    streamed_rows,
)
from facerep.scorers.joint_bayesian import ROUNDS, TOLERANCE, JointBayesian, fit_rows, fit_totals
from facerep.scorers.projections import LengthOne, Projection, fit_lda, fit_pca
from facerep.scorers.weighted_hamming import fit_weighted_hamming


def fit_chain(
    tables: Sequence[Features | Codes] | Sequence[Selected],
    chain: str = DEFAULT,
    *,
    components: int | None = None,
    rounds: int | None = None,
    tolerance: float = TOLERANCE,
    m_step: Literal["exact", "published"] | None = None,
    device: object = "cpu",
    seed: int = 0,
) -> FittedChain:
    """Fit the steps of a chain, each on what the steps before it give.

    Args:
        tables: features of one contract, or codes of one contract and rule, in memory; or files of such on disk, which
            are gone through in blocks, once or twice a step. Where a step needs people, faces of unknown people are
            left out. LDA and PCA of few or very long vectors hold all rows in memory.
        chain: steps joined by "+".
        components: how many dimensions `pca` keeps, where the chain does not say. Left out, before Joint Bayesian
            people who are held out choose, else 95 % of the variance are kept.
        rounds, tolerance, m_step, device: of Joint Bayesian; at most 500 rounds, and the exact M-step, if left out.
        seed: of PCA on very long vectors, which is randomised, and of the pairs that weights are learned from.

    Raises:
        Usage: see `parse`; `components` without a pca step that could take them; rounds or an M-step without Joint
            Bayesian; weights of bits of vectors.
        BadInput: no known people, or too few faces for a step.
        Mismatch: the tables have different contracts.
    """
    plan: list[tuple[str, Number]] = parse(chain)
    if plan[-1][0] != "joint-bayesian":
        why = f"for the chain {chain}, which has no joint-bayesian"
        refuse_meaningless({"--rounds": rounds, "--m-step": m_step}, why)
    if components is not None:
        if ("pca", None) not in plan:
            raise Usage(f"--components is for a pca step without a number, chain is {chain!r}")
        plan = [(name, components if (name, number) == ("pca", None) else number) for name, number in plan]
    first = _head(tables[0])
    if plan[0][0] == "weighted-hamming" and not isinstance(first, Codes):
        raise Usage(f"weighted-hamming weighs bits, {first.where} holds vectors", hint="run facerep binarize first")
    for other in tables[1:]:
        _same(first, _head(other))
    rows, left_out = _rows(tables), 0
    if plan[-1][0] in METRICS or any(name == "lda" for name, _ in plan):
        known = rows.groups >= 0
        if not known.any():
            raise BadInput("no person is known", first.where, f"chain {chain} is fitted on labelled faces")
        left_out = int((~known).sum())
        rows = rows.where(known) if left_out else rows
    counts = np.bincount(rows.groups[rows.groups >= 0])
    # what lies within people has a dimension for each face less one for each person
    room = len(rows) - len(counts) if plan[-1][0] == "joint-bayesian" else len(rows) - 1
    try:
        options = {"rounds": rounds or ROUNDS, "tolerance": tolerance, "m_step": m_step or "exact", "device": device}
        steps = _fit_steps(plan, rows, room, seed, **options)
    except BadInput as error:
        raise BadInput(error.what, first.where, error.hint) from error
    if isinstance(last := steps[-1], JointBayesian) and not last.converged:
        moved = f"the last of {last.rounds} rounds still moved the log-likelihood by {abs(last.gain):.3g}"
        console.warn(f"Joint Bayesian has not converged: {moved}; give --rounds more, or keep fewer dimensions")
    return FittedChain(
        steps=tuple(steps),
        contract=first.contract,
        dimension=rows.dimension,
        rule=first.rule if isinstance(first, Codes) else "",
        faces=len(rows),
        people=len(counts),
        single=int((counts == 1).sum()),
        left_out=left_out,
        fitted_people=hashes(rows.labels) if len(counts) else None,
        fingerprint=rows.fingerprint(),
    )


def _fit_steps(
    plan: Sequence[tuple[str, Number]], rows: FittingRows, room: int, seed: int, **options: Any
) -> list[Step]:
    steps: list[Step] = []
    for place, (name, number) in enumerate(plan):
        if name == "joint-bayesian":
            steps.append(fit_rows(rows, **options))
            break
        if name == "weighted-hamming":
            steps.append(fit_weighted_hamming(rows.take, people_of(rows), seed=seed))
            break
        if name == "l2":
            step = LengthOne()
        elif name == "lda":
            assert number != ALL
            step = fit_lda(rows.all(), people_of(rows), number)
        else:
            step = fit_pca(rows, number, room, seed)
            if number is None:
                step = _worth_keeping(step, plan[place + 1 :], rows, room, seed, options)
        steps.append(step)
        rows = rows.through(step)
    return steps


def _worth_keeping(
    whole: Projection,
    then: Sequence[tuple[str, Number]],
    rows: FittingRows,
    room: int,
    seed: int,
    options: dict[str, Any],
) -> Projection:
    """Of a PCA that has all directions, those that are worth keeping for what follows."""
    assert whole.why is not None
    shares = whole.why.shares
    if not then or then[-1][0] != "joint-bayesian":
        kept = pca_dimensions.by_variance(shares, room)
    else:

        def fit(some: FittingRows) -> Callable[[int], Callable[[np.ndarray], np.ndarray]]:
            first = fit_pca(some, None, len(some), seed)
            if len(then) > 1:
                return lambda number: scores_of(_first(first, number), some)
            from facerep.scorers.joint_bayesian_em import total  # torch takes seconds to import

            # sums of the first coordinates are the first of the sums: one pass serves all numbers
            totals = total(some.through(first), options["device"])
            return lambda number: scores_by(_first(first, number), [fit_totals(totals.first(number), **of_rounds)])

        of_rounds = {name: value for name, value in options.items() if name != "device"}

        def scores_of(first: Projection, some: FittingRows) -> Callable[[np.ndarray], np.ndarray]:
            return scores_by(first, _fit_steps(then, some.through(first), len(some), seed, **options))

        def scores_by(first: Projection, steps: Sequence[Step]) -> Callable[[np.ndarray], np.ndarray]:
            model = steps[-1]
            assert isinstance(model, JointBayesian)

            def scores(others: np.ndarray) -> np.ndarray:
                for step in (first, *steps):
                    others = step.prepare(others)
                return model.matrix(others, others)

            return scores

        kept = pca_dimensions.by_people(rows, shares, room, fit, seed=seed)
    return replace(whole, directions=whole.directions[: kept.number], why=kept)


def _first(projection: Projection, number: int) -> Projection:
    return replace(projection, directions=projection.directions[:number])


def _head(table: Features | Codes | Selected) -> Features | Codes:
    return table.head if isinstance(table, Selected) else table


def _rows(tables: Sequence[Features | Codes] | Sequence[Selected]) -> HeldRows | StreamedRows:
    """Several files as one, rows below each other, codes as vectors of 0 and 1."""
    on_disk = [table for table in tables if isinstance(table, Selected)]
    if on_disk:
        return streamed_rows(on_disk)
    held = [table for table in tables if not isinstance(table, Selected)]
    names = np.concatenate([table.names for table in held]) if len(held) > 1 else held[0].names
    if len(held) > 1 and len(set(names)) != len(names):
        raise BadInput("a face stands in more than one file", ", ".join(table.where for table in held))
    values = [vectors_of(table) for table in held]
    people = np.concatenate([table.people for table in held]) if len(held) > 1 else held[0].people
    return held_rows(np.concatenate(values) if len(held) > 1 else values[0], people, names)


def _same(first: Features | Codes, other: Features | Codes) -> None:
    """Refuse two files that cannot be fitted on together."""
    if isinstance(first, Codes) and isinstance(other, Codes):
        first.require(other)
        return
    first.contract.require(other.contract, first.where, other.where)
    if isinstance(first, Codes) or isinstance(other, Codes):
        kinds = [kind_of_rows(isinstance(table, Codes)) for table in (first, other)]
        sides = f"{first.where} holds {kinds[0]}, {other.where} holds {kinds[1]}"
        raise Mismatch("codes and vectors differ", sides, "give files of one kind")
    if other.dimension != first.dimension:
        sides = f"{first.where} has {first.dimension}, {other.where} has {other.dimension}"
        raise Mismatch("dimension differs", sides, "make both with the same network and crop")
