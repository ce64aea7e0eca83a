"""Teaching views: a run like any other, whose bound on held-out people rises and whose layers extract can name."""

from __future__ import annotations

import csv
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, Stopped, Usage
from facerep.extraction.in_memory import extract
from facerep.networks.weights import load_model
from facerep.readers.load import load
from facerep.training import each_epoch
from facerep.training.lessons.catalog import read_run_recipe
from facerep.training.lessons.multiview import MultiView
from facerep.training.lessons.multiview_recipe import MultiViewRecipe
from facerep.training.machine import Machine
from facerep.training.train import train

HERE = Machine(device="cpu", workers=0)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


def recipe(**changes: object) -> MultiViewRecipe:
    settings = {
        "signal.loss": "multiview", "network.name": "mvp-32", "data.crop": "whole", "data.batch_size": 16,
        "data.wanted": 2, "schedule.epochs": 3, "schedule.rate": 1e-3, **changes,
    }  # fmt: skip
    chosen = read_run_recipe("modern", settings)
    assert isinstance(chosen, MultiViewRecipe)
    return chosen


def teach(table: Path, folder: Path, chosen: MultiViewRecipe | None = None, **options: bool) -> list[dict[str, str]]:
    train(load(table), chosen or recipe(), folder, machine=HERE, **options)
    with (folder / "metrics.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def lesson(table: Path, chosen: MultiViewRecipe | None = None) -> MultiView:
    return MultiView.prepare(load(table), chosen or recipe(), 0)


@pytest.fixture(scope="module")
def taught(drawn_views: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[dict[str, str]]]:
    """A table, a run of eight epochs on it, and its metrics."""
    root = tmp_path_factory.mktemp("taught")
    table = Path(shutil.copytree(drawn_views, root / "viewed")) / "faces.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEREP_CACHE", str(root / "cache"))
        return table, root / "run", teach(table, root / "run", recipe(**{"schedule.epochs": 8}))


def test_the_bound_on_held_out_people_rises(taught):
    bounds = [float(line["bound"]) for line in taught[2]]
    assert all(later > earlier for earlier, later in itertools.pairwise(bounds[:5]))
    assert max(bounds[-3:]) > bounds[0] + 100
    training = [float(line["training_bound"]) for line in taught[2]]
    assert training[-1] > training[0] + 100


def test_pictures_come_nearer_and_views_more_certain(taught):
    first, last = taught[2][0], taught[2][-1]
    assert float(last["picture"]) < float(first["picture"]) / 2
    assert float(first["view"]) < float(last["view"]) <= 0


def test_the_picture_column_is_the_mean_squared_error_of_a_pixel(viewed_people):
    made = lesson(viewed_people)
    network = made.make_network()
    torch.nn.init.zeros_(network.picture.weight)
    torch.nn.init.constant_(network.picture.bias, 0.5)
    rows = next(iter(made.batches(rank=0, replicas=1, now=lambda: 0)))
    pictures, labels = torch.from_numpy(made.cut.pixels[rows]), torch.from_numpy(made.views.labels[rows])
    noted: dict[str, float] = {}
    loss = made.step(
        network, pictures, [labels], 0.0, lambda name, value: noted.update({name: float(value)}), torch.Generator()
    )
    assert len(rows) == 16 * (1 + made.recipe.data.wanted)
    drawn = made.cut.pixels[rows[16:]].astype(float) / 127.5 - 1
    assert noted["picture"] == pytest.approx(((drawn - 0.5) ** 2).mean(), rel=1e-4)
    sigma = made.recipe.signal.sigma
    constant = 2 * sigma**2 * np.log(sigma * np.sqrt(2 * np.pi))
    expected = noted["picture"] + constant - 2 * sigma**2 / 1024 * noted["view"]
    assert loss.item() == pytest.approx(expected, rel=1e-4)


def test_the_card_says_which_views_there_are(taught):
    model = load_model(taught[1])
    assert model.card["multiview"] == {
        "factors": ["view"], "classes": [["-60"], ["-30"], ["0"], ["30"], ["60"]], "fixed": {
            "light": "7", "expression": "neutral",
        }, "sigma": 0.2,
    }  # fmt: skip
    assert (model.row.classes, model.row.random_units, model.card["people"]) == (5, 2, 6)


