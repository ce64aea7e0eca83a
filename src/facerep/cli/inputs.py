"""What a command line names is noted before its command begins: it is read, and no output takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

WRITTEN = ("output", "sheet", "maps", "video", "draw")
"""The parameters of all commands that name what is written; all others name what is read."""


def guard(command: Any) -> Any:
    """Let a command, or all commands of a group, note what their command lines name."""
    for each in getattr(command, "commands", {}).values():
        guard(each)
    if not hasattr(command, "commands"):
        plain, options = command.callback, command.params

        def noting(*given: Any, **values: Any) -> Any:
            from facerep.files import inputs
            from facerep.files.folders import result_folder as outputs
            from facerep.files.folders.feature_folder import is_feature_folder

            with inputs.command():
                for path in _named(options, values):
                    inputs.remember(path)
                    if is_feature_folder(path):
                        inputs.remember_whole(path)
                    outputs.finish(path if path.is_dir() else path.parent)
                return plain(*given, **values)

        command.callback = noting
    return command


def _named(options: list[Any], values: dict[str, Any]) -> Iterator[Path]:
    """Files and folders that are there under the values of the parameters."""
    for option in options:
        value = values.get(option.name)
        if option.name in WRITTEN or value is None:
            continue
        # a word that is an option's may by chance be a folder's name: deepid2, view2
        for one in value if isinstance(value, list | tuple) else [value]:
            place = isinstance(one, Path) or option.param_type_name == "argument"
            if isinstance(one, str | Path) and _is_there(path := Path(one), place):
                yield path


def _is_there(path: Path, folder_too: bool) -> bool:
    try:
        return path.is_file() or (folder_too and path.is_dir())
    except (OSError, ValueError):
        return False
