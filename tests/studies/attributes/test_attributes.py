"""Attributes from features: learned on train, chosen on validation, judged on test, used on new faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from facerep.errors import BadInput, Mismatch
from facerep.files.contract import Contract
from facerep.files.rows import Features
from facerep.studies.attributes.fit import SvmChoice, fit_attributes
from facerep.studies.attributes.labelling import AttributeChoice
from facerep.studies.attributes.model_file import predict, read_model, write_model

CONTRACT = Contract(network="deepid2", weights="0" * 64, layer="feature", crop="celeba@55x47/1", mirror="mean")


def made(people: int = 120, pictures: int = 3, length: int = 10, seed: int = 0) -> Features:
    """Features whose people are labelled as CelebA's are, with two attributes that they show and one of chance."""
    draw = np.random.default_rng(seed)
    n = people * pictures
    values = draw.normal(size=(n, length)).astype(np.float32) * np.linspace(0.1, 30, length, dtype=np.float32) + 5
    values[:, 3] = 7  # a unit that never moves
    standard = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    shown = standard @ draw.normal(size=(length, 2)) + draw.normal(size=(n, 2))
    labels = {
        "Male": np.where(shown[:, 0] > 0, 1, -1), "Rare": np.where(shown[:, 1] > 3, 1, -1),
        "Chance": np.where(draw.random(n) < 0.5, 1, -1),
    }  # fmt: skip
    return Features(
        names=np.array([f"{row}.png" for row in range(n)], object),
        people=np.repeat([f"celeba:{person}" for person in range(people)], pictures).astype(object),
        labels={name: column.astype(np.int8) for name, column in labels.items()},
        values=values, contract=CONTRACT, path=Path("feats.h5"),
    )  # fmt: skip


def test_each_attribute_has_the_svm_of_the_best_c_on_validation() -> None:
    features, costs = made(), (1e-3, 1e-2, 1e-1, 1.0)
    model, result = fit_attributes(features, AttributeChoice(), svms=SvmChoice(costs))
    splits = result.labelling.splits
    standard = StandardScaler().fit(features.values[splits.train].astype(np.float64))
    train, held, test = (
        standard.transform(features.values[rows]) for rows in (splits.train, splits.validation, splits.test)
    )
    for place, name in enumerate(result.labelling.names):
        labels = features.labels[name]
        fitted = [LinearSVC(C=cost, dual=False, tol=1e-8).fit(train, labels[splits.train]) for cost in costs]
        accuracies = [one.score(held, labels[splits.validation]) for one in fitted]
        best = int(np.argmax(accuracies))
        assert model.cost[place] == costs[best]
        assert result.rows[place].accuracy.value == pytest.approx(fitted[best].score(test, labels[splits.test]))
        ours = model.scores(features.values[splits.test])[:, place]
        np.testing.assert_allclose(ours, fitted[best].decision_function(test), atol=2e-3)


def test_what_is_learned_beats_the_majority_and_chance_does_not() -> None:
    _, result = fit_attributes(made(), AttributeChoice())
    male, _, chance = result.rows
    assert male.accuracy.low > male.majority.value
    assert chance.balanced.low < 0.5 < chance.balanced.high
    assert result.labelling.splits.shared == 0


def test_balanced_weights_find_more_of_a_rare_attribute() -> None:
    choice = AttributeChoice(attributes=("Rare",))
    plain, weighted = (
        fit_attributes(made(), choice, svms=SvmChoice(balanced=flag))[1].rows[0] for flag in (False, True)
    )
    assert weighted.yes.value > plain.yes.value
    assert weighted.balanced.value > plain.balanced.value


def test_test_faces_decide_nothing_of_the_model() -> None:
    features = made()
    model, result = fit_attributes(features, AttributeChoice())
    changed = features.values.copy()
    changed[result.labelling.splits.test] = 1e3
    again, _ = fit_attributes(replace(features, values=changed), AttributeChoice())
    assert np.array_equal(model.weights, again.weights)
    assert np.array_equal(model.cost, again.cost)


def test_people_the_network_may_have_seen_are_told(tmp_path: Path) -> None:
    features = made()
    unknown = fit_attributes(features, AttributeChoice())[1]
    assert unknown.seen.people is None
    assert any("not known: name its run with --run" in warning for warning in unknown.warnings)
    (tmp_path / "people.txt").write_text("".join(f"{person}\n" for person in features.people), encoding="utf-8")
    known = fit_attributes(features, AttributeChoice(), run=tmp_path)[1]
    assert known.seen.people == known.labelling.splits.people["test"]
    assert any("were seen by the network in training" in warning for warning in known.warnings)


def test_a_model_that_was_written_answers_as_before(tmp_path: Path) -> None:
    features = made()
    model, _ = fit_attributes(features, AttributeChoice())
    write_model(model, tmp_path / "attributes.h5")
    found = predict(features, read_model(tmp_path))
    assert found.attributes == ("Male", "Rare", "Chance")
    assert np.array_equal(found.scores, model.scores(features.values))
    assert found.warnings == ()
    one = predict(features, read_model(tmp_path / "attributes.h5"), ["Rare"])
    assert np.array_equal(one.scores, found.scores[:, 1:2])


def test_other_features_are_refused_and_another_preset_is_told() -> None:
    features = made()
    model, _ = fit_attributes(features, AttributeChoice())
    for change in ({"network": "deepid"}, {"layer": "conv4"}, {"crop": "celeba@39x31/1"}, {"mirror": "none"}):
        with pytest.raises(Mismatch, match=f"{next(iter(change))} differs"):
            predict(replace(features, contract=replace(CONTRACT, **change)), model)
    with pytest.raises(Mismatch, match=r"takes 10, .* has 4"):
        predict(replace(features, values=features.values[:, :4]), model)
    with pytest.raises(BadInput, match="no attribute 'Hat'"):
        predict(features, model, ["Hat"])
    found = predict(replace(features, contract=replace(CONTRACT, crop="loose@55x47/1")), model)
    assert "came by celeba@55x47/1, these came by loose@55x47/1" in found.warnings[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scale", np.zeros(10), "scale of the attribute file is not above 0"),
        ("bias", np.zeros(2), "bias of the attribute file"),
        ("weights", np.full((3, 10), np.nan), "weights of the attribute file"),
    ],
)
def test_a_damaged_attribute_file_is_one_line(tmp_path: Path, name: str, value: np.ndarray, said: str) -> None:
    model, _ = fit_attributes(made(), AttributeChoice())
    write_model(model, tmp_path / "attributes.h5")
    with h5py.File(tmp_path / "attributes.h5", "r+") as file:
        del file[name]
        file[name] = value
    with pytest.raises(BadInput, match=said):
        read_model(tmp_path / "attributes.h5")
