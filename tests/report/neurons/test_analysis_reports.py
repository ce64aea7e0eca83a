"""Figures of single units are made, and every figure leaves its numbers."""

import csv
import json

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from facerep.errors import OutputExists
from facerep.faces.table import make_faces
from facerep.files.contract import Contract
from facerep.files.features import write_features
from facerep.files.rows import Features
from facerep.report import contact_sheet
from facerep.report.neurons import faces_of_units as unit_faces
from facerep.report.neurons import figures
from facerep.report.neurons import selectiveness as selectiveness_report
from facerep.report.neurons import sparseness as sparseness_report
from facerep.report.target import Target
from facerep.studies.neurons.faces_of_units import HEIGHT, WIDTH, pictures_of, units
from facerep.studies.neurons.selectiveness import selectiveness
from facerep.studies.neurons.sparseness import sparseness

UNITS = 9


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    values = np.maximum(rng.normal(size=(60, UNITS)), 0).astype(np.float32)
    people = np.array([f"p{row % 4}" for row in range(60)], dtype=object)
    names = np.array([f"=p{row % 4}/{row}.png" for row in range(60)], dtype=object)
    contract = Contract(network="deepid2", layer="feature")
    write_features(Features(values=values, names=names, people=people, contract=contract), tmp_path / "f.h5")
    return tmp_path / "f.h5"


def deliver(report, result, folder=None, overwrite=False):
    return Target(folder, report.FILES, overwrite=overwrite).deliver(report.report_of(result))


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_sparseness_leaves_a_row_a_unit_and_a_row_a_count(path, tmp_path):
    result = sparseness([path, path])
    written = deliver(sparseness_report, result, tmp_path / "out")
    assert sorted(file.name for file in written) == sorted(sparseness_report.FILES)
    units_ = rows_of(tmp_path / "out" / "units.csv")
    assert len(units_) == 2 * UNITS
    assert [int(row["faces"]) for row in units_[:UNITS]] == result.layers[0].counts.faces_of_unit.tolist()
    assert [float(row["entropy"]) for row in units_[:UNITS]] == result.layers[0].counts.entropy.tolist()
    assert sum(int(row["faces"]) for row in rows_of(tmp_path / "out" / "faces.csv")) == 120
    with pytest.raises(OutputExists):
        deliver(sparseness_report, result, tmp_path / "out")


def test_selectiveness_leaves_a_row_a_unit_and_target_and_no_figure_of_an_earlier_run(path, tmp_path):
    out = tmp_path / "out"
    deliver(selectiveness_report, selectiveness(path, against=[path], people=2, shuffles=20), out)
    assert (out / "selectiveness-2.png").exists()
    result = selectiveness(path, people=2, shuffles=20)
    with pytest.raises(OutputExists):
        deliver(selectiveness_report, result, out)
    deliver(selectiveness_report, result, out, overwrite=True)
    assert not (out / "selectiveness-2.png").exists()
    assert [row["target"] for row in rows_of(out / "targets.csv")] == ["p0", "p1"]
    rows = rows_of(out / "units.csv")
    assert len(rows) == 2 * UNITS
    judged = result.files[0].targets[0]
    assert [float(row["accuracy_other_half"]) for row in rows[:UNITS]] == judged.other_half.tolist()
    assert json.loads((out / "result.json").read_text())["files"][0]["targets"][0]["tries"] == UNITS
    for name in ("selectiveness-1", "best"):
        assert np.asarray(Image.open(out / f"{name}.png")).std() > 0
        assert (out / f"{name}.svg").read_text().startswith("<?xml")


def test_a_figure_has_as_many_targets_as_a_page_holds_and_says_how_many_more_there_are(path, monkeypatch):
    result = selectiveness(path, people=3, shuffles=20)
    assert len(figures.of_file(result.files[0]).axes) == 3 * 3
    monkeypatch.setattr(figures, "MOST_DRAWN", 2)
    figure = figures.of_file(result.files[0])
    assert len(figure.axes) == 2 * 3
    assert any("; 1 more: targets.csv" in text.get_text() for text in figure.findobj(Text))


def test_another_file_has_its_difference_to_the_first(path, tmp_path, capsys):
    result = selectiveness(path, against=[path], people=2, shuffles=20)
    deliver(selectiveness_report, result, tmp_path / "out")
    shown = capsys.readouterr().out
    assert shown.count("+0.00 [+0.00, +0.00]") == 2
    assert "difference: other half, to the best unit of f.h5 on the same faces" in shown
    rows = rows_of(tmp_path / "out" / "targets.csv")
    assert [row["difference_low"] for row in rows] == ["", "", "0.0", "0.0"]


def test_a_contact_sheet_has_a_tile_a_face_in_the_order_of_ranks(path, tmp_path):
    places = np.empty(60, dtype=object)
    for row in range(60):
        picture = Image.new("RGB", (112, 112), (4 * row, 0, 0))
        picture.paste("white", (0, 0, 112, 30))
        picture.save(tmp_path / f"{row}.png")
        places[row] = tmp_path / f"{row}.png"
    names = [f"=p{row % 4}/{row}.png" for row in range(60)]
    faces = make_faces("table", names, [name[1:3] for name in names], list(places))
    result = units(path, ["2", "5"], faces=3)
    Target(tmp_path / "out", unit_faces.FILES).deliver(unit_faces.report_of(result, pictures_of(result, faces)))
    sheet = np.asarray(Image.open(tmp_path / "out" / "sheet.png"))
    line, gap, margin = contact_sheet.LINE, contact_sheet.GAP, contact_sheet.MARGIN
    high = 2 * line + 2 * (HEIGHT + 2 * line + gap) + gap
    for number, unit in enumerate(result.units):
        for column, face in enumerate(unit.most):
            x, y = margin + column * (WIDTH + gap) + 40, margin + number * high + 2 * line + gap + 50
            assert sheet[y, x].tolist() == [4 * int(face.name.split("/")[1].split(".")[0]), 0, 0]
    rows = rows_of(tmp_path / "out" / "faces.csv")
    assert [row["rank"] for row in rows[:6]] == ["1", "2", "3", "58", "59", "60"]
    assert rows[0]["name"].startswith("'=p")
