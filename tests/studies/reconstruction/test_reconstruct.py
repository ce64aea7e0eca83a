"""Reconstruction: who is judged against which truth, by view, and what there is without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.crops import Crop, parse_crop
from facerep.faces.table import Faces, make_faces
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.weights import Model, load_model, save_model
from facerep.studies.reconstruction.painter import Painter, painter_of, untrained
from facerep.studies.reconstruction.reconstruct import Drawn, reconstruct
from facerep.studies.reconstruction.result import ReconstructionResult
from facerep.studies.reconstruction.shown_faces import shown_faces

CPU = torch.device("cpu")
CROP = parse_crop("loose@32x32/face*1/grey/1")
PEOPLE, VIEWS = 6, (-30, 0, 30)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def views(tmp_path: Path) -> Faces:
    """Six people in three views; who someone is can be seen in all of them."""
    names, people, column = [], [], []
    for number in range(PEOPLE):
        shape = np.random.default_rng(number).integers(20, 236, (5, 5)).repeat(12, axis=0).repeat(12, axis=1)
        for view in VIEWS:
            names.append(f"p{number}/{view}.png")
            (tmp_path / names[-1]).parent.mkdir(exist_ok=True)
            Image.fromarray(np.clip(shape + view, 0, 255).astype(np.uint8)).save(tmp_path / names[-1])
            people.append(f"p{number}")
            column.append(str(view))
    labels = {"view": np.array(column, dtype=object)}
    return make_faces("table", names, people, [tmp_path / name for name in names], root="faces.csv", labels=labels)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """Weights of a run that was taught `view=0`; they are random."""
    return make_model(tmp_path / "one.safetensors", {"target": "view=0", "targets": [""]})


def make_model(path: Path, card: dict[str, object], name: str = "fip-conv-32", **changes: int) -> Model:
    torch.manual_seed(1)
    network = build(replace(row(name), **changes), normalise=True)
    save_model(path, network, crop=CROP, normalise=True, dropout=0.0, card=card)
    return load_model(path)


def go(model: Model, faces: Faces, **options: object) -> tuple[ReconstructionResult, Drawn]:
    return reconstruct(model, faces, crop="loose", device=CPU, workers=0, **options)  # pyright: ignore


def copying(names: tuple[str, ...] = ("",), rule: str = "view=0") -> Callable[[Model, Crop, torch.device], Painter]:
    """A painter that draws what it sees."""

    def draw(faces: np.ndarray) -> np.ndarray:
        return np.stack([faces[..., 0] / 127.5 - 1] * len(names), axis=1).astype(np.float32)

    return lambda *_: Painter(names, rule, draw)


def test_pictures_that_show_the_person_are_nearest_to_the_right_truth(model: Model, views: Faces) -> None:
    result, drawn = go(model, views, by="view", painting=copying())
    judged = result.judged
    assert judged is not None
    assert np.array_equal(drawn.pictures[:, 0], drawn.seen[..., 0])
    assert judged.people == PEOPLE
    assert judged.drawn.pictures == 2 * PEOPLE  # the frontal pictures are the truth themselves
    assert judged.drawn.nearest_truth.value == 1
    assert [(group.name, group.drawn.pictures) for group in judged.groups] == [("-30", PEOPLE), ("30", PEOPLE)]
    truths = drawn.seen[[1, 4, 7, 10, 13, 16], ..., 0] / 127.5 - 1
    faces = drawn.seen[[0, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17], ..., 0] / 127.5 - 1
    own = np.repeat(np.arange(PEOPLE), 2)
    assert judged.drawn.error == pytest.approx(((faces - truths[own]) ** 2).mean())
    assert judged.drawn.error < judged.one_for_all


def test_a_network_that_draws_one_face_for_everybody_is_seen_through(model: Model, views: Faces) -> None:
    flat = Painter(("",), "view=0", lambda faces: np.zeros((len(faces), 1, 32, 32), np.float32))
    result, _ = go(model, views, painting=lambda *_: flat)
    assert result.judged is not None
    assert result.judged.drawn.nearest_truth.count <= 2  # of one person at most
    assert result.judged.drawn == result.judged.untrained


def test_each_view_has_its_own_truths(model: Model, views: Faces) -> None:
    few = views.take(views.names != "p3/-30.png")
    result, drawn = go(model, few, painting=copying(("-30", "0", "30"), "view=*"))
    assert result.judged is not None
    assert [(group.name, group.drawn.pictures) for group in result.judged.pictures] == [
        ("-30", 2 * (PEOPLE - 1)), ("0", 2 * PEOPLE - 1), ("30", 2 * PEOPLE - 1),
    ]  # fmt: skip
    assert (drawn.truth[few.people == "p3"] == [-1, 9, 10]).all()


def test_faces_of_people_without_a_truth_are_counted_and_not_judged(model: Model, views: Faces) -> None:
    result, _ = go(model, views.take(views.names != "p3/0.png"))
    assert result.judged is not None
    assert result.judged.without_truth == 2
    assert (result.judged.people, result.judged.drawn.pictures) == (PEOPLE - 1, 2 * (PEOPLE - 1))


def test_in_the_wild_there_are_pictures_and_no_truth(model: Model, views: Faces, tmp_path: Path) -> None:
    result, drawn = go(model, replace(views, labels={}))
    assert result.judged is None
    assert drawn.pictures.shape == (18, 1, 32, 32)
    assert (drawn.truth == -1).all()
    assert "the set has not the columns that it is chosen by (view=0)" in result.warnings[0]
    free = make_model(tmp_path / "free.safetensors", {"target": "measure", "targets": [""]})
    assert "chose it without labels" in go(free, views)[0].warnings[0]
    assert go(free, views, target="view=0")[0].judged is not None


def test_people_whom_the_network_was_trained_on_are_counted(views: Faces, tmp_path: Path) -> None:
    from facerep.files import people

    card = {"target": "view=0", "targets": [""], "trained_people": people.as_text(people.hashes(["p0", "p1"]))}
    result, _ = go(make_model(tmp_path / "m.safetensors", card), views)
    assert result.overlap.network is not None
    assert (result.overlap.network.people, result.overlap.network.of) == (2, PEOPLE)
    assert any("trained on 2 of the people" in warning for warning in result.warnings)


def test_the_untrained_network_depends_on_the_seed_alone(model: Model) -> None:
    one, again, other = (untrained(model, seed).network.state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["pictured.weight"], other["pictured.weight"])


def test_what_lacks_is_one_line(model: Model, views: Faces) -> None:
    with pytest.raises(BadInput, match="no column 'pose'"):
        go(model, views, by="pose")
    with pytest.raises(BadInput, match="no column 'light', which canonical pictures are chosen by"):
        go(model, views, target="view=0,light=7")
    with pytest.raises(BadInput, match=r"nobody has a canonical picture \(view=90\)"):
        go(model, views, target="view=90")
    with pytest.raises(BadInput, match="no face to judge: all of them are canonical"):
        go(model, views.where("view=0"))
    other = build(row("deepid-31x31"))
    with pytest.raises(BadInput, match="network deepid-31x31 draws no pictures"):
        painter_of(replace(model, network=other, row=row("deepid-31x31")), CROP, CPU)


def test_the_sheet_shows_different_people_with_a_truth_first(model: Model, views: Faces) -> None:
    faces = views.take(views.names != "p3/0.png")
    _, drawn = go(model, faces, painting=copying())
    rows = shown_faces(drawn, 5, seed=0)
    assert len(set(drawn.faces.people[rows])) == 5
    assert "p3" not in drawn.faces.people[rows]
    assert "0" not in drawn.faces.labels["view"][rows]
    assert sorted(shown_faces(drawn, 99, seed=0)) == list(range(len(faces)))
