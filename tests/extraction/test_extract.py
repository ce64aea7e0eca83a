"""Extraction: the same rows whatever the batch, the workers, and however often it was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from facerep.errors import BadInput, OutputExists, Usage
from facerep.extraction.blocks import Blocks
from facerep.extraction.extract import extract, plan
from facerep.faces.crops import parse_crop
from facerep.files.features import read_features
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.weights import load_model, save_model
from facerep.readers.load import load

CPU = torch.device("cpu")


@pytest.fixture
def model(tmp_path) -> Path:
    torch.manual_seed(0)
    network = DeepID(row("deepid-31x31"), normalise=True).eval()
    save_model(
        tmp_path / "m.safetensors", network, crop=parse_crop("loose@31x31/1"), normalise=True, dropout=0.0, card={}
    )
    return tmp_path / "m.safetensors"


def run(folder, model, output, *, mirror="mean", models=1, layer="feature", **options):
    faces = load(folder)
    doing = plan([load_model(model)] * models, faces, crop="loose", mirror=mirror, layer=layer)
    return extract(faces, doing, output, device=CPU, workers=0, **options)


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
    from facerep.faces.batches import normalise
    from facerep.faces.crops import PRESETS, Crop
    from facerep.faces.decode import decode

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


KILLED = """
import os, signal, sys
import torch
from facerep.extraction import blocks, extract as whole
from facerep.networks.weights import load_model
from facerep.readers.load import load
from pathlib import Path
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
plain = blocks.Blocks.write
def extract(folder, model, output, when, point):
    written = 0
    def write(self, *arguments):
        nonlocal written
        written += 1
        if written == int(when) and point == "before":
            die()
        plain(self, *arguments)
        if written == int(when) and point == "after":
            die()
    blocks.Blocks.write = write
    if point == "joining":
        whole.write_features = lambda *a, **k: die()
    faces = load(folder)
    doing = whole.plan([load_model(model)], faces, crop="loose")
    whole.extract(faces, doing, Path(output), device=torch.device("cpu"), workers=0, batch_size=5, block=5)
for line in sys.stdin:
    child = os.fork()
    if not child:
        extract(*line.rstrip("\\n").split("\\t"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def killed() -> Iterator[Callable[..., int]]:
    """Begin extractions that kill themselves, each in a process of its own; gives their exit codes.

    They are forked off one process that has imported torch, which takes far longer than they do.
    """
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None

        def begin(*arguments: object) -> int:
            parent.stdin.write("\t".join(map(str, arguments)) + "\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield begin
        parent.stdin.close()
    assert parent.returncode == 0


@pytest.mark.parametrize(("when", "point"), [(1, "before"), (2, "after"), (5, "before"), (99, "joining")])
def test_after_kill_9_a_resumed_extraction_has_every_row_once(killed, people_folder, model, tmp_path, when, point):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, when, point) == -signal.SIGKILL
    assert not output.exists()
    run(people_folder, model, output, batch_size=5, block=5, resume=True)
    run(people_folder, model, tmp_path / "whole.h5", batch_size=5, block=5)
    resumed, whole = read_features(output), read_features(tmp_path / "whole.h5")
    assert list(resumed.names) == list(whole.names)
    np.testing.assert_array_equal(resumed.values, whole.values)
    assert sorted(path.name for path in tmp_path.glob("*f.h5*")) == ["f.h5"]


def test_an_unfinished_extraction_is_gone_on_from_only_when_asked_and_only_with_the_same_contract(
    killed, people_folder, model, tmp_path
):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, 3, "before") == -signal.SIGKILL
    with pytest.raises(BadInput, match="unfinished extraction.*--resume"):
        run(people_folder, model, output, batch_size=5, block=5)
    with pytest.raises(BadInput, match="made otherwise.*mirror was 'mean', now 'none'"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True, mirror="none")
    run(people_folder, model, output, batch_size=5, block=5, overwrite=True)
    assert len(read_features(output)) == 24


def test_files_of_others_beside_the_output_stay(people_folder, model, tmp_path):
    others = [tmp_path / name for name in (".f.h5.local", ".f.h5.abcdefg1.txt", ".f[1].h5.x")]
    for path in others:
        path.write_text("mine")
    left_over = tmp_path / ".f.h5.abc_1234.h5"
    left_over.write_text("ours")
    run(people_folder, model, tmp_path / "f.h5")
    assert all(path.exists() for path in others)
    assert not left_over.exists()


def test_blocks_of_pictures_that_changed_since_are_not_joined(killed, people_folder, model, tmp_path):
    output = tmp_path / "f.h5"
    assert killed(people_folder, model, output, 3, "before") == -signal.SIGKILL
    picture = people_folder / "person_0" / "0.png"
    os.utime(picture, (1, 1))
    with pytest.raises(BadInput, match="made otherwise.*pictures was"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True)
    (tmp_path / "f.h5.part" / "contract.json").unlink()
    with pytest.raises(BadInput, match="does not say how it was made"):
        run(people_folder, model, output, batch_size=5, block=5, resume=True)


def test_one_process_at_a_time_extracts_into_a_file(people_folder, model, tmp_path):
    faces = load(people_folder)
    doing = plan([load_model(model)], faces, crop="loose")
    first = Blocks(tmp_path / "f.h5", doing.contract(faces), {}, resume=False, overwrite=False)
    for resume in (False, True):
        with pytest.raises(BadInput, match=r"another process extracts into it: .*f.h5.part; wait for it"):
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
