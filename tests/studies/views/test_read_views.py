"""Reading views, with a network whose answers are known: it draws bars, and its view units say where they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.mvp import MVP
from facerep.networks.weights import Model, load_model
from facerep.readers.load import load
from facerep.report.views import views
from facerep.report.views import views_by_label as classes
from facerep.results.to_json import to_json
from facerep.studies.views.read_views import _half, read_views
from facerep.studies.views.views_by_label import views_by_label

CPU = torch.device("cpu")
CROP = parse_crop("whole@32x32/face*1/grey/1")


def card(**changes: object) -> dict:
    views = [[view] for view in ("-60", "-30", "0", "30", "60")]
    known = {"factors": ["view"], "classes": views, "fixed": {}, "sigma": 0.2, **changes}
    return {"multiview": known, "trained_people": "", "normalise": False}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


def model(known: dict | None = None, classes: int = 5) -> Model:
    torch.manual_seed(0)
    network = build(replace(row("mvp-32"), classes=classes)).eval()
    return Model(network, network.row, CROP, "> 0", "abc", "runs/mvp", card() if known is None else known)


def one_view_unit() -> Model:
    """A network whose only view unit u draws the view of 120 u - 60 degrees, of nobody in particular."""
    known = model()
    network = build(replace(known.row, random_units=1)).eval()
    assert isinstance(network, MVP)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.fixed.copy_(((torch.arange(32) % 5) / 4)[:, None])
        # a unit of h3_r for each view, at its own value of u; h4_r keeps it, y draws a bar there
        for view in range(5):
            for side in (0, 1, 2):
                network.turn.weight[3 * view + side] = 4
                network.third.bias[3 * view + side] = 2 - view + (1, 0, -1)[side]
                network.fourth.weight[view, 3 * view + side] = (1, -2, 1)[side]
            network.picture.weight.view(32, 32, -1)[:, 6 * view : 6 * view + 6, view] = 2
            network.view_of_units.weight[view] = 40 * view
            network.view_of_picture.bias[view] = 20 * view - 5 * view**2
        network.picture.bias.fill_(-1)
    return replace(known, network=network, row=network.row)


def bars(folder: Path, people: int) -> Path:
    """A bar at the place of each view."""
    from PIL import Image

    folder.mkdir()
    lines = ["path,person,view,split"]
    for person in range(people):
        for place, view in enumerate(("-60", "-30", "0", "30", "60")):
            for copy in range(2):
                pixels = np.full((32, 32), 3 * person, np.uint8)
                pixels[:, 6 * place : 6 * place + 6] = 250 - 5 * person - copy
                Image.fromarray(pixels).save(folder / f"{person}_{place}_{copy}.png")
                split = "train" if person % 2 else "test"
                lines.append(f"{person}_{place}_{copy}.png,p{person},{view},{split}")
    (folder / "faces.csv").write_text("\n".join(lines) + "\n")
    return folder / "faces.csv"


def test_views_that_a_network_draws_are_read_without_error(tmp_path):
    faces = load(bars(tmp_path / "bars", 8))
    result = read_views(one_view_unit(), faces.split("test"), faces.split("train"), crop="whole", device=CPU, workers=0)
    first = result.readers[0]
    assert first.name == "view units"
    assert first.error.value < 0.1
    assert first.right.value == 1
    assert (result.faces, result.people, result.fitted_faces, result.fitted_people) == (40, 4, 40, 4)
    units = {each.units: each for each in result.units}
    assert units["h_v"].view.value == 1
    assert units["h_v"].person.value < 0.5
    assert units["h2_id"].view.value == pytest.approx(result.chance_view)
    assert (result.chance_view, result.chance_person) == (0.2, 0.25)
    assert to_json(result)["format"] == "facerep/views"
    tables = views.report_of(result).shown
    assert tables[0].rows[0][0] == "view units"  # pyright: ignore
    assert tables[1].rows[-1][0] == "chance"  # pyright: ignore


def test_a_view_that_nobody_shows_has_no_error_of_its_own(tmp_path):
    faces = load(bars(tmp_path / "bars", 4))
    result = read_views(
        one_view_unit(),
        faces.split("test").where("view!=60"),
        faces.split("train"),
        crop="whole",
        device=CPU,
        workers=0,
    )
    assert result.readers[0].by_view[-1] is None
    assert views.report_of(result).shown[0].rows[0][-1] == ""  # pyright: ignore


@pytest.mark.parametrize(
    ("known", "classes", "words"),
    [
        (card(classes=[["a"], ["b"]]), 2, "views by view are no numbers"),
        (card(classes=[["0"], ["30"]]), 5, "do not say which views"),
        ({}, 5, "do not say which views"),
        (card(factors=["pose"]), 5, "no column 'pose'"),
        (card(classes=[["1"], ["2"], ["3"], ["4"], ["5"]]), 5, "no face of a known person has a view that the network"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, known, classes, words):
    faces = load(bars(tmp_path / "bars", 4))
    with pytest.raises(BadInput, match=words):
        read_views(
            model(known, classes), faces.split("test"), faces.split("train"), crop="whole", device=CPU, workers=0
        )


def test_a_network_without_views_and_people_on_both_sides_are_one_line(tmp_path):
    faces = load(bars(tmp_path / "bars", 4))
    with pytest.raises(BadInput, match="network pixels knows no views"):
        read_views(load_model("pixels"), faces.split("test"), faces.split("train"), device=CPU, workers=0)
    with pytest.raises(BadInput, match="2 people both judged and fitted on, such as p0"):
        read_views(model(), faces.split("test"), faces, crop="whole", device=CPU, workers=0)


def test_one_face_a_person_is_one_line(tmp_path):
    faces = load(bars(tmp_path / "bars", 4))
    few = faces.split("test")
    few = few.take(np.unique(few.people.astype(str), return_index=True)[1])
    with pytest.raises(BadInput, match="no judged person has two faces"):
        read_views(one_view_unit(), few, faces.split("train"), crop="whole", device=CPU, workers=0)


def test_halves_are_drawn_person_by_person():
    person = np.repeat([0, 1, 2], [4, 5, 1])
    half = _half(person, np.random.default_rng(0))
    assert np.bincount(person[half], minlength=3).tolist() == [2, 2, 0]


POSES = {"-60": "1", "-30": "2", "0": "3", "30": "4", "60": "5"}


@pytest.fixture
def posed(tmp_path):
    """Bars at five places, whose label is a class from left to right; nobody is named."""
    table = bars(tmp_path / "bars", 4)
    header, *lines = table.read_text().splitlines()
    rows = [line.split(",") for line in lines]
    table.write_text("\n".join(["path,pose,view", *(f"{row[0]},{POSES[row[2]]},{row[2]}" for row in rows)]) + "\n")
    assert header.startswith("path,person,view")
    return table


def test_classes_have_the_views_that_their_faces_show(posed):
    result = views_by_label(one_view_unit(), load(posed), "pose", crop="whole", device=CPU, workers=0)
    assert [each.name for each in result.classes] == ["1", "2", "3", "4", "5"]
    assert [each.faces for each in result.classes] == [8] * 5
    assert [each.view.value for each in result.classes] == pytest.approx([-60, -30, 0, 30, 60], abs=0.3)
    assert result.rank_correlation is not None
    assert result.rank_correlation.value == pytest.approx(1)
    assert to_json(result)["format"] == "facerep/views-by"
    report = classes.report_of(result)
    assert report.shown[0].rows[0][:3] == ["1", "8", "-59.8"]  # pyright: ignore
    assert any("Spearman" in note for note in report.shown[0].notes)  # pyright: ignore


def test_faces_of_one_person_are_drawn_together(posed):
    faces = load(posed)
    alone = views_by_label(one_view_unit(), faces, "pose", crop="whole", device=CPU, workers=0)
    faces.people[:] = np.where(np.arange(len(faces)) % 2, "a", "b")
    owned = views_by_label(one_view_unit(), faces, "pose", crop="whole", device=CPU, workers=0)
    assert {each.view.interval for each in alone.classes} == {"bootstrap over faces"}
    assert {each.view.interval for each in owned.classes} == {"bootstrap over people"}
    assert [each.view.value for each in owned.classes] == [each.view.value for each in alone.classes]


def test_classes_in_words_have_no_correlation_and_faces_without_one_are_left_out(posed):
    faces = load(posed)
    words = np.array(
        ["left" if pose == "1" else "right" if pose == "5" else "" for pose in faces.labels["pose"]], object
    )
    faces.labels["side"] = words
    result = views_by_label(one_view_unit(), faces, "side", crop="whole", device=CPU, workers=0)
    assert [(each.name, each.faces) for each in result.classes] == [("left", 8), ("right", 8)]
    assert result.rank_correlation is None


def test_classes_that_cannot_be_read_are_one_line(posed):
    faces = load(posed)
    with pytest.raises(BadInput, match="network pixels knows no views"):
        views_by_label(load_model("pixels"), faces, "pose", device=CPU, workers=0)
    with pytest.raises(BadInput, match="no column 'smile'"):
        views_by_label(model(), faces, "smile", crop="whole", device=CPU, workers=0)
    with pytest.raises(BadInput, match="views by light are no numbers"):
        views_by_label(
            model(card(factors=["light"], classes=[["a"], ["b"]]), 2),
            faces,
            "pose",
            crop="whole",
            device=CPU,
            workers=0,
        )
    faces.labels["empty"] = np.full(len(faces), "", object)
    with pytest.raises(BadInput, match="no face has a value of empty"):
        views_by_label(model(), faces, "empty", crop="whole", device=CPU, workers=0)
