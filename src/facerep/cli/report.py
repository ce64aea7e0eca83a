"""`facerep report`: several results in one table and one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facerep.cli.options import Json, Overwrite, Seed, refuse_meaningless


def report(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folders that --output of a command wrote, or the result.json in them; or runs."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="NAME.html: one page of all results, for a browser; else a folder."),
    ] = None,
    overwrite: Overwrite = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Several results in one table, or on one page.

    Results of `verify` stand side by side with intervals, paired differences and one ROC figure; those of `attributes`
    with their means and paired differences. Runs are told with their weights, bytes and speed, and with the results of
    `verify` that lie in their folders. A page takes the results of any commands, with their tables and figures, in one
    file that needs nothing else.

    Example: facerep report pixels/ deepid2/ -o comparison.html
    """
    from facerep.console import console

    if output is not None and output.suffix == ".html":
        from facerep.report.page import write_page

        refuse_meaningless({"--json": json or None}, "for a page")
        write_page(
            [path.parent if path.is_file() else path for path in results], output, overwrite=overwrite, seed=seed
        )
        written = [output]
    elif _all_have(results, "model.safetensors") and not _all_have(results, "result.json"):
        from facerep.report.sparsification import show_runs
        from facerep.studies.sparsification import sized

        written = show_runs(sized(results), json=json, folder=output, overwrite=overwrite, seed=seed)
    else:
        from facerep.report.same_kind import compare_results

        written = compare_results(results, json=json, folder=output, overwrite=overwrite, seed=seed)
    if written:
        console.wrote(*written)


def _all_have(folders: list[Path], name: str) -> bool:
    return all((folder / name).is_file() for folder in folders)
