"""What `fit` says at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from facerep.console import console, counted
from facerep.results.to_json import to_json

if TYPE_CHECKING:
    from facerep.scorers.chain import FittedChain


def show(fitted: FittedChain, output: Path, *, json: bool) -> None:
    """Print what was fitted on what, one fact a line, or as JSON; what to look at goes to stderr."""
    if fitted.left_out:
        console.warn(f"left out, as their people are unknown: {counted(fitted.left_out, 'face')}")
    model = fitted.joint_bayesian
    if model is not None and model.falls:
        console.warn(f"log-likelihood fell in {model.falls} of {model.rounds} rounds; --m-step exact never does")
    if json:
        console.json({"scorer": str(output), **to_json(fitted), **_why(fitted)})
        return
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
    if model is not None:
        rows += [
            ["rounds", f"{model.rounds}"],
            ["log-likelihood, first", f"{model.likelihoods[0]:,.1f}"],
            ["log-likelihood, last", f"{model.likelihoods[-1]:,.1f}"],
        ]
    if weighted := fitted.weighted_hamming:
        rows[-1] = ["pairs", f"{weighted.genuine:,} genuine and {weighted.impostor:,} impostor"]
        zeros = int((weighted.weights == 0).sum())
        rows.append(["weights", f"{zeros} are 0, the largest is {weighted.weights.max():.2f}, the mean is 1"])
    console.facts(rows)


def _why(fitted: FittedChain) -> dict[str, Any]:
    """What chose the number of principal directions."""
    why = fitted.why
    if why is None:
        return {}
    found: dict[str, Any] = {"variance_kept": why.share}
    if why.errors:
        errors = {str(number): error for number, error in why.errors.items()}
        found["chosen_by"] = {"held_out_people": why.people, "equal_error_rate": errors}
    return found
