"""A fitted scorer as a report: what was fitted on what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facerep.console import counted
from facerep.report.report import Facts, Report
from facerep.results.to_json import to_json
from facerep.scorers.chain import FittedChain


def report_of(fitted: FittedChain, output: Path) -> Report:
    """A fitted scorer as a report."""
    return Report(
        result={"scorer": output, **to_json(fitted), **_choice(fitted)},
        shown=[Facts(_rows(fitted, output))],
        warnings=list(_warnings(fitted)),
    )


def _warnings(fitted: FittedChain) -> Iterator[str]:
    if fitted.left_out:
        yield f"left out, as their people are unknown: {counted(fitted.left_out, 'face')}"
    model = fitted.joint_bayesian
    if model is not None and model.falls:
        yield f"log-likelihood fell in {model.falls} of {model.rounds} rounds; --m-step exact never does"


def _rows(fitted: FittedChain, output: Path) -> list[list[str]]:
    rows = [
        ["scorer", str(output)],
        ["chain", fitted.text],
        ["people", f"{fitted.people:,}"],
        ["people with one face", f"{fitted.single:,}"],
        ["faces", f"{fitted.faces:,}"],
        ["bits" if fitted.rule else "dimension", f"{fitted.dimension:,}"],
        ["dimension kept", f"{fitted.kept:,}"],
    ]
    if why := fitted.why:
        rows.append(["variance kept", f"{100 * why.share:.1f} %"])
        if why.errors:
            tried = ", ".join(f"{number}: {100 * error:.2f} %" for number, error in why.errors.items())
            rows.append(["chosen by", f"equal error rate on {why.people} held-out people ({tried})"])
    if model := fitted.joint_bayesian:
        rows += [
            ["rounds", f"{model.rounds}"],
            ["log-likelihood, first", f"{model.likelihoods[0]:,.1f}"],
            ["log-likelihood, last", f"{model.likelihoods[-1]:,.1f}"],
        ]
    if weighted := fitted.weighted_hamming:
        rows[-1] = ["pairs", f"{weighted.genuine:,} genuine and {weighted.impostor:,} impostor"]
        zeros = int((weighted.weights == 0).sum())
        rows.append(["weights", f"{zeros} are 0, the largest is {weighted.weights.max():.2f}, the mean is 1"])
    return rows


def _choice(fitted: FittedChain) -> dict[str, Any]:
    """What chose the number of principal directions."""
    why = fitted.why
    if why is None:
        return {}
    if not why.errors:
        return {"variance_kept": why.share}
    errors = {str(number): error for number, error in why.errors.items()}
    chosen_by = {"held_out_people": why.people, "equal_error_rate": errors}
    return {"variance_kept": why.share, "chosen_by": chosen_by}
