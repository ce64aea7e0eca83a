"""What `analyze claims` shows: the paper's figures beside ours, as a table or JSON; in a folder also as CSV."""

from __future__ import annotations

import json as text
from dataclasses import astuple, fields
from pathlib import Path

from facerep.console import console
from facerep.files.atomic import write_json
from facerep.report.result_folder import refuse as refuse_files
from facerep.report.result_folder import write_csv
from facerep.studies.claims import Claims, Row

FILES = ("result.json", "claims.csv")


def refuse(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputExists, before any work is done, where a file of ours stands in the folder."""
    refuse_files(folder, FILES, overwrite=overwrite)


def show(table: Claims, *, json: bool = False, folder: Path | None = None, overwrite: bool = False) -> list[Path]:
    """Print the table and, given a folder, write its files there; the paths written are given back."""
    written = []
    if folder is not None:
        refuse(folder, overwrite=overwrite)
        columns, lines = [field.name for field in fields(Row)], [astuple(row) for row in table.rows]
        written = [write_csv(folder / "claims.csv", columns, lines, overwrite=overwrite)]
        write_json(folder / "result.json", table.to_dict(), overwrite=overwrite)
        written.insert(0, folder / "result.json")
    if json:
        console.result(text.dumps(table.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return written
    for of in dict.fromkeys(row.of for row in table.rows):
        rows = [[row.claim, row.paper, _measured(row)] for row in table.rows if row.of == of]
        console.table(of, ["claim of DeepID2+, in %", "paper", "here [95 %]"], rows)
    console.result("~ read off a plot; ? not given; the paper judges a unit on the faces that chose its threshold")
    if table.silent:
        console.result("no result was given of: " + ", ".join(table.silent))
    return written


def _measured(row: Row) -> str:
    if row.low is None or row.high is None:
        return f"{row.measured:.2f}"
    return f"{row.measured:.2f} [{row.low:.2f}, {row.high:.2f}]"
