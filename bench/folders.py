"""Folders of features: the most memory of a command on few files over the most on ten times as many.

Faces are made up, of a fixed number of people. What could grow with the files is vectors that are not given back; what
may grow is names and labels of people, 250 bytes a face. Each command runs in a process of its own. 1 is no growth.
`python bench/folders.py 1000000` prints peak and processor time of so many faces in ten files.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from row import Row, row

FACES, PEOPLE, UNITS = 20_000, 2_000, 256
FILES = 1, 10
AIM = 0.65


def measure(faces: int = FACES, people: int = PEOPLE, units: int = UNITS) -> list[Row]:
    """Peak memory of commands that read a folder, on one file over on ten.

    Args:
        faces: of a file.
        people: whose faces they are, in every file.
        units: of a vector.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for files in FILES:
            _folder(folder / f"f{files}", files, faces, people, units)
        _asked(folder, people, units)
        return [_row(folder, what, words) for what, words in COMMANDS.items()]


def at_size(faces: int, people: int = PEOPLE, units: int = UNITS) -> None:
    """Print what each command takes on so many faces in ten files, with the memory that it takes unasked."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _folder(folder / f"f{FILES[1]}", FILES[1], faces // FILES[1], people, units)
        _asked(folder, people, units)
        for what, words in COMMANDS.items():
            what, words = (re.sub(r",? --memory \w+", "", text) for text in (what, words))
            peak, seconds = _measured(folder, words.replace("{}", f"f{FILES[1]}").split())
            print(f"{what}: {peak:,.0f} MB, {seconds:,.0f} s of processor time", flush=True)


def _asked(folder: Path, people: int, units: int) -> None:
    """A list of pairs, and queries."""
    pairs = [
        f"0/{row}.png,0/{row + people}.png,1\n0/{row}.png,0/{row + 1}.png,0\n" for row in range(min(500, people - 1))
    ]
    (folder / "pairs.csv").write_text("left,right,same\n" + "".join(pairs))
    asked = _made(0, 100, people, units)
    write_features(replace(asked, names=np.array([f"q{number}" for number in range(100)], object)), folder / "q.h5")


COMMANDS = {
    "verify --pairs LIST": "verify {} --pairs pairs.csv",
    "search": "search q.h5 {} -k 5",
    "analyze sparseness": "analyze sparseness {}",
    "binarize, medians, --memory 50MB": "binarize {} -o codes-{} --threshold median --memory 50MB",
    "fit pca:32+joint-bayesian, --memory 10MB": (
        "fit {} --chain pca:32+joint-bayesian --rounds 3 --memory 10MB -o scorer-{}.h5"
    ),
}


def _made(number: int, faces: int, people: int, units: int) -> Features:
    draw = np.random.default_rng(number)
    person = np.arange(faces) % people
    return Features(
        names=np.array([f"{number}/{row}.png" for row in range(faces)], object),
        people=np.array([f"p{one}" for one in person], object),
        values=(draw.normal(size=(faces, units)) + np.sin(person[:, None] * np.arange(1, units + 1))).astype(
            np.float32
        ),
        contract=Contract(network="made up", layer="feature", crop="points@55x47/1", mirror="none"),
    )


def _folder(folder: Path, files: int, faces: int, people: int, units: int) -> None:
    folder.mkdir()
    for number in range(files):
        write_features(_made(number, faces, people, units), folder / f"{number}.h5")


def _row(folder: Path, what: str, words: str) -> Row:
    peaks = [_measured(folder, words.replace("{}", f"f{files}").split())[0] for files in FILES]
    sizes = [sum(path.stat().st_size for path in (folder / f"f{files}").iterdir()) / 1e6 for files in FILES]
    note = f"{peaks[0]:.0f} MB and {peaks[1]:.0f} MB, folders of {sizes[0]:.0f} and {sizes[1]:,.0f} MB"
    return row(f"memory of {what}: {FILES[0]} file / {FILES[1]} files", [peaks[0] / peaks[1]], AIM, peaks[1], note)


def _measured(folder: Path, words: list[str]) -> tuple[float, float]:
    """The most memory of a command, in MB, and its processor time in seconds."""
    done = subprocess.run([sys.executable, "-c", _MEASURED, "-q", *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    most, seconds = map(float, done.stderr.splitlines()[-1].split())
    return most, seconds


_MEASURED = """
import resource, sys, time
from pathlib import Path
from facerep.cli.main import main
try:
    main()
finally:
    status = Path("/proc/self/status")  # what the system keeps of a process counts the one that started it
    if status.exists():
        most = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    else:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10 if sys.platform == "darwin" else 1)
    print(most / 1024, time.process_time(), file=sys.stderr)
"""


if __name__ == "__main__":
    at_size(int(sys.argv[1]))
