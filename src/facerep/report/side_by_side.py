"""Results of one kind, or runs, side by side: which report they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from facerep.errors import BadInput, Usage
from facerep.report.report import Report
from facerep.results.kinds import ATTRIBUTES, VERIFICATION
from facerep.results.read import read_result

_PAGE = "give -o NAME.html: a page takes the results of any commands"


def side_by_side(results: Sequence[Path], *, seed: int) -> tuple[Sequence[str], Callable[[], Report]]:
    """The files that the report of these results may have, and how it is made.

    Args:
        results: folders, or the result.json in them: all of `verify`, or all of `attributes`; or runs.
        seed: of the paired bootstrap; attributes need none.

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
    kinds = [read_result(place / "result.json")["format"] for place in folders]
    for place, kind in zip(folders, kinds, strict=True):
        word = kind.removeprefix("facerep/")
        if kind not in (VERIFICATION.format, ATTRIBUTES.format):
            raise BadInput(f"results of {word} are not put side by side", place, _PAGE)
        if kind != kinds[0]:
            what = f"results are of two kinds: {kinds[0].removeprefix('facerep/')} and {word}"
            raise BadInput(what, place, _PAGE)
    if kinds[0] == ATTRIBUTES.format:
        from facerep.report.attributes import comparison as attributes
        from facerep.studies.attributes.side_by_side import compare

        return attributes.FILES, lambda: attributes.report_of(compare(folders))
    from facerep.report.verification import comparison as verification
    from facerep.studies.verification.side_by_side import read_results

    return verification.FILES, lambda: verification.report_of(read_results(results, seed=seed))


def _all_have(folders: Sequence[Path], name: str) -> bool:
    return all((folder / name).is_file() for folder in folders)