@pytest.mark.parametrize(("layer", "length"), [("h1_id", 1024), ("h2_id", 512), ("h3_r", 512), ("h4_r", 512)])
def test_extract_names_the_four_layers(taught, layer, length):
    found = extract(load(taught[0]), model=taught[1], crop="whole", layer=layer, mirror="none")
    assert found.values.shape == (150, length)


@pytest.mark.parametrize("stopped_in", [1, 2])
def test_a_stopped_run_goes_on_to_exactly_the_weights_of_an_unbroken_one(
    viewed_people, tmp_path, monkeypatch, stopped_in
):
    teach(viewed_people, tmp_path / "whole")
    original = each_epoch.EachEpoch.on_train_epoch_start

    def stop(self, trainer, tutor):
        if trainer.current_epoch == stopped_in:
            raise Stopped(2)
        original(self, trainer, tutor)

    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_start", stop)
    with pytest.raises(Stopped):
        teach(viewed_people, tmp_path / "broken")
    monkeypatch.setattr(each_epoch.EachEpoch, "on_train_epoch_start", original)
    again = teach(viewed_people, tmp_path / "broken", resume=True)
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert all(torch.equal(tensor, broken[name]) for name, tensor in whole.items())
    assert [line["epoch"] for line in again] == ["0", "1", "2"]


def test_the_paper_s_recipe_trains_the_fully_connected_form_on_the_same_light(viewed_people, tmp_path):
    chosen = read_run_recipe("paper", {"signal.loss": "multiview", "data.crop": "whole", "schedule.epochs": 1})
    assert isinstance(chosen, MultiViewRecipe)
    teach(viewed_people, tmp_path / "run", chosen)
    model = load_model(tmp_path / "run")
    assert (model.row.name, model.card["normalise"], model.card["multiview"]["fixed"]) == ("mvp-32", False, {})


@pytest.mark.parametrize(("factors", "classes"), [(["light"], 3), (["view", "light"], 15)])
def test_other_factors_are_learned_by_the_same_lesson(viewed_people, tmp_path, factors, classes):
    line = teach(viewed_people, tmp_path / "run", recipe(**{"schedule.epochs": 1, "signal.factors": factors}))[0]
    assert np.isfinite(float(line["bound"]))
    assert load_model(tmp_path / "run").row.classes == classes


def rewrite(table: Path, keep: Callable[[dict[str, str]], bool]) -> None:
    """Only the lines of the table that are kept."""
    header, *lines = table.read_text().splitlines()
    kept = [line for line in lines if keep(dict(zip(header.split(","), line.split(","), strict=True)))]
    table.write_text("\n".join([header, *kept]) + "\n")


def test_a_person_in_one_view_is_left_out_and_counted(viewed_people):
    rewrite(viewed_people, lambda face: face["person"] != "person 0" or face["view"] == "30")
    made = lesson(viewed_people)
    assert "person 0" not in made.people
    assert made.remarks() == ["1 person with one view only: not trained on"]
    assert lesson(viewed_people, recipe(**{"signal.target": "same"})).people == made.people


def test_views_that_some_lack_are_learned_from_the_others(viewed_people):
    rewrite(viewed_people, lambda face: (face["person"], face["view"]) != ("person 0", "60"))
    made = lesson(viewed_people)
    assert len(made.people) == 6
    assert made.remarks() == []


def test_held_out_people_in_one_view_have_no_bound(viewed_people, tmp_path, capsys):
    rewrite(viewed_people, lambda face: face["split"] == "train" or face["view"] == "0")
    line = teach(viewed_people, tmp_path / "run", recipe(**{"schedule.epochs": 1}))[0]
    assert line["bound"] == ""
    assert "held-out people have no faces in two views: no bound is reported" in capsys.readouterr().err


def test_everybody_in_one_view_is_one_line(viewed_people):
    rewrite(viewed_people, lambda face: face["view"] == ("0" if int(face["person"][-1]) % 2 else "30"))
    with pytest.raises(BadInput, match="nobody has faces in two views by view, one of them with light=7"):
        lesson(viewed_people)


def test_no_view_label_is_one_line_before_a_pixel_is_read(people_folder):
    with pytest.raises(BadInput, match="no column 'view'"):
        lesson(people_folder)


def test_a_network_that_draws_nothing_is_refused(viewed_people):
    with pytest.raises(Usage, match="network deepid2 draws no views"):
        lesson(viewed_people, recipe(**{"network.name": "deepid2"}))
