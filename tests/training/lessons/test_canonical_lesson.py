"""Teaching the canonical view: what is learned and left, several views, and what a set or a network lacks."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import BadInput, Stopped, Usage
from facerep.extraction.extract import plan
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.table import Faces, make_faces
from facerep.networks.fip import Reconstruction
from facerep.networks.weights import load_model
from facerep.readers.cache import cut_all
from facerep.training import each_epoch
from facerep.training.lessons.canonical import CanonicalView
from facerep.training.lessons.canonical_recipe import NAMED, CanonicalRecipe
from facerep.training.lessons.held_out_faces import cut_and_split
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.train import train

HERE = Machine(device="cpu", workers=0)
VIEWS = (-30, 0, 30)
SMALL = {"schedule.epochs": 2, "data.batch_size": 6, "data.validation_pairs": 20, "data.crop": "loose"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def views(tmp_path: Path) -> Faces:
    """Eight people in three views and two lights; the last three validate."""
    names, people, columns = [], [], {"view": [], "light": [], "split": []}
    for number in range(8):
        half = np.random.default_rng(number).integers(40, 216, (8, 4))
        front = np.concatenate([half, half[:, ::-1]], axis=1).repeat(8, axis=0).repeat(8, axis=1)
        for view in VIEWS:
            for light, gain in (("7", 1.0), ("19", 0.5)):
                name = f"{number}_{view}_{light}.png"
                picture = np.roll(front, view // 3, axis=1) * gain
                Image.fromarray(picture.astype(np.uint8)).save(tmp_path / name)
                names.append(name)
                people.append(f"p{number}")
                for column, value in zip(
                    columns, (str(view), light, "train" if number < 5 else "validation"), strict=True
                ):
                    columns[column].append(value)
    labels = {column: np.array(values, dtype=object) for column, values in columns.items()}
    return make_faces("table", names, people, [tmp_path / name for name in names], root="faces.csv", labels=labels)


def recipe(source: str = "modern", **changes: object) -> CanonicalRecipe:
    return read_recipe(source, {**SMALL, **changes}, kind=CanonicalRecipe, named=NAMED)


def lesson(faces: Faces, chosen: CanonicalRecipe) -> CanonicalView:
    return CanonicalView.prepare(faces, chosen, 0)


def lines_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_run_names_its_canonical_pictures_and_extract_can_use_it(views: Faces, tmp_path: Path) -> None:
    train(views, recipe(), tmp_path / "run", machine=HERE)
    model = load_model(tmp_path / "run")
    assert isinstance(model.network, Reconstruction)
    assert (model.row.name, str(model.crop)) == ("fip-conv-32", "loose@32x32/face*1/grey/1")
    assert (model.card["taught"], model.card["target"], model.card["targets"]) == ("canonical", "view=0,light=7", [""])
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert split["canonical"] == {f"p{number}": [f"{number}_0_7.png"] for number in range(5)}
    for line in lines_of(tmp_path / "run"):
        assert float(line["error"]) > 0
        assert float(line["validation_error"]) > 0
    # pixels lie on either side of 0, so 0 is no rule for their bits
    rules = [plan([model], views, layer=layer).contract(views).rule for layer in ("fip", "rl")]
    assert rules == ["> 0", ""]


@pytest.mark.parametrize(("source", "rate"), [("modern", 2e-3), ("paper", 0.1)])
def test_what_can_be_learned_is_learned(views: Faces, tmp_path: Path, source: str, rate: float) -> None:
    changes = {"schedule.epochs": 6, "schedule.rate": rate, "data.augment": 0.0, "data.mirror": False}
    train(views, recipe(source, **changes), tmp_path / "run", machine=HERE)
    errors = [float(line["error"]) for line in lines_of(tmp_path / "run")]
    assert errors[-1] < errors[0] / 2


def test_the_first_error_is_that_of_the_mean_picture(views: Faces) -> None:
    taught = lesson(views, recipe(**{"data.augment": 0.0, "data.mirror": False}))
    network = taught.make_network()
    notes: dict[str, float] = {}
    places = taught.answers[0][taught.train]
    taught.step(
        network, torch.from_numpy(taught.cut.pixels[taught.train]), [torch.from_numpy(places)], 0.0,
        lambda name, value: notes.update({name: float(value.detach())}), torch.manual_seed(0),
    )  # fmt: skip
    wanted = (taught.wanted[:, 0].numpy().astype(float) - 127.5) / 127.5
    assert notes["error"] == pytest.approx(((wanted - wanted.mean(0)) ** 2).mean(), rel=1e-4)


def test_a_mirrored_face_is_taught_its_mirrored_canonical_pictures(views: Faces) -> None:
    taught = lesson(views, recipe(**{"network.name": "multi-task-32", "data.augment": 0.0, "data.mirror": True}))
    assert taught.targets.names == ("-30", "0", "30")
    assert taught.mirror_order == [2, 1, 0]
    seen: list[torch.Tensor] = []

    class Echo(Reconstruction):
        """Keeps what it sees and draws nothing."""

        def __init__(self) -> None:
            torch.nn.Module.__init__(self)

        def forward(self, faces: torch.Tensor) -> torch.Tensor:
            return faces

        def pictures(self, faces: torch.Tensor) -> torch.Tensor:
            seen.append(faces)
            return torch.zeros(len(faces), 3, 32, 32)

    rows = taught.train[:6]
    pixels = torch.from_numpy(taught.cut.pixels[rows])
    for seed in range(3):
        places = torch.from_numpy(taught.answers[0][rows])
        taught.step(Echo(), pixels, [places], 0.0, lambda *_: None, torch.Generator().manual_seed(seed))
    straight = (pixels[:, 0, ..., 0].float() - 127.5) / 127.5
    mirrored = 0
    for batch in seen:
        for face, before in zip(batch[:, 0], straight, strict=True):
            assert torch.equal(face, before) or torch.equal(face, before.flip(1))
            mirrored += not torch.equal(face, before)
    assert 0 < mirrored < 18


def test_views_that_a_person_lacks_are_masked_and_the_network_has_a_head_for_each(views: Faces, tmp_path: Path) -> None:
    lacking = views.take(views.names != "0_30_7.png")
    chosen = recipe(**{"network.name": "multi-task-32"})
    taught = lesson(lacking, chosen)
    assert taught.known.sum(dim=1).tolist() == [2, 3, 3, 3, 3]
    train(lacking, chosen, tmp_path / "run", machine=HERE)
    model = load_model(tmp_path / "run")
    assert model.row.views == 3
    assert model.card["targets"] == ["-30", "0", "30"]


def test_people_without_a_canonical_picture_are_left_out_and_counted(
    views: Faces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(views.take(views.names != "2_0_7.png"), recipe(), tmp_path / "run", machine=HERE)
    assert "1 person without a canonical picture (view=0,light=7) left out, 5 faces" in capsys.readouterr().err
    assert "p2" not in (tmp_path / "run" / "people.txt").read_text().split()


def test_without_labels_the_measure_chooses(views: Faces) -> None:
    taught = lesson(replace(views, labels={"split": views.labels["split"]}), recipe())
    assert taught.targets.rule == "measure"
    chosen = views.take(taught.train).names[taught.targets.rows[:, 0]]
    assert all(name.split("_")[1] == "0" for name in chosen)  # only the frontal ones are symmetric
    asked = lesson(views, recipe(**{"signal.target": "measure"}))
    assert asked.remarks() == ["views that the measure chose, of 5 people: 0 of 5"]


def test_the_validation_error_is_that_of_the_held_out_people(views: Faces) -> None:
    taught = lesson(views, recipe())
    network = taught.make_network().eval()
    pixels, rows = taught.validation
    with torch.inference_mode():
        for start in range(0, len(rows), 7):
            taught.validate(network, torch.from_numpy(pixels[rows[start : start + 7]]))
    taught.judge()
    grey = pixels[:, 0, ..., 0].astype(float) / 127.5 - 1
    truth = {
        name.split("_")[0]: grey[row] for row, name in enumerate(taught.judging.judges.faces.names) if "_0_7" in name
    }
    mean = taught.mean_picture().numpy()[0]
    errors = [((truth[name.split("_")[0]] - mean) ** 2).mean() for name in taught.judging.judges.faces.names]
    assert taught.measured()["validation_error"] == pytest.approx(np.mean(errors), rel=1e-4)


def test_a_stopped_run_goes_on_to_exactly_the_weights_of_an_unbroken_one(
    views: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = recipe(**{"schedule.epochs": 3})
    train(views, chosen, tmp_path / "whole", machine=HERE)
    original = each_epoch.EachEpoch.on_train_epoch_start

    def stop(self: each_epoch.EachEpoch, trainer, tutor) -> None:
        if trainer.current_epoch == 1:
            raise Stopped(2)
        original(self, trainer, tutor)

    with monkeypatch.context() as patched:
        patched.setattr(each_epoch.EachEpoch, "on_train_epoch_start", stop)
        with pytest.raises(Stopped):
            train(views, chosen, tmp_path / "stopped", machine=HERE)
    train(views, chosen, tmp_path / "stopped", machine=HERE, resume=True)
    whole, stopped = (
        torch.load(tmp_path / name / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("whole", "stopped")
    )
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)


def test_what_lacks_is_one_line(views: Faces) -> None:
    with pytest.raises(Usage, match="network deepid2 draws no pictures; give --network fip-conv-32"):
        lesson(views, recipe(**{"network.name": "deepid2"}))
    with pytest.raises(BadInput, match="no column 'pose'"):
        lesson(views, recipe(**{"signal.target": "pose=0"}))
    with pytest.raises(BadInput, match=r"nobody has a canonical picture \(view=90\)"):
        lesson(views, recipe(**{"signal.target": "view=90"}))
    unlabelled = replace(views, labels={"split": views.labels["split"]})
    with pytest.raises(Usage, match="draws several views, the measure chooses one picture"):
        lesson(unlabelled, recipe(**{"network.name": "multi-task-32"}))


def test_people_who_train_have_canonical_pictures_among_their_own(views: Faces) -> None:
    crop, cut, _, split = cut_and_split(views, recipe(), 0)
    assert crop == Crop(PRESETS["loose"], 32, 32, crop.patch)
    assert len(cut_all(views, crop, workers=0).pixels) == len(cut.pixels)
    taught = lesson(views, recipe())
    for row in split.train:
        place = taught.answers[0][row]
        assert taught.targets.people[place] == views.people[row]
