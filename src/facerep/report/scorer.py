"""What `fit` says at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facerep.console import console

if TYPE_CHECKING:
    from facerep.scorers.chain import Fitted


def show(fitted: Fitted, output: Path, *, json: bool) -> None:
    """Print what was fitted on what, one fact a line, or as JSON; what to look at goes to stderr."""
    if fitted.left_out:
        console.warn(f"{fitted.left_out} faces of unknown people were left out")
    model = fitted.joint_bayesian
    if model is not None and model.falls:
        console.warn(f"log-likelihood fell in {model.falls} of {model.rounds} rounds; --m-step exact never does")
    if json:
        console.json({"scorer": str(output), **fitted.to_dict()})
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
