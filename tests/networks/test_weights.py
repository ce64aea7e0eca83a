"""A weights file carries its whole contract, and is refused when it is not what it says."""

import json

import pytest
import torch
from safetensors.torch import save_file

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.faces.crops import parse_crop
from facerep.files.people import from_text
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.device import device
from facerep.networks.inventory import inventory
from facerep.networks.weights import BUNDLED, change_card, load_model, read_card, save_model
from facerep.results.to_json import to_json


def saved(path, name="deepid-31x31", lower=True, **card):
    torch.manual_seed(0)
    network = DeepID(row(name), normalise=True).eval()
    save_model(path, network, crop=parse_crop("orl@31x31/1"), normalise=True, dropout=0.0, card=card, lower=lower)
    return network


def test_a_saved_network_gives_the_same_features_again(tmp_path):
    network = saved(tmp_path / "m.safetensors", people=25)
    model = load_model(tmp_path / "m.safetensors")
    faces = torch.randn(3, 3, 31, 31)
    with torch.inference_mode():
        torch.testing.assert_close(model.network(faces), network(faces), rtol=1e-5, atol=1e-5)
    assert (str(model.crop), model.rule, model.card["people"], model.row) == (
        "orl@31x31/1",
        "> 0",
        25,
        row("deepid-31x31"),
    )


def test_half_precision_halves_the_file_and_stays_near(tmp_path):
    saved(tmp_path / "full.safetensors")
    network = saved(tmp_path / "half.safetensors", dtype="float16")
    assert (tmp_path / "half.safetensors").stat().st_size < 0.55 * (tmp_path / "full.safetensors").stat().st_size
    faces = torch.randn(3, 3, 31, 31)
    with torch.inference_mode():
        torch.testing.assert_close(
            load_model(tmp_path / "half.safetensors").network(faces), network(faces), rtol=0.02, atol=0.02
        )


def test_lower_feature_layers_are_kept_and_can_be_asked_for(tmp_path):
    network = saved(tmp_path / "m.safetensors", name="deepid2+wide")
    model = load_model(tmp_path / "m.safetensors")
    assert model.row.layers[:3] == ("feature-1", "feature-2", "feature-3")
    faces = torch.randn(2, 3, 55, 47)
    with torch.inference_mode():
        *lower, top = network.supervised(faces)
        found = model.network.layers(faces, [*model.row.layers[:3], "feature"])
    for one, other in zip(found, [*lower, top], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_lower_feature_layers_are_left_out_where_they_are_not_wanted(tmp_path):
    saved(tmp_path / "whole.safetensors", name="deepid2+wide")
    saved(tmp_path / "m.safetensors", name="deepid2+wide", lower=False)
    model = load_model(tmp_path / "m.safetensors")
    assert len(model.network.below) == 0
    assert model.row.layers == ("pool1", "pool2", "pool3", "conv4", "feature")
    assert (tmp_path / "m.safetensors").stat().st_size < 0.2 * (tmp_path / "whole.safetensors").stat().st_size


def test_the_card_is_read_without_the_tensors(tmp_path):
    saved(tmp_path / "m.safetensors", trained_on="orl")
    assert read_card(tmp_path / "m.safetensors")["trained_on"] == "orl"


def test_files_that_are_not_ours_are_refused_in_one_line(tmp_path):
    (tmp_path / "junk.safetensors").write_bytes(b"junk" * 100)
    save_file({"x": torch.zeros(2)}, tmp_path / "other.safetensors")
    save_file(
        {"x": torch.zeros(2)},
        tmp_path / "later.safetensors",
        metadata={"contract": json.dumps({"format": "facerep/model", "version": 9})},
    )
    for name, reason in (
        ("junk", "not weights of facerep"),
        ("other", "not weights of facerep"),
        ("later", "version 9"),
    ):
        with pytest.raises(BadInput, match=reason):
            load_model(tmp_path / f"{name}.safetensors")
    with pytest.raises(BadInput, match="no such run or weights file"):
        load_model(tmp_path / "absent.safetensors")


def test_weights_that_do_not_fit_their_contract_are_refused(tmp_path):
    row_of_one = {"name": "x", "family": "deepid", "height": 31, "width": 31, "maps": [1, 1, 1, 1]}
    contract = {
        "format": "facerep/model", "version": 1, "row": row_of_one, "normalise": False, "dropout": 0.0,
        "crop": "orl@31x31/1", "rule": "> 0",
    }  # fmt: skip
    save_file({"x": torch.zeros(2)}, tmp_path / "m.safetensors", metadata={"contract": json.dumps(contract)})
    with pytest.raises(BadInput, match="do not fit their own contract"):
        load_model(tmp_path / "m.safetensors")


def test_a_pickle_is_never_opened(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "made.txt"), "w"))

    torch.save({"x": Evil()}, tmp_path / "evil.safetensors")
    with pytest.raises(BadInput):
        load_model(tmp_path / "evil.safetensors")
    assert not (tmp_path / "made.txt").exists()


def test_a_gpu_that_is_not_here_is_an_error():
    absent = torch.cuda.device_count() if torch.cuda.is_available() else 0
    with pytest.raises(NotAvailable, match="is not here"):
        device(f"cuda:{absent}")
    for nonsense in ("gpu", "cpu:1", "cuda:x"):
        with pytest.raises(Usage):
            device(nonsense)


@pytest.mark.parametrize("change", [{"feature": 10**9}, {"maps": [10**7] * 4}, {"height": 10**7}, {"maps": [1] * 1000}])
def test_a_network_far_larger_than_its_file_is_refused_before_it_is_built(tmp_path, change):
    saved(tmp_path / "m.safetensors")
    contract = read_card(tmp_path / "m.safetensors")
    contract["row"] |= change
    save_file({"a": torch.zeros(3)}, tmp_path / "giant.safetensors", metadata={"contract": json.dumps(contract)})
    with pytest.raises(BadInput, match="weights claim"):
        load_model(tmp_path / "giant.safetensors")


def test_a_card_is_changed_and_the_tensors_stay_byte_for_byte(tmp_path):
    path = tmp_path / "m.safetensors"
    saved(path, people=3)

    def tensors():
        whole = path.read_bytes()
        return whole[8 + int.from_bytes(whole[:8], "little") :]

    before = tensors()
    points = [{"metric": "cosine", "far": 0.1}]
    change_card(path, {"thresholds": points, "people": 4})
    assert tensors() == before
    card = load_model(path).card
    assert (card["thresholds"], card["people"], card["crop"]) == (points, 4, "orl@31x31/1")


def test_the_weights_in_the_box_say_whom_they_were_trained_on_and_models_does_not_list_them():
    card = read_card(BUNDLED)
    assert len(from_text(card["trained_people"])) == card["people"]
    bundled = to_json(inventory())["bundled"]
    assert bundled["people"] == card["people"]
    assert "trained_people" not in bundled


def test_the_weights_in_the_box_have_a_word_too():
    assert load_model("bundled").sha256 == load_model(None).sha256
