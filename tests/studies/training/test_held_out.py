"""A run beside the weights in the box: the figure that `train` prints is the one that `verify` gives."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from facerep.extraction.in_memory import extract
from facerep.faces.crops import cut_for
from facerep.files.pairs import PairList
from facerep.files.people import as_text, hashes
from facerep.networks import weights
from facerep.readers.decode_many import pictures
from facerep.readers.load import load
from facerep.studies.training import held_out
from facerep.studies.verification.verify import verify
from facerep.training.data import LessonData
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.train import train

SMALL = {
    "network.name": "deepid-31x31", "schedule.epochs": 2, "data.people_per_batch": 4, "data.held_out": 0.5,
    "schedule.rate": 0.02,
}  # fmt: skip


@pytest.fixture
def trained(people_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))
    drawn = {path: path.read_bytes() for path in people_folder.rglob("*.png")}
    for person in range(6):  # mixed, so that verification is hard and a pair more or less right would be seen
        for picture in (2, 3):
            other = people_folder / f"person_{(person + 1) % 6}" / f"{picture}.png"
            (people_folder / f"person_{person}" / f"{picture}.png").write_bytes(drawn[other])
    faces, machine = load(people_folder), Machine(device="cpu", workers=0)
    return train(faces, read_recipe("modern", SMALL), tmp_path / "run", machine=machine)


def as_verify_has_it(trained, model):
    """Accuracy by extraction and verification of the same faces and pairs."""
    faces = trained.lesson.judging.judges.faces
    left, right, same = trained.lesson.judging.pairs
    names = faces.names.astype(object)
    pairs = PairList(name="held-out", left=names[left], right=names[right], same=same, fold=np.zeros(len(same), int))
    features = extract(faces, model, crop=trained.lesson.crop.preset.name, device="cpu")
    return verify(features, pairs, metric="cosine").accuracy


def test_validation_cuts_the_face_and_the_mirrored_picture_as_extraction_does(trained):
    cut = partial(cut_for, (trained.lesson.crop,), "mean")
    wanted = [answer for _, answer in pictures(trained.lesson.judging.judges.faces, cut, workers=0)]
    ((batch,),) = LessonData(trained.lesson).val_dataloader()
    assert np.array_equal(batch.numpy().reshape(len(wanted), -1), np.stack(wanted))
    straight, twin = batch.numpy()[:, 0], batch.numpy()[:, 1]
    assert not np.array_equal(straight[:, :, ::-1], twin)  # or the test would show nothing


def test_what_train_tells_is_what_verify_gives_for_the_same_weights_and_pairs(trained):
    found = held_out.judge_held_out(trained, device="cpu", workers=0)
    assert found.accuracy == as_verify_has_it(trained, trained.folder)
    assert found.accuracy.value == trained.validation_accuracy
    assert found.bundled is not None
    assert found.bundled.accuracy == as_verify_has_it(trained, None)
    assert found.bundled.difference.value == pytest.approx(found.accuracy.value - found.bundled.accuracy.value)
    told = json.loads((trained.folder / "held-out.json").read_text())
    assert (told["format"], told["accuracy"]["count"]) == ("facerep/held-out", found.accuracy.count)
    assert told["weights"] == weights.load_model(trained.folder).sha256
    assert "cannot be known" in found.remark


def test_people_whom_the_box_was_trained_on_are_no_judges_of_it(trained, monkeypatch):
    first = trained.lesson.judging.judges.faces.people[0]
    plain = held_out.load_model

    def knowing(source):
        model = plain(source)
        return model if source else replace(model, card={**model.card, "trained_people": as_text(hashes([first]))})

    monkeypatch.setattr(held_out, "load_model", knowing)
    found = held_out.judge_held_out(trained, device="cpu", workers=0)
    assert found.bundled is None
    assert not found.not_worse
    assert found.remark == f"they were trained on 1 of the 3 held-out people, such as {first}"


def test_numbers_in_a_folder_called_after_a_set_of_the_box_cannot_be_told_apart_from_its_people(trained):
    box = weights.load_model(None)
    faces = trained.lesson.judging.judges.faces
    numbers = replace(faces, people=np.array(["17"] * len(faces), object), root="sets/celeba-wild")
    assert held_out.recur(box, numbers).startswith("they were trained on people of celeba, and numbers do not tell")
    assert held_out.recur(box, replace(numbers, root="sets/mine")) == ""


def test_a_build_without_weights_still_finishes_a_run(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "BUNDLED", tmp_path / "absent.safetensors")
    found = held_out.judge_held_out(trained, device="cpu", workers=0)
    assert (found.bundled, found.remark) == (None, "this build has no bundled weights")
