"""Which files a run consists of: what `--overwrite` removes, and nothing else.

A run is known by its files' names, all of them: a recipe alone is what a user writes, and photographs are no run's.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from facerep.errors import BadInput
from facerep.files.folders.manifest import MANIFEST, listed
from facerep.files.inputs import refuse_read
from facerep.files.unfinished import is_left_over

_RUN = (
    r"recipe\.toml|held-out\.json|people\.txt|split\.json|environment\.json|metrics\.csv|model\.safetensors|"
    r"checkpoints/last\.ckpt"
)
# sparsify keeps its steps, which are runs, beside what it was asked for
_OURS = re.compile(rf"(?:steps/[^/]+/)?(?:{_RUN})|dense\.toml|sparsify\.toml|steps/[^/]+\.(?:safetensors|json)")
_STARTED = ("environment.json", "sparsify.toml")
"""One of these stands beside the recipe of every run."""


def run_files(folder: Path) -> list[str]:
    """The files of the run in a folder, and of the results that were written into it, by paths from the folder on.

    Raises:
        BadInput: a file is there that no run has, or that is read; or a recipe alone.
    """
    names = sorted(_files(folder))
    results = listed(folder)
    known = [name for name in names if _OURS.fullmatch(name) or name in (results or ()) or name == MANIFEST]
    for name in names:
        if name not in known:
            raise BadInput(
                "folder holds what no run does, it is not removed", folder / name, "move it, or give another --output"
            )
        refuse_read(folder / name)
    refuse_read(folder)
    if "recipe.toml" in known and not any(name in known for name in _STARTED):
        raise BadInput("folder is not a run, it is not removed", folder, "give another --output")
    return known


def is_begun(folder: Path) -> bool:
    """Whether anything is in a folder but what a kill left of files that never became whole."""
    return folder.is_dir() and any(not is_left_over(path) for path in folder.iterdir())


def _files(folder: Path) -> list[str]:
    names = []
    for place, folders, files in os.walk(folder):
        left = [name for name in folders if is_left_over(Path(place, name))]
        folders[:] = [name for name in folders if name not in left]
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*files, *links):
            if not is_left_over(Path(place, name)):
                names.append(Path(place, name).relative_to(folder).as_posix())
    return names
