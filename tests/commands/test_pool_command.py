"""`facerep pool` as a user runs it, and what `verify` makes of templates by an IJB list."""

from __future__ import annotations

import json

import numpy as np

from facerep.files.features import read_features, write_features
from facerep.files.rows import Features


def test_templates_are_judged_by_a_list_of_numbers(here, tmp_path):
    draw = np.random.default_rng(0)
    values = draw.normal(size=(4, 16))[np.repeat(np.arange(4), 6)] + 0.5 * draw.normal(size=(24, 16))
    names = np.array([f"{number}.jpg" for number in range(24)], dtype=object)
    people = np.full(24, "", dtype=object)
    write_features(Features(names=names, people=people, values=values.astype(np.float32)), tmp_path / "f.h5")
    lines = [f"{face}.jpg {1 + face // 3} {face}" for face in range(24)]
    (tmp_path / "tid.txt").write_text("\n".join(lines) + "\n")
    pairs = [(a, b) for a in range(1, 9) for b in range(a + 1, 9)]
    (tmp_path / "pairs.txt").write_text("".join(f"{a} {b} {int((a - 1) // 2 == (b - 1) // 2)}\n" for a, b in pairs))
    made = here("pool", "f.h5", "--templates", "tid.txt", "--json")
    assert made.code == 0
    told = json.loads(made.stdout)
    assert (told["templates"], told["faces"], told["media"], told["output"]) == (8, 24, 24, "templates.h5")
    assert read_features(tmp_path / "templates.h5").names.tolist() == [str(number) for number in range(1, 9)]
    judged = here("verify", "templates.h5", "--pairs", "pairs.txt", "--json")
    assert judged.code == 0
    counts = json.loads(judged.stdout)["counts"]
    assert (counts["genuine"], counts["impostor"]) == (4, 24)
    assert json.loads(judged.stdout)["accuracy"]["value"] == 1


def test_what_is_wrong_is_one_line_and_nothing_is_written(here, tmp_path):
    names = np.array(["a.jpg", "b.jpg"], dtype=object)
    rows = Features(names=names, people=np.full(2, "", dtype=object), values=np.ones((2, 3), np.float32))
    write_features(rows, tmp_path / "f.h5")
    (tmp_path / "tid.txt").write_text("a.jpg 1 1\nc.jpg 1 2\n")
    run = here("pool", "f.h5", "--templates", "tid.txt")
    assert (run.code, run.stdout) == (1, "")
    assert run.error.startswith("error: 1 face of the template list not in the file ('c.jpg'): f.h5; extract them")
    assert not (tmp_path / "templates.h5").exists()
    run = here("pool", "f.h5", "--templates", "tid.txt", "--missing", "count")
    assert (run.code, "faces not in the file  1" in run.stdout) == (0, True)
