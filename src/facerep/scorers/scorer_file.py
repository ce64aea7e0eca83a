"""Scorer files: a fitted chain in HDF5, with what it was fitted on and what it accepts.

/steps/0, /steps/1, ... hold the arrays of each step; the chain's text and the contract are root attributes.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.atomic import replacing
from facerep.files.contract import get_contract, put_contract
from facerep.files.hdf5 import reading, writing
from facerep.scorers.chain import FittedChain, Step
from facerep.scorers.chain_text import metric_of, parse
from facerep.scorers.joint_bayesian import JointBayesian
from facerep.scorers.projections import LengthOne, Projection
from facerep.scorers.weighted_hamming import WeightedHamming

FORMAT, VERSION = "facerep/scorer", 1
_COUNTS = ("dimension", "faces", "people", "single", "left_out")


def write_scorer(fitted: FittedChain, path: Path, *, overwrite: bool = False) -> None:
    """Write a scorer file, whole or absent; `complete` is set last."""
    with replacing(path, overwrite=overwrite) as temporary, writing.created(temporary) as file:
        steps = file.create_group("steps")
        for position, step in enumerate(fitted.steps):
            group = steps.create_group(str(position))
            for name, array in _arrays(step).items():
                writing.put_numbers(group, name, array, np.float64)
            if isinstance(step, JointBayesian):
                group.attrs["converged"] = step.converged
            if isinstance(step, WeightedHamming):
                group.attrs["genuine"], group.attrs["impostor"] = step.genuine, step.impostor
        file.attrs["chain"] = fitted.text
        for name in _COUNTS:
            file.attrs[name] = getattr(fitted, name)
        file.attrs["fitted_on"], file.attrs["code_rule"] = fitted.fingerprint, fitted.rule
        put_contract(file, fitted.contract)
        writing.put_hashes(file, "fitted_people", fitted.fitted_people)
        writing.seal(file, FORMAT, VERSION)


def read_scorer(path: Path) -> FittedChain:
    """Read a scorer file.

    Raises:
        BadInput: one line that says which check failed: format, version, complete, the chain, shapes, finiteness.
    """
    with reading.opened(path) as file:
        reading.check_format(file, FORMAT, VERSION)
        fitted = FittedChain(
            steps=tuple(_step(file, f"steps/{position}", name) for position, name in enumerate(_step_names(file))),
            contract=get_contract(file),
            fingerprint=reading.attribute(file, "fitted_on"),
            rule=reading.attribute(file, "code_rule"),
            fitted_people=reading.hashes(file, "fitted_people"),
            path=Path(path),
            **{name: reading.count(file, name) for name in _COUNTS},
        )
    _check(fitted)
    return fitted


def fitted_people(path: Path) -> np.ndarray | None:
    """Hashes of the people that the scorer of a file was fitted on; None where it does not tell."""
    with reading.opened(path) as file:
        return reading.hashes(file, "fitted_people")


def metric_of_file(path: Path) -> str:
    """The metric that the scorer of a file makes scores for, see `chain.metric_of`.

    Raises:
        BadInput: as `read_scorer`, as far as the chain goes.
    """
    with reading.opened(path) as file:
        reading.check_format(file, FORMAT, VERSION)
        return metric_of(_step_names(file)[-1])


def _step_names(file: h5py.File) -> list[str]:
    try:
        return [name for name, _ in parse(reading.attribute(file, "chain"))]
    except (Usage, ValueError) as error:
        what = f"scorer file is not understood ({error})"
        raise BadInput(what, file.filename, "make it again with `facerep fit`") from error


def _arrays(step: Step) -> dict[str, np.ndarray]:
    if isinstance(step, LengthOne):
        return {}
    if isinstance(step, WeightedHamming):
        return {"weights": step.weights}
    arrays = {"mean": step.mean, "directions": step.directions}
    if isinstance(step, JointBayesian):
        arrays |= {"between": step.between, "within": step.within, "ratios": step.ratios}
        arrays["likelihoods"] = np.array(step.likelihoods)
    return arrays


def _step(file: h5py.File, where: str, name: str) -> Step:
    group: h5py.File | h5py.Group | None = file
    for part in where.split("/"):
        group = reading.subgroup(group, part) if group is not None else None
    if group is None:
        raise BadInput(f"step {name} is missing", f"{file.filename}:/{where}")
    if name == "l2":
        return LengthOne()

    def read(array: str, ndim: int) -> np.ndarray:
        found = reading.numbers(group, array, ndim=ndim).astype(np.float64, copy=False)
        if not np.isfinite(found).all():
            raise BadInput(f"{array} of step {name} is not finite", f"{file.filename}:/{where}")
        return found

    if name == "weighted-hamming":
        counts = {kind: reading.count(group, kind, 0) for kind in ("genuine", "impostor")}
        return WeightedHamming(weights=read("weights", 1), **counts)
    mean, directions = read("mean", 1), read("directions", 2)
    if name != "joint-bayesian":
        return Projection(name=name, mean=mean, directions=directions)
    return JointBayesian(
        mean=mean, directions=directions, between=read("between", 2), within=read("within", 2),
        ratios=read("ratios", 1), likelihoods=read("likelihoods", 1).tolist(),
        converged=reading.flag(group, "converged"),
    )  # fmt: skip


def _check(fitted: FittedChain) -> None:
    """Each step must take what the step before it gives."""
    length = fitted.dimension
    for step in fitted.steps:
        if isinstance(step, LengthOne):
            continue
        if isinstance(step, WeightedHamming):
            if step.weights.shape != (length,) or (step.weights < 0).any() or not fitted.rule:
                what = f"weights of step {step.name} are not {length} numbers of at least 0 for one rule of codes"
                raise BadInput(what, fitted.path or "scorer")
            continue
        good = step.mean.shape == (length,) and step.directions.shape[1] == length
        if isinstance(step, JointBayesian):
            square = (length, length)
            good &= step.directions.shape == step.between.shape == step.within.shape == square
            good &= step.ratios.shape == (length,) and bool((step.ratios >= 0).all()) and len(step.likelihoods) > 0
        if not good:
            raise BadInput(f"arrays of step {step.name} do not fit {length} dimensions", fitted.path or "scorer")
        length = len(step.directions)
