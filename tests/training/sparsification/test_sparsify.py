"""Sparsify: top layer first, masks that stay, stopped work that goes on, structures trained from scratch."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facerep.errors import BadInput, Stopped, Usage
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.sparsity.masks import sparse_layers
from facerep.networks.weights import load_model
from facerep.readers.load import load
from facerep.results.to_json import to_json
from facerep.training import each_epoch, tutor
from facerep.training.lessons.recognition import Recognition
from facerep.training.machine import Machine
from facerep.training.recipe import read_recipe
from facerep.training.sparsification import run as sparse_run
from facerep.training.sparsification import sparsify
from facerep.training.sparsification.correlation import by_unit
from facerep.training.sparsification.sparse_recipe import SparseRecipe, kept_inputs, read_schedule
from facerep.training.starting import take_signals
from facerep.training.train import train

SMALL = {
    "network.name": "deepid-31x31", "schedule.epochs": 2, "data.people_per_batch": 4, "data.validation_pairs": 10,
    "signal.margin_pairs": 50, "data.held_out": 0.34,
}  # fmt: skip
HERE = Machine(device="cpu", workers=0)
BOTH = ("conv4=1/10", "feature=1/8")


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    """A folder with `people` and a trained run `dense`."""
    root = tmp_path_factory.mktemp("dense")
    draw = np.random.default_rng(0)
    for person in range(6):
        shape = draw.integers(60, 200, (64, 64, 3))
        (root / "people" / f"person_{person}").mkdir(parents=True)
        for picture in range(4):
            noisy = np.clip(shape + draw.normal(0, 12, shape.shape), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(root / "people" / f"person_{person}" / f"{picture}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEREP_CACHE", str(root / "cache"))
        train(load(root / "people"), read_recipe("modern", SMALL), root / "dense", machine=HERE)
    return root


@pytest.fixture(autouse=True)
def place(dense, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEREP_CACHE", str(dense / "cache"))
    monkeypatch.chdir(tmp_path)


def go(dense, folder, *keep, source="dense", from_scratch=False, resume=False, changes=None, **choices):
    schedule = read_schedule(None, keep, choices)
    return sparsify.sparsify(
        dense / source, load(dense / "people"), schedule, folder, changes={"schedule.epochs": 2, **(changes or {})},
        machine=HERE, from_scratch=from_scratch, resume=resume,
    )  # fmt: skip


def tutor_of(dense, recipe):
    return tutor.Tutor(Recognition.prepare(load(dense / "people"), recipe, 0))


def network(run):
    return load_model(run).network


def masks(run):
    return {name: layer.mask.clone() for name, layer in sparse_layers(network(run)).items()}


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def kept_by_unit(run, name):
    layer = network(run).connections()[name].module
    return by_unit(layer, layer.mask).sum(dim=1)


def test_the_top_layer_comes_first_and_each_unit_keeps_its_share(dense, tmp_path):
    done = go(dense, tmp_path / "run", *BOTH)
    assert [(step.layer, step.kept, step.inputs) for step in done.steps] == [("feature", 40, 320), ("conv4", 24, 240)]
    assert set(masks(tmp_path / "run" / "steps" / "1-feature")) == {"feature.full"}
    assert (kept_by_unit(tmp_path / "run", "feature") == 40).all()
    assert (kept_by_unit(tmp_path / "run", "conv4") == 24).all()
    assert done.runs == (dense / "dense", tmp_path / "run" / "steps" / "1-feature", tmp_path / "run")


def test_each_step_goes_on_from_the_weights_of_the_last_one(dense, tmp_path):
    go(dense, tmp_path / "run", *BOTH)
    steps = tmp_path / "run" / "steps"
    for start, before in (("1-feature", dense / "dense"), ("2-conv4", steps / "1-feature")):
        begun, last = network(steps / f"{start}.safetensors").state_dict(), network(before).state_dict()
        for name, tensor in last.items():
            mask = begun.get(name.removesuffix("weight") + "mask") if name.endswith("weight") else None
            assert torch.equal(begun[name], tensor if mask is None else tensor * mask), name


def test_masks_stay_and_all_other_weights_are_trained_on(dense, tmp_path):
    go(dense, tmp_path / "run", *BOTH)
    begun = network(tmp_path / "run" / "steps" / "2-conv4.safetensors")
    model = load_model(tmp_path / "run")
    assert equal(masks(tmp_path / "run" / "steps" / "2-conv4.safetensors"), masks(tmp_path / "run"))
    for name, layer in sparse_layers(model.network).items():
        assert (layer.weight[~layer.mask] == 0).all()
        assert not torch.equal(layer.weight, sparse_layers(begun)[name].weight)
    assert not torch.equal(model.network.conv1.weight, begun.conv1.weight)
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    state = checkpoint["state_dict"]
    for name in ("conv4", "feature.full"):
        assert (state[f"network.{name}.weight"][~state[f"network.{name}.mask"]] == 0).all()
        assert (state[f"network.{name}.weight"] != 0).sum() > 0.9 * state[f"network.{name}.mask"].sum()


def test_left_out_weights_have_no_part_in_the_gradient(dense, tmp_path):
    """Momentum is a sum of gradients: what was never in one has none, in an optimizer that began with the mask."""
    go(dense, tmp_path / "run", "conv4=1/10", changes={"schedule.clip": 0.5})
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    mask = checkpoint["state_dict"]["network.conv4.mask"]
    moments = [state["momentum_buffer"] for state in checkpoint["optimizer_states"][0]["state"].values()]
    (momentum,) = [moment for moment in moments if moment.shape == mask.shape]
    assert (momentum[~mask] == 0).all()
    assert (momentum[mask] != 0).any()


def test_masks_are_put_back_after_each_step_of_the_optimizer(dense, tmp_path, monkeypatch):
    go(dense, tmp_path / "run", "conv4=1/10", changes={"schedule.epochs": 1})
    model = network(tmp_path / "run")

    def move(*_, **__):
        with torch.no_grad():
            model.conv4.weight += 1

    monkeypatch.setattr(tutor.pl.LightningModule, "optimizer_step", move)
    taught = tutor_of(dense, read_recipe("modern", SMALL))
    taught.network = model
    taught.optimizer_step()
    assert torch.equal(model.conv4.weight != 0, model.conv4.mask)


def stop_in(monkeypatch, where):
    """Let the work stop once at a place; gives a function that lets it pass again."""
    if where == "training":
        seen = []
        plain = each_epoch.EachEpoch.on_train_batch_end

        def stop(self, *arguments):
            seen.append(1)
            if len(seen) == 2:  # the second epoch of the first step
                raise Stopped(2)
            plain(self, *arguments)

        monkeypatch.setattr(each_epoch.EachEpoch, "on_train_batch_end", stop)
        return
    target, name, nth = {
        "first correlations": (sparsify, "measure", 1),
        "correlations after the first layer": (sparsify, "measure", 2),
        "correlations of the second layer": (sparsify, "measure", 3),
        "before the second training": (sparsify, "train", 2),
        "start of the second training": (each_epoch.EachEpoch, "on_train_start", 2),
        "the end": (sparsify, "finish", 1),
    }[where]
    plain, calls = getattr(target, name), []

    def stop_at(*arguments, **options):
        calls.append(1)
        if len(calls) == nth:
            raise Stopped(2)
        return plain(*arguments, **options)

    monkeypatch.setattr(target, name, stop_at)


@pytest.mark.parametrize(
    "where",
    [
        "first correlations", "training", "correlations after the first layer", "correlations of the second layer",
        "before the second training", "start of the second training", "the end",
    ],
)  # fmt: skip
def test_stopped_work_goes_on_to_exactly_the_weights_of_unbroken_work(dense, tmp_path, monkeypatch, where, unbroken):
    with monkeypatch.context() as patch:
        stop_in(patch, where)
        with pytest.raises(Stopped):
            go(dense, tmp_path / "run", *BOTH)
    assert not (tmp_path / "run" / "model.safetensors").exists()
    done = go(dense, tmp_path / "run", *BOTH, resume=True)
    assert equal(network(tmp_path / "run").state_dict(), network(unbroken / "run").state_dict())
    assert [to_json(step) for step in done.steps] == [
        json.loads((unbroken / "run" / "steps" / f"{name}.json").read_text()) for name in ("1-feature", "2-conv4")
    ]


@pytest.fixture(scope="module")
def unbroken(dense, tmp_path_factory):
    root = tmp_path_factory.mktemp("unbroken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEREP_CACHE", str(dense / "cache"))
        patch.chdir(root)
        go(dense, root / "run", *BOTH)
    return root


def test_finished_work_is_not_done_again_and_other_work_is_not_gone_on_with(dense, unbroken, tmp_path, monkeypatch):
    shutil.copytree(unbroken / "run", tmp_path / "run")
    monkeypatch.setattr(sparsify, "train", None)
    monkeypatch.setattr(sparsify, "measure", None)
    assert go(dense, tmp_path / "run", *BOTH, resume=True).steps[1].layer == "conv4"
    for keep, choices in (
        (("feature=1/8",), {}),
        (BOTH, {"rule": "random"}),
        (BOTH, {"changes": {"precision": "bf16-mixed"}}),
    ):
        with pytest.raises(BadInput, match=r"sparsify.toml differs from this work"):
            go(dense, tmp_path / "run", *keep, resume=True, **choices)
    with pytest.raises(BadInput, match="run folder exists"):
        go(dense, tmp_path / "run", *BOTH)


def test_rules_choose_differently_and_the_seed_decides_what_is_drawn(dense, tmp_path):
    found = {}
    once = {"schedule.epochs": 1}
    for name, choices in {
        "correlation": {}, "again": {}, "seed": {"seed": 1}, "random": {"rule": "random"},
        "strongest": {"rule": "strongest"}, "magnitude": {"rule": "magnitude"},
    }.items():  # fmt: skip
        done = go(dense, tmp_path / name, "feature=1/8", changes=once, **choices)
        found[name] = masks(tmp_path / name)["feature.full"], done.steps[0].before
    assert torch.equal(found["correlation"][0], found["again"][0])
    distinct = [found[name][0] for name in ("correlation", "seed", "random", "strongest", "magnitude")]
    assert all(not torch.equal(one, other) for place, one in enumerate(distinct) for other in distinct[:place])
    assert found["random"][1] < found["correlation"][1] < found["strongest"][1]
    weight = network(dense / "dense").feature.full.weight.abs()
    mask = found["magnitude"][0]
    assert all(row[keeps].min() >= row[~keeps].max() for row, keeps in zip(weight, mask, strict=True))


def test_a_sparsified_run_is_made_sparse_again(dense, unbroken, tmp_path):
    source = unbroken / "run"
    go(dense, tmp_path / "run", "feature=1/16", "conv2=1/2", source=source)
    before, after = masks(source), masks(tmp_path / "run")
    assert set(after) == {"conv2", "conv4", "feature.full"}
    assert torch.equal(before["conv4"], after["conv4"])
    assert not (after["feature.full"] & ~before["feature.full"]).any()
    assert (kept_by_unit(tmp_path / "run", "feature") == 20).all()
    with pytest.raises(BadInput, match="layer feature: 0.25 of its 320 inputs is 80, a unit has 40 already"):
        go(dense, tmp_path / "more", "feature=1/4", source=source)


def test_from_scratch_has_the_structure_other_weights_and_as_many_epochs_in_all(dense, unbroken, tmp_path):
    schedule = read_schedule(None, (), {})
    done = sparsify.sparsify(
        unbroken / "run",
        load(dense / "people"),
        schedule,
        tmp_path / "run",
        changes={},
        from_scratch=True,
        machine=HERE,
    )
    assert done.runs == (unbroken / "run", tmp_path / "run")
    assert equal(masks(tmp_path / "run"), masks(unbroken / "run"))
    recipe, first = (read_recipe(run / "recipe.toml", {}) for run in (tmp_path / "run", dense / "dense"))
    assert recipe.schedule.epochs == 2 + 2 * 2
    assert recipe.schedule.rate == first.schedule.rate
    start = network(tmp_path / "run" / "steps" / "1-scratch.safetensors")
    kept = start.feature.full.weight.detach()[start.feature.full.mask]
    assert kept.std() == pytest.approx((2 / 40) ** 0.5, rel=0.05)  # as if 40 inputs were all it ever had
    # a chain knows its length
    assert sparse_run.epochs_so_far(tmp_path / "run") == 6


def test_from_scratch_wants_a_sparse_run_and_no_layers(dense, unbroken, tmp_path):
    with pytest.raises(Usage, match="needs a sparsified run, .* has all its weights"):
        go(dense, tmp_path / "run", from_scratch=True)
    with pytest.raises(Usage, match="takes the structure of a sparsified run; leave --keep out"):
        go(dense, tmp_path / "run", "feature=1/8", source=unbroken / "run", from_scratch=True)
    assert not (tmp_path / "run").exists()


def test_training_again_has_the_recipe_of_the_run_and_brings_nothing_in_anew(dense, unbroken):
    recipe, first = (read_recipe(run / "recipe.toml", {}) for run in (unbroken / "run", dense / "dense"))
    assert recipe.schedule == first.schedule
    assert (recipe.signal.ramp, recipe.signal.head_warmup) == (0, 0)
    assert recipe.signal.loss == first.signal.loss


def test_heads_go_on_where_people_are_the_same_and_start_anew_where_not(dense, capsys):
    recipe = read_recipe("modern", SMALL)
    people = (dense / "dense" / "people.txt").read_text().splitlines()
    state = torch.load(dense / "dense" / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    taught = tutor_of(dense, recipe)
    network_before = taught.network.conv1.weight.clone()
    take_signals(taught, dense / "dense", people)
    for name, tensor in taught.state_dict().items():
        assert name.startswith("network.") or torch.equal(tensor, state[name]), name
    assert torch.equal(taught.network.conv1.weight, network_before)
    assert capsys.readouterr().err == ""
    for run, listed, said in (
        (dense / "dense", [*people[:-1], "someone"], "was trained on other people"),
        (dense / "absent", people, "last.ckpt is not there"),
    ):
        other = tutor_of(dense, recipe)
        before = other.heads[0].full.weight.clone()
        take_signals(other, run, listed)
        assert torch.equal(other.heads[0].full.weight, before)
        assert said in capsys.readouterr().err
    angular = read_recipe("modern", {**SMALL, "signal.loss": "id"})
    take_signals(tutor_of(dense, angular), dense / "dense", people)
    assert "was taught with others" in capsys.readouterr().err


def test_a_plain_run_that_starts_from_a_sparse_one_stays_sparse(dense, unbroken, tmp_path):
    recipe = read_recipe("modern", {**SMALL, "network.start": str(unbroken / "run")})
    train(load(dense / "people"), recipe, tmp_path / "run", machine=HERE)
    assert equal(masks(tmp_path / "run"), masks(unbroken / "run"))


def test_schedules_are_read_from_toml_and_options_stand_over_them(dense, tmp_path):
    (tmp_path / "s.toml").write_text(
        'rule = "random"\nstrong = 0.5\n[keep]\nfeature = "1/4"\nconv4 = 0.125\n[retrain]\nprecision = "32-true"\n'
        "[retrain.schedule]\nepochs = 3\n"
    )
    schedule = read_schedule(tmp_path / "s.toml", ["feature=1/8"], {"rule": "strongest"})
    assert (schedule.rule, schedule.strong, schedule.keep) == ("strongest", 0.5, {"feature": 0.125, "conv4": 0.125})
    assert schedule.retrain_flat() == {"precision": "32-true", "schedule.epochs": 3}
    assert list(kept_inputs(schedule, network(dense / "dense")).items()) == [("feature", 40), ("conv4", 30)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[keep]\nfeature = "1/8"\nfeature = "1/4"\n', "schedule is not TOML"),
        ('keep = "feature"\n', "recipe key `keep`: input should be a valid dictionary"),
        ('keeps = {feature = "1/8"}\n', "unknown recipe key `keeps`; did you mean `keep`?"),
        ('rule = "best"\n', "recipe key `rule`: input should be 'correlation', 'random', 'strongest' or 'magnitude'"),
        ("strong = 1.5\n", "recipe key `strong`: input should be less than or equal to 1"),
        ("[keep]\nfeature = 0\n", "recipe key `keep.feature`: a share is above 0 and below 1"),
        ("[keep]\nfeature = 1\n", "recipe key `keep.feature`: a share is above 0 and below 1"),
        ("[keep]\nfeature = nan\n", "recipe key `keep.feature`: a share is above 0 and below 1"),
        ("[keep]\nfeature = [1]\n", "recipe key `keep.feature`: a share is a number"),
        ('[keep]\nfeature = "1/0"\n', "recipe key `keep.feature`: a share is a number"),
    ],
)
def test_a_schedule_that_cannot_be_followed_is_one_line(tmp_path, text, line):
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(BadInput) as raised:
        read_schedule(tmp_path / "s.toml", (), {})
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_share_of_nothing_is_refused(dense):
    with pytest.raises(BadInput, match="layer feature: 0.001 of the 320 inputs of a unit is none; the least is 1/320"):
        kept_inputs(SparseRecipe(keep={"feature": 0.001}), network(dense / "dense"))


EXAMPLES = Path(__file__).parents[3] / "examples" / "recipes"


@pytest.mark.parametrize(
    ("keep", "share"),
    [
        (["feature=1/256"], 0.956),
        (["feature=1/256", "local5b=1/128"], 0.759),
        (["feature=1/256", "local5b=1/128", "conv4b=1/2"], 0.743),
        (["feature=1/256", "local5b=1/128", "local5a=1/2"], 0.428),
        (["feature=1/256", "local5b=1/128", "local5a=1/32"], 0.118),
    ],
)
def test_structures_of_the_paper_have_the_share_of_weights_that_it_prints(keep, share):
    with torch.device("meta"):
        layers = build(row("vgg-local")).connections()
        kept = kept_inputs(read_schedule(None, keep, {}), build(row("vgg-local")))
    weights = {name: by_unit(module, module.weight).shape for name, (module, _) in layers.items()}
    left = sum(units * kept.get(name, inputs) for name, (units, inputs) in weights.items())
    assert left / 17_828_544 == pytest.approx(share, abs=5e-4)


def test_the_example_schedules_keep_an_eighth_at_most():
    for name, network_name, inputs in (
        ("paper", "vgg-local", {"feature": 6, "local5b": 18, "local5a": 72}),
        ("eighth", "vgg-local-narrow", {"feature": 36, "local4b": 54, "local4a": 51}),
    ):
        with torch.device("meta"):
            made = build(row(network_name))
        kept = kept_inputs(read_schedule(EXAMPLES / f"sparsify-{name}.toml", (), {}), made)
        assert list(kept.items()) == list(inputs.items())
        left, whole = 0, 0
        for layer, (module, _) in made.connections().items():
            units, seen = by_unit(module, module.weight).shape
            left += units * kept.get(layer, seen)
            whole += units * seen
        assert left / whole <= 1 / 8
