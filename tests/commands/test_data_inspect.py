"""`facerep data inspect`, as a user runs it."""

from __future__ import annotations

import shutil

from PIL import Image


def spoil(root):
    """Clutter, an empty person, an empty file, a person with one picture; and a copy under another person."""
    for name in (".DS_Store", "Thumbs.db", "._a.jpg"):
        (root / "person_0" / name).write_bytes(b"x")
    (root / "nobody").mkdir()
    (root / "person_1" / "zero.jpg").touch()
    (root / "single").mkdir()
    Image.new("RGB", (30, 20)).save(root / "single" / "[red]1.png")
    shutil.copy(root / "person_2" / "0.png", root / "person_3" / "copy.png")


def test_a_spoiled_folder_is_told_as_it_is_and_strict_makes_it_3(here, people_folder):
    spoil(people_folder)
    run = here("data", "inspect", people_folder, "--json", "--workers", 0)
    assert run.code == 0
    found = run.json
    assert (found["kind"], found["people"], found["pictures"], found["singletons"]) == ("folders", 7, 27, 1)
    assert found["per_person"] == {"min": 1, "median": 4.0, "max": 5}
    assert found["histogram"] == {"1": 1, "2-4": 4, "5-9": 2}
    assert found["sizes"] == {"64x64": 25, "30x20": 1}
    assert found["unreadable"] == [["person_1/zero.jpg", "file is empty"]]
    assert found["duplicates"] == [["person_2/0.png", "person_3/copy.png"]]
    assert found["across_people"] == 1
    assert any("1 empty folder: nobody" in note for note in found["notes"])

    run = here("data", "inspect", people_folder, "--strict")
    assert run.code == 3
    assert "people with one face" in run.stdout
    assert "1 empty folder: nobody" in run.stdout
    assert "warning: unreadable: person_1/zero.jpg: file is empty" in run.stderr
    assert run.stderr.splitlines()[-1] == f"error: 1 images cannot be used: {people_folder}"


def test_what_is_not_there_is_one_line_and_exit_1(here):
    run = here("data", "inspect", "absent")
    assert (run.code, run.stdout) == (1, "")
    assert run.stderr == "error: no such data set: absent; name a folder of people, a table, or `orl`\n"


def test_pair_lists_and_labels_of_a_data_set_are_counted(tmp_path):
    from facerep.readers.inspect import inspect

    for person in ("Ana", "Bo"):
        (tmp_path / "set" / person).mkdir(parents=True)
        for number in (1, 2):
            Image.new("RGB", (9, 9), (number, 0, len(person))).save(
                tmp_path / "set" / person / f"{person}_000{number}.png"
            )
    (tmp_path / "set" / "pairs.txt").write_text("1\t1\nAna\t1\t2\nAna\t1\tCy\t1\n")
    found = inspect(tmp_path / "set", workers=0)
    assert found.protocols == {"view2": {"pairs": 2, "genuine": 1, "impostor": 1, "folds": 1, "absent": 1}}
    (tmp_path / "t.csv").write_text(
        "path,split,age\n" + "".join(f"set/Ana/Ana_000{n}.png,train,{n}.5\n" for n in (1, 2))
    )
    found = inspect(tmp_path / "t.csv", workers=0)
    assert found.labels["split"] == {"train": 2}
    assert found.faulty == 0


def test_a_sheet_is_written_once_and_its_options_mean_nothing_without_it(here, people_folder, tmp_path):
    assert here("data", "inspect", people_folder, "--workers", 0, "--sheet", "s.png").code == 0
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.format == "PNG"
    again = here("data", "inspect", people_folder, "--sheet", "s.png")
    assert (again.code, again.error) == (
        1,
        "error: output exists: s.png; give --overwrite to replace it, or another --output",
    )
    refused = here("data", "inspect", people_folder, "--crop", "loose")
    assert (refused.code, refused.error) == (2, "error: --crop means nothing without --sheet")


def test_odd_points_are_told_before_anything_is_computed(here, people_folder):
    rows = [f"people/person_0/{row}.png,a,45,30,20,30,33,40,43,50,22,50" for row in range(4)]
    (people_folder.parent / "t.csv").write_text("path,person,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n" + "\n".join(rows))
    told = here("data", "inspect", "t.csv", "--workers", 0).stderr
    assert "the five points of 4 faces look wrong: left and right are swapped" in told
