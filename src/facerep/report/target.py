"""Where a report goes: to a terminal or a pipe; given a folder, there too, all its files together or none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from facerep.console import console
from facerep.files.atomic import refuse_existing, write_json
from facerep.files.csv_file import write_csv
from facerep.files.folders.result_folder import refuse_folder, result_folder
from facerep.files.provenance import made
from facerep.report.report import Content, Csv, Drawing, Facts, File, Json, Report, Table
from facerep.results.to_json import to_json

COMMAND = "command.json"
"""Beside every result: the command that made it, when, and with which versions."""


class Target:
    """Where the report of a command goes. It is made before any work is done, for it refuses what is in the way.

    Args:
        folder: what --output names; None: the report is shown only.
        files: names of all files that such a report may have, `*` standing for any letters.
        overwrite: a result that stands there is replaced.
        json: JSON is shown instead of tables.

    Raises:
        OutputExists: a result is there.
        BadInput: the folder is a file, or a file in the way is not of a result of ours.
    """

    def __init__(
        self, folder: Path | None = None, files: Sequence[str] = (), *, overwrite: bool = False, json: bool = False
    ) -> None:
        self.folder, self.files, self.overwrite, self.json = folder, tuple(files), overwrite, json
        if folder is not None:
            refuse_folder(folder, self.files, overwrite=overwrite)

    def deliver(self, report: Report, then: str | None = None) -> list[Path]:
        """Write the files, whole or absent, show the report, name the next command; gives the paths written."""
        for warning in (*report.warnings, *(report.unwritten if self.folder else ())):
            console.warn(warning)
        written = self._write(report)
        _print(report, json=self.json)
        if written:
            console.wrote(*written, then=then)
        return written

    def _write(self, report: Report) -> list[Path]:
        if self.folder is None:
            return []
        with result_folder(self.folder, self.files, overwrite=self.overwrite) as place:
            written = [path.name for name, content in report.files.items() for path in _put(content, place / name)]
            write_json(place / report.main, to_json(report.result))
            # in a file of its own: what a result says is the same bytes, wherever and whenever it is written
            command = {"format": "facerep/command", "version": 1, **made(console.command)}
            write_json(place / COMMAND, command, overwrite=True)
        return [self.folder / name for name in (report.main, *written)]


class FileTarget(Target):
    """Where a report goes whose --output is one file, of the only content that it has."""

    def __init__(self, path: Path | None = None, *, overwrite: bool = False, json: bool = False) -> None:
        super().__init__(json=json)
        self.path, self.overwrite = path, overwrite
        if path is not None:
            refuse_existing(path, overwrite=overwrite)

    def _write(self, report: Report) -> list[Path]:
        if self.path is None:
            return []
        (content,) = report.files.values()
        return list(_put(content, self.path, overwrite=self.overwrite))


def show(report: Report, *, json: bool) -> None:
    """Show a report that is not written: to stdout, as tables or as JSON; its warnings to stderr."""
    Target(json=json).deliver(report)


def _print(report: Report, *, json: bool) -> None:
    if json:
        console.json({**to_json(report.result), **to_json(report.printed)})
        return
    for part in report.shown:
        if isinstance(part, Table):
            console.table(part.title, part.header, part.rows, notes=part.notes)
        elif isinstance(part, Facts):
            console.facts(part.rows, notes=part.notes)
        else:
            console.result(part)
    for fault in report.faults:
        console.warn(fault)


def _put(content: Content, path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Write one content; of a drawing both files."""
    if isinstance(content, Drawing):
        from facerep.report.drawing import save  # matplotlib takes a while to import

        yield from save(content.draw(), path)
        return
    if isinstance(content, Csv):
        write_csv(path, content.columns, content.rows(), overwrite=overwrite)
    elif isinstance(content, Json):
        write_json(path, to_json(content.value))
    elif isinstance(content, File):
        content.write(path)
    yield path
