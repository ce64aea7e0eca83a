"""What verification over trials shows: a table or JSON; in a folder trials.json."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from facerep.console import console
from facerep.files.atomic import write_json
from facerep.files.outputs import refuse_folder
from facerep.report.result_folder import show_result
from facerep.report.verification.verification import between, percent
from facerep.results.to_json import to_json
from facerep.studies.verification.blufr import TrialsResult

FILE = "trials.json"
FILES = (FILE, "result.json")


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where our file stands in the folder."""
    refuse_folder(folder, FILES, overwrite=overwrite)


def show(
    result: TrialsResult, *, json: bool = False, folder: Path | None = None, overwrite: bool = False
) -> list[Path]:
    """Print a result and, given a folder, write it there; the paths written are given back."""

    def write(folder: Path) -> list[Path]:
        write_json(folder / FILE, to_json(result))
        return [folder / FILE]

    return show_result(
        result, table=partial(_table, result), write=write, files=FILES, json=json, folder=folder, overwrite=overwrite
    )


def _table(result: TrialsResult) -> None:
    for place, point in enumerate(result.trials[0].tar_at_far):
        rows = []
        for trial in result.trials:
            found = trial.tar_at_far[place]
            if found.tar is None:
                rows.append([f"trial {trial.number}", "refused", "", f"{found.impostor:,} impostor pairs"])
            else:
                counts = f"{found.tar.count:,.0f} of {found.tar.of:,}"
                rows.append([f"trial {trial.number}", percent(found.tar.value), between(found.tar), counts])
        for over in result.over:
            if over.far == point.far:
                rows.append(["mean", percent(over.mean), f"s {100 * over.standard_deviation:.2f}", ""])
                rows.append(["mean - s", percent(over.mean_minus_deviation), "", ""])
        name = f"{result.features['file'] or 'features'}, {result.metric}, {result.protocol['name']}"
        last = point is result.trials[0].tar_at_far[-1]
        first = result.trials[0].tar_at_far[place].tar
        notes = [f"intervals: {first.interval}; s: standard deviation of the trials"] if last and first else []
        console.table(
            f"{name}: TAR at FAR {100 * point.far:g} %", ["", "TAR", "95 % interval", "counts"], rows, notes=notes
        )
