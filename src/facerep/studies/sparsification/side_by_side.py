"""Runs side by side: what each network keeps and costs, and the verification results that all of them have.

Accuracies are those of the `verify` results in the folders of the runs: RUN/view2/result.json is one called view2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facerep.errors import BadInput
from facerep.files.json_file import parse
from facerep.files.text import MOST_SETTINGS, read_text
from facerep.pairs.compared_results import ComparedResult, read_results
from facerep.results.kinds import VERIFICATION
from facerep.results.read import names_of
from facerep.studies.sparsification.sizes import Sized, sized


@dataclass(frozen=True)
class Runs:
    """Runs by name, the first being what the others are compared with; `judged`: by name the results that all have."""

    names: tuple[str, ...]
    networks: tuple[Sized, ...]
    judged: dict[str, list[ComparedResult]]

    @property
    def dense(self) -> int:
        """Weights of the largest network without masks."""
        return max(one.dense for one in self.networks)


def compare_runs(runs: Sequence[Path], *, seed: int) -> Runs:
    """Measure runs and read the verification results that all of them have.

    Args:
        runs: run folders.
        seed: of the paired bootstrap.

    Raises:
        BadInput: a result in a run's folder is damaged.
    """
    names = names_of([run / "model.safetensors" for run in runs])
    return Runs(tuple(names), sized(runs), judged_by_all(runs, seed=seed))


def judged_by_all(runs: Sequence[Path], *, seed: int) -> dict[str, list[ComparedResult]]:
    """By name the verification results that all runs have in their folders."""
    there = [{path.parent.name for path in run.glob("[!.]*/result.json") if _verified(path)} for run in runs]
    return {
        name: read_results([run / name / "result.json" for run in runs], seed=seed)
        for name in sorted(set.intersection(*there))
    }


def _verified(path: Path) -> bool:
    try:
        result = parse(read_text(path, MOST_SETTINGS))
    except (BadInput, ValueError):
        return False
    return isinstance(result, dict) and result.get("format") == VERIFICATION.format
