"""Extraction: the same rows whatever the batch, the workers, and however often it was killed."""

import os

import numpy as np
import pytest
import torch
from extracting import CPU, run

from facerep.errors import BadInput, OutputExists, Usage
from facerep.extraction.blocks import Blocks
from facerep.extraction.extract import extract, plan
from facerep.faces.batches import normalise
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.decode import decode
from facerep.faces.moves import moves
from facerep.files.features import read_features
from facerep.networks.weights import load_model
from facerep.readers.cache import cut_all
from facerep.readers.load import load


@pytest.fixture
def three_threads():
    """More than the one that tests have, so that several batches are on their way at once."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_features_do_not_depend_on_batch_size_blocks_or_workers(people_folder, model, tmp_path):
    run(people_folder, model, tmp_path / "one.h5")
    run(people_folder, model, tmp_path / "two.h5", batch_size=5, block=7)
    faces = load(people_folder)
    doing = plan([load_model(model)], faces, crop="loose")
    extract(faces, doing, tmp_path / "three.h5", device=CPU, workers=2)
    one, two, three = (read_features(tmp_path / f"{name}.h5") for name in ("one", "two", "three"))
    assert list(one.names) == list(two.names) == list(three.names) == list(faces.names)
    np.testing.assert_array_equal(two.values, one.values)
    np.testing.assert_array_equal(three.values, one.values)


def test_a_row_is_the_network_on_that_face(people_folder, model, tmp_path):
    run(people_folder, model, tmp_path / "f.h5", mirror="none")
    faces, loaded = load(people_folder), load_model(model)
    crop = Crop(PRESETS["loose"], 31, 31).cut(decode(faces.paths[3]), faces.points[3])
    with torch.inference_mode():
        expected = loaded.network(normalise(torch.from_numpy(crop[None].copy())))[0].numpy()
    np.testing.assert_allclose(read_features(tmp_path / "f.h5").values[3], expected, atol=1e-5)


def test_mirror_mean_is_the_mean_of_what_concatenate_puts_side_by_side(people_folder, model, tmp_path):
    for mirror in ("none", "mean", "concatenate"):
        run(people_folder, model, tmp_path / f"{mirror}.h5", mirror=mirror)
    none, mean, both = (read_features(tmp_path / f"{name}.h5").values for name in ("none", "mean", "concatenate"))
    np.testing.assert_allclose(both[:, :160], none, atol=1e-6)
    np.testing.assert_allclose(mean, (both[:, :160] + both[:, 160:]) / 2, atol=1e-6)


def test_features_of_moved_crops_are_the_mean_of_those_of_each(people_folder, model, tmp_path):
    run(people_folder, model, tmp_path / "moved.h5", mirror="concatenate", moved=3)
    run(people_folder, model, tmp_path / "alone.h5", mirror="concatenate")
    moved, alone = (read_features(tmp_path / f"{name}.h5") for name in ("moved", "alone"))
    assert (moved.contract.crop, alone.contract.crop) == ("loose@31x31/moved*3/1", "loose@31x31/1")
    faces, network = load(people_folder), load_model(model)
    crop = Crop(PRESETS["loose"], 31, 31)
    picture = decode(faces.paths.item(2))
    for half, mirrored in enumerate((False, True)):
        cuts = [crop.cut(picture, faces.marks[2], mirrored=mirrored, move=move) for move in moves(3)]
        with torch.inference_mode():
            each = network.network.layers(normalise(torch.from_numpy(np.stack(cuts))), ("feature",))[0].numpy()
        columns = slice(half * each.shape[1], (half + 1) * each.shape[1])
        np.testing.assert_allclose(moved.values[2, columns], each.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(alone.values[2, columns], each[0], atol=1e-5)
        assert np.abs(each[1] - each[0]).max() > 1e-3


@pytest.mark.parametrize("mirror", ["none", "mean", "concatenate"])
def test_faces_that_training_has_cut_are_not_cut_again_and_give_the_same(
    people_folder, model, tmp_path, monkeypatch, mirror
):
    monkeypatch.setenv("FACEREP_CACHE", str(tmp_path / "cache"))
    broken = next(people_folder.rglob("*.*")).with_name("broken.png")
    broken.write_bytes(b"no picture")
    run(people_folder, model, tmp_path / "decoded.h5", mirror=mirror)
    faces, crop = load(people_folder), load_model(model).crop
    cut_all(faces, crop, workers=0, mirrored=mirror != "none")
    monkeypatch.setattr("facerep.extraction.extract.pictures", None)  # whoever opens a picture now fails
    run(people_folder, model, tmp_path / "cached.h5", mirror=mirror, block=7)
    first, second = (read_features(tmp_path / f"{name}.h5") for name in ("decoded", "cached"))
    np.testing.assert_array_equal(second.values, first.values)
    assert list(second.names) == list(first.names)
    assert second.failures == first.failures
    assert [name for name, _ in second.failures] == [str(broken.relative_to(people_folder))]
    # pictures that have changed since are opened again
    os.utime(people_folder / faces.names[0], (0, 0))
    with pytest.raises(TypeError):
        run(people_folder, model, tmp_path / "changed.h5", mirror=mirror)


def test_several_networks_stand_side_by_side_and_the_file_says_whose_columns_are_whose(people_folder, model, tmp_path):
    run(people_folder, model, tmp_path / "f.h5", models=2)
    features = read_features(tmp_path / "f.h5")
    assert features.parts == (("deepid-31x31", 160), ("deepid-31x31", 160))
    np.testing.assert_array_equal(features.values[:, :160], features.values[:, 160:])
    assert features.contract.network == "deepid-31x31+deepid-31x31"


def test_a_lower_layer_can_be_taken_and_an_unknown_one_is_refused(people_folder, model, tmp_path):
    result = run(people_folder, model, tmp_path / "f.h5", layer="pool3")
    assert result.dimension == 240
    with pytest.raises(Usage, match="has no layer 'fc9'; it has: pool1"):
        run(people_folder, model, tmp_path / "g.h5", layer="fc9")


def test_failures_are_counted_named_and_kept_beside_the_rows(people_folder, model, tmp_path):
    (people_folder / "person_0" / "0.png").write_bytes(b"")
    (people_folder / "person_1" / "1.png").write_bytes((people_folder / "person_1" / "2.png").read_bytes()[:200])
    result = run(people_folder, model, tmp_path / "f.h5")
    features = read_features(tmp_path / "f.h5")
    assert {name for name, _ in features.failures} == {"person_0/0.png", "person_1/1.png"}
    assert (result.faces, len(features), len(result.failures)) == (22, 22, 2)
    assert "person_0/0.png" not in features.names


def test_an_extraction_in_which_all_faces_fail_leaves_nothing(people_folder, model, tmp_path):
    for path in people_folder.rglob("*.png"):
        path.write_bytes(b"no")
    with pytest.raises(BadInput, match=r"no face gave features \(24 failed; first: person_0/0.png"):
        run(people_folder, model, tmp_path / "f.h5")
    assert not list(tmp_path.glob("f.h5*"))


def test_an_output_that_exists_is_refused_and_left_as_it_is(people_folder, model, tmp_path):
    (tmp_path / "f.h5").write_text("mine")
    with pytest.raises(OutputExists):
        run(people_folder, model, tmp_path / "f.h5")
    assert (tmp_path / "f.h5").read_text() == "mine"


def test_files_of_others_beside_the_output_stay(people_folder, model, tmp_path):
    others = [tmp_path / name for name in (".f.h5.local", ".f.h5.abcdefg1.txt", ".f[1].h5.x")]
    for path in others:
        path.write_text("mine")
    left_over = tmp_path / ".f.h5.abc_1234.h5"
    left_over.write_text("ours")
    run(people_folder, model, tmp_path / "f.h5")
    assert all(path.exists() for path in others)
    assert not left_over.exists()


def test_one_process_at_a_time_extracts_into_a_file(people_folder, model, tmp_path):
    faces = load(people_folder)
    doing = plan([load_model(model)], faces, crop="loose")
    first = Blocks(tmp_path / "f.h5", doing.contract(faces), {}, resume=False, overwrite=False, faces=1024)
    for resume in (False, True):
        with pytest.raises(BadInput, match=r"another process works in it: .*f.h5.part; wait for it"):
            run(people_folder, model, tmp_path / "f.h5", resume=resume)
    first.remove()
    run(people_folder, model, tmp_path / "f.h5")


def test_a_file_that_came_while_faces_were_extracted_is_not_replaced(people_folder, model, tmp_path, monkeypatch):
    plain = Blocks.gather

    def gather(self, faces):
        (tmp_path / "f.h5").write_text("another's")
        return plain(self, faces)

    monkeypatch.setattr(Blocks, "gather", gather)
    with pytest.raises(OutputExists):
        run(people_folder, model, tmp_path / "f.h5")
    assert (tmp_path / "f.h5").read_text() == "another's"
