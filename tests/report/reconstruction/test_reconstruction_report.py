"""The pictures of a reconstruction as files."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.faces.table import make_faces
from facerep.report.contact_sheet import GAP, LINE, MARGIN
from facerep.report.reconstruction.reconstruction import write_pictures
from facerep.report.reconstruction.sheet import write_sheet
from facerep.studies.reconstruction.reconstruct import Drawn


def drawn(names: tuple[str, ...]) -> Drawn:
    draw = np.random.default_rng(0)
    faces = make_faces("table", ["a/1.png", "../b.png"], ["ana", ""], [b"", b""])
    seen = draw.integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    pictures = draw.integers(0, 256, (2, len(names), 32, 32), dtype=np.uint8)
    return Drawn(faces, seen, names, pictures, np.array([[1] * len(names), [-1] * len(names)]))


def test_all_pictures_are_in_one_archive_by_name_and_come_back_as_they_were(tmp_path: Path) -> None:
    made = drawn(("-30", "0"))
    write_pictures(tmp_path / "one.zip", made)
    write_pictures(tmp_path / "two.zip", made)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["a/1_-30.png", "a/1_0.png", "b_-30.png", "b_0.png"]
        for place, name in enumerate(archive.namelist()):
            picture = np.asarray(Image.open(io.BytesIO(archive.read(name))))
            assert np.array_equal(picture, made.pictures[place // 2, place % 2])


def test_faces_that_differ_in_their_suffix_alone_keep_it(tmp_path: Path) -> None:
    made = drawn(("",))
    twins = make_faces("table", ["a/1.png", "a/1.jpg"], ["", ""], [b"", b""])
    write_pictures(tmp_path / "twins.zip", replace(made, faces=twins))
    with zipfile.ZipFile(tmp_path / "twins.zip") as archive:
        assert archive.namelist() == ["a/1.png.png", "a/1.jpg.png"]


def test_the_sheet_has_a_column_a_face_and_the_truth_below(tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheet.png", drawn(("",)), np.array([0, 1]))
    picture = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    top = MARGIN + 2 * LINE + GAP
    rows = [top, top + 96 + LINE + GAP, top + 2 * 96 + LINE + 2 * GAP]
    assert len(picture) == rows[2] + 96 + GAP + MARGIN
    for start in rows:  # three pictures of the first face; the second has no truth
        assert picture[start : start + 96, MARGIN : MARGIN + 96].std() > 20
    assert (picture[rows[2] + 1 : rows[2] + 95, MARGIN + 96 + GAP + 1 : MARGIN + 2 * 96 + GAP - 1] == 255).all()


def test_the_sheet_of_several_views_has_a_row_a_face_and_the_truth_beneath(tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheet.png", drawn(("-30", "0", "30")), np.array([0, 1]))
    picture = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    side, top = 64, MARGIN + 2 * LINE + GAP
    rows = [top, top + side + LINE + GAP, top + 2 * side + LINE + 2 * GAP, top + 3 * side + 2 * LINE + 3 * GAP]
    columns = [MARGIN + place * (side + GAP) for place in range(4)]
    assert len(picture) == rows[3] + side + GAP + MARGIN

    def shows(row: int, column: int) -> bool:
        tile = picture[rows[row] + 1 : rows[row] + side - 1, columns[column] + 1 : columns[column] + side - 1]
        return bool(tile.std() > 20)

    assert [[shows(row, column) for column in range(4)] for row in range(4)] == [
        [True, True, True, True], [False, True, True, True], [True, True, True, True], [False, False, False, False],
    ]  # fmt: skip
