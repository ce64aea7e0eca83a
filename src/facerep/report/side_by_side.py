"""Results of one kind, or runs, side by side: which report they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facerep.errors import BadInput, Usage
from facerep.report.report import Report, Table
from facerep.results.kinds import ATTRIBUTES, IDENTIFICATION, VERIFICATION
from facerep.results.read import read_result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from facerep.pairs.compared_results import ComparedResult

_PAGE = "give -o NAME.html: a page takes the results of any commands"


def side_by_side(results: Sequence[Path], *, seed: int) -> tuple[Sequence[str], Callable[[], Report]]:
    """The files that the report of these results may have, and how it is made.

    Args:
        results: folders, or the result.json in them: all of `verify`, of `attributes` or of `identify --by`; or runs.
        seed: of the paired bootstrap; others need none.

    Raises:
        BadInput: results of two kinds, or of a kind that has no such report.
    """
    if not results:
        raise Usage("no results were given", hint="name result.json files that `facerep verify --output` wrote")
    if _all_have(results, "model.safetensors") and not _all_have(results, "result.json"):
        from facerep.report.sparsification import sparsification
        from facerep.studies.sparsification.side_by_side import compare_runs

        return sparsification.FILES, lambda: sparsification.report_of_runs(compare_runs(results, seed=seed))
    folders = [path.parent if path.is_file() else path for path in results]
    files = [path if path.is_file() else path / "result.json" for path in results]
    kinds = [read_result(file)["format"] for file in files]
    for place, kind in zip(folders, kinds, strict=True):
        word = kind.removeprefix("facerep/")
        if kind not in (VERIFICATION.format, ATTRIBUTES.format, IDENTIFICATION.format):
            raise BadInput(f"results of {word} are not put side by side", place, _PAGE)
        if kind != kinds[0]:
            what = f"results are of two kinds: {kinds[0].removeprefix('facerep/')} and {word}"
            raise BadInput(what, place, _PAGE)
    if kinds[0] == ATTRIBUTES.format:
        from facerep.report.attributes import comparison as attributes
        from facerep.studies.attributes.side_by_side import compare

        return attributes.FILES, lambda: attributes.report_of(compare(folders))
    if kinds[0] == IDENTIFICATION.format:
        from facerep.report.identification import comparison as identification
        from facerep.studies.identification import side_by_side as identified

        return identification.FILES, lambda: identification.report_of(identified.compare(folders))
    from facerep.pairs.compared_results import read_results
    from facerep.report.verification import comparison as verification

    return verification.FILES, lambda: verification.report_of(read_results(results, seed=seed))


def _all_have(folders: Sequence[Path], name: str) -> bool:
    return all((folder / name).is_file() for folder in folders)


@dataclass(frozen=True)
class Verifications:
    """Several results of `verify` for a page: their table in one piece, their ROC figure where scores are known."""

    rows: Sequence[ComparedResult]
    table: Table
    roc: Figure | None


def verifications(files: Sequence[Path], *, seed: int) -> Verifications:
    """Results of `verify` side by side.

    Raises:
        BadInput: see `pairs.compared_results.read_results`.
    """
    from facerep.pairs.compared_results import read_results
    from facerep.report.verification import comparison

    rows = read_results(files, seed=seed)
    known = any(row.pairs is not None for row in rows)
    return Verifications(rows, comparison.side_by_side(rows), comparison.roc_of(rows) if known else None)
