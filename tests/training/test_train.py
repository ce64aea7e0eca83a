"""A run: what it leaves, that it goes on exactly, and what it refuses."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import BadInput, Mismatch, NotAvailable, Stopped
from facerep.faces import decode
from facerep.faces.batches import normalise
from facerep.faces.crops import parse_crop
from facerep.faces.table import Faces
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import load_model
from facerep.readers.cache import cut_all
from facerep.readers.load import load
from facerep.training import each_epoch
from facerep.training.data import LessonData
from facerep.training.lessons.recognition import Recognition
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.schedule import optimizer
from facerep.training.starting import start_from
from facerep.training.train import train
from facerep.training.tutor import Tutor

SMALL = {
    "network.name": "deepid-31x31", "schedule.epochs": 3, "data.people_per_batch": 4, "data.validation_pairs": 10,
    "signal.margin_pairs": 50, "data.held_out": 0.34,
}  # fmt: skip
HERE = Machine(device="cpu", workers=0)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


def weights(folder):
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def lines_of(folder):
    with (folder / "metrics.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def go(people_folder, folder, **options):
    changes = options.pop("changes", {})
    return train(load(people_folder), read_recipe("modern", {**SMALL, **changes}), folder, machine=HERE, **options)


def test_a_run_leaves_its_recipe_metrics_weights_people_and_environment(people_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("facerep.networks.feature_statistics.FEWEST_PEOPLE", 2)  # so many people are held out here
    result = go(people_folder, tmp_path / "run")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "recipe.toml",
        "metrics.csv",
        "model.safetensors",
        "checkpoints",
        "people.txt",
        "split.json",
        "environment.json",
    }
    lines = lines_of(tmp_path / "run")
    assert [line["epoch"] for line in lines] == ["0", "1", "2"]
    assert all(float(line["id"]) > 0 and float(line["ve"]) >= 0 for line in lines)
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert not set(split["train"]) & set(split["validation"])
    assert (tmp_path / "run" / "people.txt").read_text().split() == split["train"]
    model = load_model(tmp_path / "run")
    assert (model.row.name, str(model.crop), model.rule) == ("deepid-31x31", "loose@31x31/1", "> 0")
    typical = model.card["typical"]
    assert typical["faces"].endswith("faces of held-out people")
    assert 0 < typical["mean"]["participation"][0] < 1
    assert typical["none"]["length"][1] > 0
    assert (
        model.card["validation_accuracy"]
        == result.validation_accuracy
        == max(float(line["validation_accuracy"]) for line in lines)
    )


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(people_folder, tmp_path):
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        go(people_folder, tmp_path / name, changes={"seed": seed, "schedule.epochs": 1})
    one, same, other = (weights(tmp_path / name) for name in ("one", "same", "other"))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("head", ["softmax", "cosface"])
def test_a_stopped_run_goes_on_to_exactly_the_weights_of_an_unbroken_one(people_folder, tmp_path, monkeypatch, head):
    changes = {"signal.head": head}
    go(people_folder, tmp_path / "whole", changes=changes)
    plain = each_epoch.EachEpoch.on_train_batch_end
    seen = []

    def stop_in_the_second_epoch(self, *arguments):
        seen.append(1)
        if len(seen) == 2:
            raise Stopped(2)
        plain(self, *arguments)

    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_batch_end", stop_in_the_second_epoch)
    with pytest.raises(Stopped):
        go(people_folder, tmp_path / "broken", changes=changes)
    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_batch_end", plain)
    go(people_folder, tmp_path / "broken", changes=changes, resume=True)
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert whole.keys() == broken.keys()
    assert all(torch.equal(whole[key], broken[key]) for key in whole)
    lines = [lines_of(tmp_path / name) for name in ("whole", "broken")]
    drop = lambda rows: [{key: row[key] for key in row if key != "images_per_second"} for row in rows]  # noqa: E731
    assert drop(lines[0]) == drop(lines[1])


def test_a_run_folder_is_neither_reused_nor_mixed(people_folder, tmp_path):
    go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1})
    with pytest.raises(BadInput, match="run folder exists.*--resume"):
        go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1})
    with pytest.raises(BadInput, match=r"recipe.toml differs"):
        go(people_folder, tmp_path / "run", changes={"schedule.epochs": 2}, resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")
    with pytest.raises(BadInput, match="holds what no run does, it is not removed"):
        go(people_folder, tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "diary.txt").exists()


def test_unreadable_pictures_among_good_ones_are_left_out_and_told(people_folder, tmp_path):
    (people_folder / "person_0" / "0.png").write_bytes(b"")
    result = go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1})
    assert [name for name, _ in result.lesson.failures] == ["person_0/0.png"]


@pytest.fixture
def tutor_of(people_folder):
    """Gives the tutor of a recipe, and the loss of its first step with random signals."""

    def make(**changes):
        torch.manual_seed(0)
        tutor = Tutor(Recognition.prepare(load(people_folder), read_recipe("modern", {**SMALL, **changes}), 0))
        pictures, *answers = next(iter(LessonData(tutor.lesson).train_dataloader()))
        torch.manual_seed(1)  # dropout is the same, whatever signals there are
        features = tutor.network.supervised(normalise(pictures[:, 0]))
        # of so many epochs that every signal has its full weight
        return tutor, tutor.lesson.loss(features, answers, 100.0, lambda _name, _value: None)

    return make


@pytest.mark.parametrize(
    ("changes", "moved", "still"),
    [
        ({"signal.loss": "id"}, {"network", "heads"}, set()),
        ({"signal.loss": "ve"}, {"network"}, set()),
        ({"signal.loss": "ve", "signal.verification": "cosine"}, {"network", "verifications"}, set()),
        ({"signal.loss": "id+ve"}, {"network", "heads"}, set()),
        ({"signal.loss": "id+ve", "signal.weight": 0.0, "signal.verification": "cosine"}, {"network", "heads"},
         {"verifications"}),
        ({"signal.loss": "id", "signal.head": "arcface"}, {"network", "heads"}, set()),
    ],
)  # fmt: skip
def test_each_loss_moves_the_weights_it_should(tutor_of, changes, moved, still):
    tutor, loss = tutor_of(**changes)
    loss.backward()
    sizes = {}
    for name, parameter in tutor.named_parameters():
        assert parameter.grad is not None, name
        sizes.setdefault(name.split(".")[0], []).append(float(parameter.grad.abs().sum()))
    assert {name for name, size in sizes.items() if any(size)} == moved
    assert {name for name, size in sizes.items() if not any(size)} == still
    assert not any(name.startswith("margins") for name in sizes)


def test_the_loss_of_both_signals_is_that_of_id_and_half_lambda_of_ve(tutor_of):
    alone = {loss: tutor_of(**{"signal.loss": loss})[1] for loss in ("id", "ve")}
    _, both = tutor_of(**{"signal.loss": "id+ve", "signal.weight": 0.3})
    torch.testing.assert_close(both, alone["id"] + 0.15 * alone["ve"])


def test_one_step_moves_the_weights_against_the_gradient_at_the_rate_of_the_schedule(tutor_of):
    tutor, loss = tutor_of(**{"signal.loss": "id", "schedule.momentum": 0.0, "schedule.decay": 0.0})
    before = {name: parameter.detach().clone() for name, parameter in tutor.named_parameters()}
    sgd = optimizer(tutor.parameters(), tutor.recipe.schedule, 100)["optimizer"]
    loss.backward()
    sgd.step()
    for name, parameter in tutor.named_parameters():
        torch.testing.assert_close(parameter, before[name] - 0.1 * 0.05 * parameter.grad)


def test_deepid2_plus_is_taught_on_every_convolution(people_folder, tmp_path):
    go(people_folder, tmp_path / "run", changes={"network.name": "deepid2+wide", "schedule.epochs": 1})
    state = weights(tmp_path / "run")
    assert sum(key.startswith("heads.") and key.endswith("weight") for key in state) == 4
    assert sum(key.startswith("margins.") and key.endswith("value") for key in state) == 4


def test_a_gpu_that_is_not_here_is_refused_before_anything_is_written(people_folder, tmp_path):
    recipe = read_recipe("modern", SMALL)
    with pytest.raises(NotAvailable, match="is not here"):
        train(load(people_folder), recipe, tmp_path / "run", machine=Machine(device="cuda:99"))
    assert not (tmp_path / "run").exists()


def test_a_network_can_start_from_a_run_of_the_same_row_only(people_folder, tmp_path):
    go(people_folder, tmp_path / "first", changes={"schedule.epochs": 1})
    model = load_model(tmp_path / "first")
    network = DeepID(row("deepid-31x31"), normalise=True)
    start_from(network, model)
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(network.state_dict()[name], tensor)
    with pytest.raises(Mismatch, match="deepid-39x31 cannot start from deepid-31x31"):
        start_from(DeepID(row("deepid-39x31"), normalise=True), model)
    with pytest.raises(Mismatch, match="one has batch normalisation"):
        start_from(DeepID(row("deepid-31x31")), model)


def test_features_that_fall_together_are_noticed_and_separated_ones_are_not(tutor_of):
    lesson = tutor_of()[0].lesson
    fallen = {"margin": 0.02, "impostor_distance": 0.03, "validation_accuracy": 0.503}
    assert lesson.warning(fallen).startswith("features of all people fall together")
    assert lesson.warning({**fallen, "impostor_distance": 3.1}) == ""
    assert lesson.warning({**fallen, "validation_accuracy": 0.88}) == ""
    assert lesson.warning({"validation_accuracy": 0.5}) == ""


def test_a_run_on_an_eye_keeps_its_patch_in_the_contract(people_folder, tmp_path):
    go(people_folder, tmp_path / "run", changes={"data.patch": "left-eye*1.25", "schedule.epochs": 1})
    assert str(load_model(tmp_path / "run").crop) == "loose@31x31/left-eye*1.25/rgb/1"


def test_an_unknown_patch_is_refused_with_those_there_are(people_folder, tmp_path):
    with pytest.raises(BadInput, match="no patch 'ear'; give REGION"):
        go(people_folder, tmp_path / "run", changes={"data.patch": "ear"})
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_started_from_is_not_removed_and_neither_is_one_for_a_start_that_is_absent(
    people_folder, tmp_path
):
    go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1})
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    for start, line in (("run", "what is read cannot be replaced"), ("rnu", "no such run or weights file")):
        with pytest.raises(BadInput, match=line):
            go(people_folder, tmp_path / "run", changes={"network.start": str(tmp_path / start)}, overwrite=True)
        assert (tmp_path / "run" / "model.safetensors").read_bytes() == before


def test_a_run_is_not_resumed_with_other_faces_or_other_people_held_out(people_folder, tmp_path):
    go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1})
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    (tmp_path / "run" / "split.json").write_text(json.dumps({**split, "validation": ["person_9"]}))
    with pytest.raises(BadInput, match="people, labels or parts differ from this run's"):
        go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1}, resume=True)
    (tmp_path / "run" / "split.json").write_text(json.dumps(split))
    (people_folder / split["train"][0] / "0.png").unlink()
    with pytest.raises(BadInput, match="faces differ from this run's"):
        go(people_folder, tmp_path / "run", changes={"schedule.epochs": 1}, resume=True)


def test_a_run_that_patience_ended_stays_ended_and_its_epochs_are_those_it_had(people_folder, tmp_path, monkeypatch):
    plain = each_epoch.Tutor.summarise
    fall = iter([0.9, 0.8, 0.7, 0.95, 0.6])
    monkeypatch.setattr(each_epoch.Tutor, "summarise", lambda self: {**plain(self), "validation_accuracy": next(fall)})
    changes = {"schedule.epochs": 9, "schedule.patience": 2}
    ended = go(people_folder, tmp_path / "run", changes=changes)
    again = go(people_folder, tmp_path / "run", changes=changes, resume=True)
    assert (ended.epochs, again.epochs, len(lines_of(tmp_path / "run"))) == (3, 3, 3)
    assert (ended.best_epoch, again.best_epoch) == (1, 1)


def test_crops_of_pictures_that_look_the_same_from_outside_are_not_mixed_up(tmp_path):
    def draw(name: str, grey: int) -> None:
        halves = np.repeat([grey - 10, grey + 10], 20)  # of one shade it would be no face
        Image.fromarray(np.tile(halves.astype(np.uint8), (40, 1))).save(tmp_path / name / "ana" / "0.pgm")

    def seen(table: Faces) -> float:
        return cut_all(table, crop, workers=0).pixels.mean()

    tables = []
    for name, grey in (("one", 10), ("two", 200)):
        (tmp_path / name / "ana").mkdir(parents=True)
        draw(name, grey)
        tables.append(load(tmp_path / name))
    assert tables[0].fingerprint() == tables[1].fingerprint()
    crop = parse_crop("loose@31x31/1")
    assert [seen(table) for table in tables] == pytest.approx([10, 200], abs=5)
    draw("one", 90)
    assert seen(tables[0]) == pytest.approx(90, abs=5)


def test_pictures_that_could_not_be_read_for_a_while_are_tried_again(people_folder, monkeypatch):
    faces, crop = load(people_folder), parse_crop("loose@31x31/1")
    hidden, plain = people_folder / "person_0" / "0.png", decode.Image.open

    def opened(place, **more):
        if place == hidden:
            raise PermissionError
        return plain(place, **more)

    with monkeypatch.context() as patch:
        patch.setattr(decode.Image, "open", opened)
        assert cut_all(faces, crop, workers=0).failures == (("person_0/0.png", "file may not be read"),)
    assert cut_all(faces, crop, workers=0).failures == ()


def test_a_cosine_signal_has_no_margin_and_tells_no_distances(people_folder, tmp_path):
    go(people_folder, tmp_path / "run", changes={"signal.verification": "cosine", "schedule.epochs": 1})
    (line,) = lines_of(tmp_path / "run")
    assert float(line["ve"]) > 0
    assert (line["margin"], line["genuine_distance"], line["impostor_distance"]) == ("", "", "")
