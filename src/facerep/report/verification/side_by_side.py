"""Results of one kind side by side: each kind in its own table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facerep.errors import BadInput
from facerep.results.kinds import ATTRIBUTES, VERIFICATION
from facerep.results.read import read_result

_PAGE = "give -o NAME.html: a page takes the results of any commands"


def compare_results(
    results: Sequence[Path], *, json: bool, folder: Path | None, overwrite: bool, seed: int
) -> list[Path]:  # fmt: skip
    """Show results of `verify`, or of `attributes`, in one table; given a folder, write its files there.

    Args:
        results: folders, or the result.json in them.
        json, folder, overwrite, seed: see comparison.compare; `seed` is of the bootstrap, which attributes have not.

    Raises:
        BadInput: results of two kinds, or of a kind that has no such table.
    """
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
        from facerep.report.attributes import comparison as attribute_comparison

        return attribute_comparison.compare(folders, json=json, folder=folder, overwrite=overwrite)
    from facerep.report.verification import comparison

    return comparison.compare(results, json=json, folder=folder, overwrite=overwrite, seed=seed)
