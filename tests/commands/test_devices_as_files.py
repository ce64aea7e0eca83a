"""A device where a file is wanted is refused in one line, by every command, and nothing of it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerep.files.features import write_features
from facerep.files.rows import Features


@pytest.mark.parametrize(
    "command",
    [
        "verify f.h5 --pairs DEVICE",
        "verify f.h5 --threshold-from DEVICE",
        "verify f.h5 --group sex --labels DEVICE",
        "verify f.h5 --scorer DEVICE",
        "verify DEVICE",
        "verify f.h5 --sample 1000000000000",
        "import v.npy --names DEVICE",
        "import v.npy --names names.txt --people DEVICE",
        "import v.npy --names names.txt --labels DEVICE",
        "search DEVICE f.h5",
        "search f.h5 DEVICE",
        "extract DEVICE --model pixels",
        "extract f.h5 --model DEVICE",
        "data inspect DEVICE",
        "train DEVICE",
        "report DEVICE",
    ],
)
def test_a_device_is_refused_in_one_line(here, tmp_path: Path, command: str) -> None:
    names = np.array(list("abcd"), dtype=object)
    write_features(Features(names=names, people=names, values=np.eye(4, dtype=np.float32)), tmp_path / "f.h5")
    np.save(tmp_path / "v.npy", np.eye(4))
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    run = here(*(word.replace("DEVICE", "/dev/zero") for word in command.split()))
    assert run.code in (1, 2)
    assert "bug" not in run.error
