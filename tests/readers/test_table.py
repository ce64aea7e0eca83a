"""Tables: columns, delimiters, points and boxes, paths."""

from __future__ import annotations

from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from facerep.errors import BadInput
from facerep.readers.hash_splits import by_share
from facerep.readers.load import load

POINTS = ",".join(f"{axis}{number}" for number in range(1, 6) for axis in "xy")
NAMED = "le_x,le_y,re_x,re_y,nose_x,nose_y,lm_x,lm_y,rm_x,rm_y"


@pytest.fixture
def write(tmp_path):
    """Write tables/faces.csv beside tables/a.png and a folder above it with b/c.png."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "tables" / "a.png").touch()
    (tmp_path / "b" / "c.png").touch()

    def make(text, name="faces.csv"):
        path = tmp_path / "tables" / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return make


def test_paths_are_found_beside_the_table_and_above_it(write):
    faces = load(write("path,person\na.png,ana\nb/c.png,bo\ngone.png,bo\n"))
    assert faces.kind == "table"
    assert faces.names.tolist() == ["a.png", "b/c.png"]
    assert faces.people.tolist() == ["ana", "bo"]
    assert all(path.is_file() for path in faces.paths)
    assert faces.failures == (("gone.png", "no such file"),)


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffile,identity\r\na.png,Zoë\r\n",
        "file;identity\na.png;Zoë\n",
        "identity\tfile\nZoë\ta.png\n",
        'file,identity\n"a.png","Zoë"\n\n',
    ],
)
def test_any_delimiter_byte_order_mark_and_line_end(write, text):
    faces = load(write(text))
    assert faces.names.tolist() == ["a.png"]
    assert faces.people.tolist() == [normalize("NFC", "Zoë")]


def test_five_points_and_boxes_are_told_apart(write):
    ten = "1,2,3,4,5,6,7,8,9,10"
    points = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    only_points = load(write(f"path,{POINTS}\na.png,{ten}\nb/c.png,,,,,,,,,,\n"))
    assert only_points.points[0].tolist() == points
    assert np.isnan(only_points.points[1]).all()
    assert np.isnan(only_points.boxes).all()
    both = load(write(f"path,x1,y1,x2,y2,{NAMED}\na.png,20,21,80,81,{ten}\n"))
    assert both.points[0].tolist() == points
    assert both.boxes[0].tolist() == [20, 21, 80, 81]
    only_box = load(write("path,x1,y1,x2,y2\na.png,20,21,80,81\n"))
    assert only_box.boxes[0].tolist() == [20, 21, 80, 81]
    assert np.isnan(only_box.points).all()


@pytest.mark.parametrize("columns", ["x1,y1", "x1,y1,x2,y2,x3,y3", f"{POINTS},{NAMED}", "le_x,le_y", "x1,y1,le_x,le_y"])
def test_any_other_mix_of_columns_is_refused(write, columns):
    with pytest.raises(BadInput, match="neither five points nor a box"):
        load(write(f"path,{columns}\na.png{',1' * (columns.count(',') + 1)}\n"))


def test_other_columns_are_labels_of_their_kind(write):
    faces = load(write("path,view,Smiling,score,age\na.png,left,-1,0.5,31\nb/c.png,,1,,40\n"))
    assert faces.labels["view"].tolist() == ["left", ""]
    assert faces.labels["Smiling"].dtype == np.int8
    assert faces.labels["score"][0] == 0.5
    assert np.isnan(faces.labels["score"][1])
    assert faces.labels["age"].tolist() == ["31", "40"]


def test_dev_is_validation_and_celebas_people_keep_their_side(write):
    test_person = next(f"celeba:{number}" for number in range(99) if by_share(f"celeba:{number}") == "test")
    faces = load(write(f"path,person,split\na.png,{test_person},train\nb/c.png,ana,dev\n"))
    assert faces.labels["split"].tolist() == ["test", "validation"]
    assert any("1 CelebA people do not train" in note for note in faces.notes)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name,person\na,b\n", "no column path or file, it has name, person"),
        ("path,person\na.png,b,c\n", "line 2 has 3 cells, the header has 2"),
        ("path,x1,y1,x2,y2\na.png,1,2,3,wide\n", "line 2: x1, y1, x2, y2 are not all numbers"),
        ("path,x1,y1,x2,y2\na.png,1,2,3,inf\n", "line 2: x1, y1, x2, y2 are not all finite"),
        ("path,path\na.png,a.png\n", "not a header"),
        ("path,person\n", "a header and no rows"),
        ("path,person\n,ana\n", "line 2 has no path"),
        ("path\na.png\n./a.png\n", "'a.png' stands twice"),
        ("path\nx.png\ny.png\n", "none of the 2 files that the table names is there"),
        (b"path\n\xff.png\n", "not UTF-8"),
        (b"path\na\0.png\n", "zero bytes"),
        (b"", "table is empty"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(write, text, line):
    with pytest.raises(BadInput, match=line):
        load(write(text))


def test_a_path_in_one_unicode_form_finds_the_file_in_the_other(write, tmp_path):
    (tmp_path / "tables" / normalize("NFD", "Zoë.png")).touch()
    faces = load(write(f"path\n{normalize('NFC', 'Zoë.png')}\n"))
    assert faces.names.tolist() == [normalize("NFC", "Zoë.png")]
    assert faces.paths[0].is_file()


def test_the_real_tables_are_read_whole(data_root):
    faces = load(data_root / "mtfl" / "labels.csv")
    assert len(faces) == 8150
    assert np.isfinite(faces.points).all()
    assert np.isfinite(faces.boxes).all()
    inside = (faces.points[:, 2] > faces.boxes[:, :2]).all(axis=1) & (faces.points[:, 2] < faces.boxes[:, 2:]).all(
        axis=1
    )
    assert inside.mean() > 0.99  # the nose lies in the box


def test_a_column_that_no_feature_file_can_hold_is_refused_before_hours_of_work(tmp_path):
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    (tmp_path / "t.csv").write_text("path,person,yaw/pitch\na.png,ana,3\n")
    with pytest.raises(BadInput, match=r"column 'yaw/pitch' cannot be kept in a feature file: .*t.csv; rename it"):
        load(tmp_path / "t.csv")
