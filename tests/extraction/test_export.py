"""Export: what torch computes, as a file that onnxruntime runs without facerep; kept only where both agree."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from facerep.errors import BadInput, Usage
from facerep.extraction.export import export
from facerep.extraction.in_memory import extract_by
from facerep.faces.crops import parse_crop
from facerep.files import people
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.onnx_files.input_contract import PRESETS, InputContract
from facerep.networks.onnx_files.load import load_onnx
from facerep.networks.sparsity.masks import hold, keep_only
from facerep.networks.weights import load_model, save_model
from facerep.readers.load import load
from tiny_onnx import tiny_onnx

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"
CARD = {"trained_people": people.as_text(people.hashes(["ana", "bo"])), "notice": "for tests"}


def make_model(path: Path, *, seed: int = 0, crop: str = "points@31x31/1", sparse: bool = False) -> Path:
    torch.manual_seed(seed)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    if sparse:
        for layer in (network.feature.full, network.conv4):
            keep_only(layer, torch.rand_like(layer.weight) < 0.2)
        hold(network)
    save_model(path, network, crop=parse_crop(crop), normalise=True, dropout=0.0, card=CARD)
    return path


@pytest.fixture(scope="module")
def faces(drawn_people):
    return load(drawn_people)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, faces) -> Path:
    """A model and the file that was made of it."""
    place = tmp_path_factory.mktemp("exported")
    export([load_model(make_model(place / "m.safetensors"))], faces, place / "m.onnx", crop="loose")
    return place


def test_the_file_gives_the_features_of_the_network_for_batches_of_any_size_without_facerep(folder, faces):
    wanted = extract_by([load_model(folder / "m.safetensors")], faces, crop="loose", mirror="none")
    session = onnxruntime.InferenceSession(folder / "m.onnx")
    said = json.loads(session.get_modelmeta().custom_metadata_map["facerep"])["input"]
    crop = parse_crop("loose@31x31/1")
    from PIL import Image

    cuts = [crop.cut(np.asarray(Image.open(path).convert("RGB")), np.full((5, 2), np.nan)) for path in faces.paths[:7]]
    inputs = (np.stack(cuts).transpose(0, 3, 1, 2).astype(np.float32) - said["mean"][0]) * np.float32(said["scale"][0])
    for n in (1, 3, 7):
        (found,) = session.run(None, {"faces": inputs[:n]})
        np.testing.assert_allclose(found, wanted.values[:n], atol=1e-4)


def test_the_file_needs_no_contract_and_keeps_the_card(folder, faces):
    model = load_model(folder / "m.onnx")
    assert (model.row.name, model.rule, model.row.height) == ("deepid-31x31", "> 0", 31)
    assert model.trained_people is not None
    assert len(model.trained_people) == 2
    assert model.card["notice"] == "for tests"
    ours = extract_by([load_model(folder / "m.safetensors")], faces, crop="loose")
    found = extract_by([model], faces, crop="loose")
    np.testing.assert_allclose(found.values, ours.values, atol=1e-4)


def test_a_sparsified_network_is_exported_with_its_zeros(faces, tmp_path):
    model = load_model(make_model(tmp_path / "sparse.safetensors", sparse=True))
    assert model.card["sparse"]
    result = export([model], faces, tmp_path / "sparse.onnx", crop="loose")
    assert result.apart < 1e-4
    full = [onnx.numpy_helper.to_array(each) for each in onnx.load(tmp_path / "sparse.onnx").graph.initializer]
    assert max((values == 0).mean() for values in full if values.size > 1000) > 0.7


def test_the_example_of_the_page_runs(folder, faces, tmp_path, monkeypatch, capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shutil.copy(folder / "m.onnx", tmp_path / "model.onnx")
    shutil.copy(faces.paths[0], tmp_path / "face.png")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == "(1, 160)\n"


def test_the_file_says_nothing_of_the_machine_it_was_made_on(folder):
    content = (folder / "m.onnx").read_bytes()
    assert b"/src/" not in content
    assert b"site-packages" not in content


def test_networks_of_one_crop_are_one_file_and_of_two_are_refused(folder, faces, tmp_path):
    other = make_model(tmp_path / "other.safetensors", seed=1)
    models = [load_model(folder / "m.safetensors"), load_model(other)]
    result = export(models, faces, tmp_path / "two.onnx", crop="loose")
    assert result.dimension == 320
    assert result.apart < 1e-4
    nose = replace(models[1], crop=parse_crop("points@31x31/nose*1/rgb/1"))
    with pytest.raises(Usage, match="see different crops of a face, an ONNX file has one input"):
        export([models[0], nose], faces, tmp_path / "no.onnx", crop="loose")
    with pytest.raises(Usage, match="pixels has no weights to export"):
        export([load_model("pixels")], faces, tmp_path / "no.onnx", crop="loose")
    assert not (tmp_path / "no.onnx").exists()


def test_a_file_that_gives_other_features_is_not_kept(folder, faces, tmp_path, monkeypatch):
    def other(*_):
        proto = onnx.load(folder / "m.onnx")
        weight = max(proto.graph.initializer, key=lambda each: len(each.raw_data))
        weight.raw_data = bytes(len(weight.raw_data))
        return proto

    monkeypatch.setattr("facerep.extraction.export.to_onnx", other)
    with pytest.raises(BadInput, match="the ONNX file gives features that are .* away"):
        export([load_model(folder / "m.safetensors")], faces, tmp_path / "no.onnx", crop="loose")
    assert list(tmp_path.iterdir()) == []


def test_a_network_of_others_gets_its_contract_written_into_it(faces, tmp_path):
    path = tiny_onnx(tmp_path / "net.onnx", batch=1, removed=True, metadata={"author": "somebody"})
    contract = InputContract(colour="bgr", mean=(1.0, 2.0, 3.0), scale=(0.5,), rule="> 0", name="tiny")
    model = load_onnx(path, contract)
    export([model], faces, tmp_path / "stated.onnx", crop="loose")
    again = load_onnx(tmp_path / "stated.onnx")
    assert (again.card["input"], again.row.name, again.rule) == (model.card["input"], "tiny", "> 0")
    assert [given.name for given in onnx.load(tmp_path / "stated.onnx").graph.input] == ["faces"]
    assert onnxruntime.InferenceSession(tmp_path / "stated.onnx").get_modelmeta().custom_metadata_map["author"]
    with pytest.raises(Usage, match="an ONNX network is exported alone and as it is"):
        export([model, model], faces, tmp_path / "no.onnx")


@pytest.mark.parametrize("damage", ["no JSON", "[]", '{"format": "facerep/onnx", "version": 1, "input": 3}'])
def test_metadata_that_is_damaged_is_refused_in_one_line(tmp_path, damage):
    path = tiny_onnx(tmp_path / "net.onnx", metadata={"facerep": damage})
    with pytest.raises(BadInput, match="the contract in the ONNX file is damaged"):
        load_onnx(path)


def test_metadata_of_another_version_or_with_damaged_people_is_refused(tmp_path):
    said = {"format": "facerep/onnx", "version": 2, "input": {"colour": "rgb"}}
    path = tiny_onnx(tmp_path / "net.onnx", metadata={"facerep": json.dumps(said)})
    with pytest.raises(BadInput, match="is of version 2"):
        load_onnx(path)
    said = {**said, "version": 1, "trained_people": "!!"}
    path = tiny_onnx(tmp_path / "net.onnx", metadata={"facerep": json.dumps(said)})
    with pytest.raises(BadInput, match="the contract in the ONNX file is damaged"):
        load_onnx(path)


def test_every_preset_is_a_contract_of_112_pixels():
    assert {(contract.height, contract.width) for contract in PRESETS.values()} == {(112, 112)}
