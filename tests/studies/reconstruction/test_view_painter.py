"""The painter of views draws what the network draws with the view units of those views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, Usage
from facerep.faces.batches import normalise
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.mvp import MVP, spread_samples
from facerep.networks.weights import Model, load_model, save_model
from facerep.readers.load import load
from facerep.studies.reconstruction.asked_views import AskedViews
from facerep.studies.reconstruction.reconstruct import reconstruct
from facerep.studies.reconstruction.view_painter import any_painter

CPU = torch.device("cpu")
CROP = parse_crop("whole@32x32/face*1/grey/1")
VIEWS = ("-60", "-30", "0", "30", "60")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))


def make_model(path: Path, **changes: object) -> Model:
    known = {"factors": ["view"], "classes": [[view] for view in VIEWS], "fixed": {"light": "7"}, "sigma": 0.2}
    known |= changes
    torch.manual_seed(1)
    network = build(replace(row("mvp-32"), classes=len(known["classes"])))  # pyright: ignore
    card = {"multiview": known, "trained_people": ""}
    save_model(path, network, crop=CROP, normalise=False, dropout=0.0, card=card)
    return load_model(path)


def test_a_view_is_drawn_with_its_own_units_and_one_between_with_units_between(tmp_path):
    model = make_model(tmp_path / "one.safetensors")
    network = model.network
    assert isinstance(network, MVP)
    faces = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1), dtype=np.uint8)
    painter = any_painter(model, CROP, CPU, AskedViews(("30", "15"), between=True))
    assert (painter.names, painter.rule, painter.between) == (("30", "15"), "view=*,light=7", ("15",))
    with torch.no_grad():
        identity = network(normalise(torch.from_numpy(faces)))
        units = network.view_units(identity, spread_samples(40, 2)[None])
        both = torch.stack([units[:, 3], (units[:, 2] + units[:, 3]) / 2], dim=1)
        wanted = network.draw(identity, both)[2].reshape(3, 2, 32, 32)
    np.testing.assert_allclose(painter.draw(faces), wanted, rtol=1e-4, atol=1e-5)


def test_units_of_a_view_are_where_that_view_is_likely(tmp_path):
    network = make_model(tmp_path / "one.safetensors").network
    assert isinstance(network, MVP)
    with torch.no_grad():
        identity, samples = torch.rand(2, 512), torch.rand(1, 300, 2)
        units = network.view_units(identity, samples)
        chances = network.log_views(network.draw(identity, samples)[2], samples).exp()
        for person in range(2):
            for view in range(5):
                share = chances[person, :, view] / chances[person, :, view].sum()
                torch.testing.assert_close(units[person, view], share @ samples[0])


def test_people_are_drawn_in_all_views_and_judged_in_those_that_there_are(tmp_path, viewed_people):
    model = make_model(tmp_path / "one.safetensors")
    asked = AskedViews(every=True, between=True)
    result, drawn = reconstruct(
        model, load(viewed_people).split("test"), crop="whole", device=CPU, workers=0,
        painting=lambda *given: any_painter(*given, asked),
    )  # fmt: skip
    assert result.targets == ("-60", "-45", "-30", "-15", "0", "15", "30", "45", "60")
    assert result.between == ("-45", "-15", "15", "45")
    assert drawn.pictures.shape == (30, 9, 32, 32)
    assert result.judged is not None
    assert [group.name for group in result.judged.pictures] == list(VIEWS)
    assert result.judged.people == 2


def test_a_view_without_a_truth_is_drawn_and_said(tmp_path, viewed_people):
    result, _ = reconstruct(
        make_model(tmp_path / "one.safetensors"), load(viewed_people).split("test"), crop="whole", device=CPU,
        workers=0, painting=lambda *given: any_painter(*given, AskedViews(("15",), between=True)),
    )  # fmt: skip
    assert result.judged is None
    assert "no truth here: nobody has such a picture (view=*,light=7; 15)" in result.warnings[0]


def test_two_factors_have_no_truth_of_one_rule(tmp_path, viewed_people):
    model = make_model(tmp_path / "one.safetensors", factors=["view", "light"], classes=[["0", "3"], ["0", "7"]])
    result, _ = reconstruct(model, load(viewed_people).split("test"), crop="whole", device=CPU, workers=0)
    assert (result.targets, result.judged) == (("0,7",), None)
    assert "no truth here" in result.warnings[0]


def test_views_of_other_networks_are_one_line(tmp_path):
    torch.manual_seed(0)
    network = build(row("fip-conv-32"), normalise=True)
    save_model(tmp_path / "f.safetensors", network, crop=CROP, normalise=True, dropout=0.0, card={"target": "view=0"})
    fip = load_model(tmp_path / "f.safetensors")
    assert any_painter(fip, CROP, CPU).names == ("",)
    with pytest.raises(Usage, match="--all-views means nothing for network fip-conv-32"):
        any_painter(fip, CROP, CPU, AskedViews(every=True))
    with pytest.raises(Usage, match="--view means nothing"):
        any_painter(fip, CROP, CPU, AskedViews(("30",)))
    with pytest.raises(BadInput, match="network pixels draws no pictures"):
        any_painter(load_model("pixels"), CROP, CPU)
