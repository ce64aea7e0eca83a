"""People of a data set as folders of one's own: so many to train on, others to judge by.

    python examples/own_folder.py lfw/ out/own/lfw --train 10,30,100 --least 5 \
        --training-people lfw/peopleDevTrain.txt --judged-people lfw/peopleDevTest.txt
    python examples/own_folder.py orl out/own/orl --train 10,30 --judged 10

Writes OUT/people-10/ and so on, each a part of the next, and OUT/judged/ with `pairs.csv`, as many genuine as
impostor pairs. Pictures are copied as they are; five points, where they are known, stand in `faces.csv` beside them.
Who trains and who judges follows from a hash of the person's label alone, so it is the same on every machine.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from pathlib import Path

import numpy as np

from facerep.faces.table import Faces
from facerep.metrics.pair_draws import count_pairs, draw_pairs
from facerep.readers.hash_splits import share
from facerep.readers.load import load

POINTS = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("dataset")
    options.add_argument("out", type=Path)
    options.add_argument("--train", default="10,30", help="numbers of people to train on")
    options.add_argument("--judged", type=int, default=0, help="number of people to judge by; 0 is all that are left")
    options.add_argument("--least", type=int, default=5, help="people with fewer pictures do not train")
    options.add_argument("--most", type=int, default=15, help="pictures of a person, the first ones by name")
    options.add_argument("--training-people", type=Path, help="a list, one person a line; others do not train")
    options.add_argument("--judged-people", type=Path, help="a list, one person a line; others do not judge")
    options.add_argument("--pairs", type=int, default=3000, help="pairs of each kind")
    asked = options.parse_args()
    faces = load(asked.dataset)
    people, counts = np.unique(faces.people[faces.people != ""].astype(str), return_counts=True)
    pictures = dict(zip(people.tolist(), counts.tolist(), strict=True))
    ordered = sorted(pictures, key=share)
    judges = [person for person in listed(ordered, asked.judged_people) if pictures[person] > 1]
    judges = judges[: asked.judged or None]
    trains = [person for person in listed(ordered, asked.training_people) if pictures[person] >= asked.least]
    trains = [person for person in trains if person not in set(judges)]
    for number in map(int, asked.train.split(",")):
        if number > len(trains):
            raise SystemExit(f"error: {number} people to train on, there are {len(trains)}")
        copy(some(faces, trains[:number], asked.most), asked.out / f"people-{number}")
    judged = some(faces, judges, asked.most)
    copy(judged, asked.out / "judged")
    left, right, same = draw_pairs(judged.people, min(asked.pairs, *count_pairs(judged.people)), seed=0)
    with (asked.out / "judged" / "pairs.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["a", "b", "same"])
        rows.writerows(
            (place(judged, a), place(judged, b), int(kind)) for a, b, kind in zip(left, right, same, strict=True)
        )
    print(f"{asked.out}: {len(trains)} people may train, {len(judges)} judge by {len(judged)} faces, {len(left)} pairs")


def listed(people: list[str], file: Path | None) -> list[str]:
    """Those of the people whom the list names; it may have a count behind each name, as LFW's lists have."""
    if file is None:
        return people
    names = {line.split("\t")[0] for line in file.read_text(encoding="utf-8").splitlines()}
    return [person for person in people if person in names]


def some(faces: Faces, people: list[str], most: int) -> Faces:
    """The first pictures of each of these people."""
    rows = [np.flatnonzero(faces.people == person) for person in people]
    return faces.take(np.concatenate([row[np.argsort(faces.names[row])][:most] for row in rows]))


def place(faces: Faces, row: int) -> str:
    """Where a face lies in its folder of one's own."""
    return f"{str(faces.people[row]).replace(':', '-')}/{Path(str(faces.names[row])).name}"


def copy(faces: Faces, folder: Path) -> None:
    """One folder a person, and the table with five points where they are known."""
    known = bool(np.isfinite(faces.points).all())
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "faces.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["path", "person", *(POINTS if known else [])])
        for row in range(len(faces)):
            target = folder / place(faces, row)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(faces.paths[row], target)
            points = [f"{value:.2f}" for value in faces.points[row].ravel()] if known else []
            rows.writerow([place(faces, row), faces.people[row], *points])


if __name__ == "__main__":
    main()
