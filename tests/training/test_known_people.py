"""Weights know whom they were trained on: the run's people, and those of the weights that it started from."""

import numpy as np
import torch

from facerep.faces.crops import parse_crop
from facerep.files.people import from_text, hashes
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.weights import load_model, save_model
from facerep.training.starting import trained_people


def test_weights_that_were_started_from_others_know_the_people_of_both(tmp_path):
    network, crop = build(row("deepid-31x31")).eval(), parse_crop("loose@31x31/1")
    for name, card in (("first", {"trained_people": trained_people(["ana", "bo"], None)}), ("unknown", {})):
        torch.manual_seed(0)
        save_model(tmp_path / name, network, crop=crop, normalise=False, dropout=0.0, card=card)
    first, unknown = load_model(tmp_path / "first"), load_model(tmp_path / "unknown")
    np.testing.assert_array_equal(first.trained_people, hashes(["ana", "bo"]))
    assert unknown.trained_people is None
    both = from_text(trained_people(["cy", "bo"], first))
    np.testing.assert_array_equal(both, hashes(["ana", "bo", "cy"]))
    np.testing.assert_array_equal(from_text(trained_people(["cy"], unknown)), hashes(["cy"]))


def test_a_network_without_weights_was_trained_on_nobody():
    known = load_model("pixels").trained_people
    assert known is not None
    assert len(known) == 0
