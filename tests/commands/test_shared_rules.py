"""What a command refuses Python refuses too, in the same words: rules are the studies', not the command line's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

import facerep
from facerep.codes.binarize import binarize
from facerep.errors import Usage
from facerep.extraction.extract import Runner, plan
from facerep.extraction.in_memory import extract
from facerep.files.rows import Features
from facerep.networks.weights import load_model
from facerep.pairs.decision_rule import DecisionRule
from facerep.readers.load import load
from facerep.scorers.fit_chain import fit_chain
from facerep.studies.codes.codes_table import codes_table
from facerep.studies.identification.identify import identify
from facerep.studies.neurons.selectiveness import selectiveness
from facerep.studies.robustness.robustness import robustness
from facerep.studies.search.search import search
from facerep.studies.verification.blufr import verify_trials
from facerep.training.sparsification.sparse_recipe import read_schedule

ABSENT = Path("absent")
"""A file that no rule needs: what is refused is refused before it is read."""


def features() -> Features:
    random = np.random.default_rng(0)
    people = np.repeat([f"p{k}" for k in range(4)], 3).astype(object)
    names = np.array([f"{person}/{k}.png" for k, person in enumerate(people)], dtype=object)
    return Features(names=names, people=people, values=random.normal(size=(12, 6)).astype(np.float32))


def orl() -> facerep.Faces:
    return load("orl").take(np.arange(4))


RULES = {
    "verify --far 2": (
        lambda: facerep.verify(features(), far=[0.1, 2]),
        "--far wants fractions above 0 and at most 1 with commas between, got '0.1,2'",
    ),
    "verify --far 0": (
        lambda: facerep.verify(features(), far=[0.0]),
        "--far wants fractions above 0 and at most 1 with commas between, got '0'",
    ),
    "verify --far nan": (
        lambda: facerep.verify(features(), far=[math.nan]),
        "--far wants fractions above 0 and at most 1 with commas between, got 'nan'",
    ),
    "verify --at-far": (
        lambda: facerep.verify(features(), at_far=2),
        "--at-far wants a fraction above 0 and at most 1, got 2",
    ),
    "verify --threshold": (lambda: facerep.verify(features(), threshold=math.nan), "--threshold is not a number: nan"),
    "trials --far": (
        lambda: verify_trials(ABSENT, ABSENT, far=[2]),
        "--far wants fractions above 0 and at most 1 with commas between, got '2'",
    ),
    "identify --far": (
        lambda: identify(ABSENT, far=[2]),
        "--far wants fractions above 0 and at most 1 with commas between, got '2'",
    ),
    "identify --unknown": (
        lambda: identify(ABSENT, unknown=1.0),
        "--unknown is a share of the people, at least 0 and below 1, got 1",
    ),
    "identify --lists": (
        lambda: identify(ABSENT, [ABSENT], unknown=0.1),
        "--gallery-per-person and --unknown make a split, --lists names one: give the one or the other",
    ),
    "compare --at-far": (lambda: DecisionRule(at_far=2), "--at-far wants a fraction above 0 and at most 1, got 2"),
    "search --collection": (
        lambda: search(ABSENT, ABSENT, collection="mine"),
        "--collection means nothing without --store",
    ),
    "selectiveness --missing": (
        lambda: selectiveness(ABSENT, missing="count"),
        "--missing means nothing without --labels",
    ),
    "robustness --bottom": (
        lambda: robustness(orl(), ["pixels"], bottom=[1.5]),
        "--bottom wants numbers above 0 and at most 1 with commas between, got '1.5'",
    ),
    "robustness --block": (
        lambda: robustness(orl(), ["pixels"], block=[97]),
        "--block wants numbers above 0 and at most 96 with commas between, got '97'",
    ),
    "robustness of nothing": (
        lambda: robustness(orl(), ["pixels"], bottom=(), block=()),
        "nothing is covered: --bottom and --block are both empty",
    ),
    "robustness --chain": (
        lambda: robustness(orl(), ["pixels"], chain="pca"),
        "--chain means nothing without --fit-on",
    ),
    "extract --mirror": (
        lambda: extract(orl(), "pixels", mirror="both"),
        "no mirror rule 'both'; give none, mean or concatenate",
    ),
    "extract --precision": (
        lambda: Runner(plan([load_model("pixels")], orl()), torch.device("cpu"), "16"),
        "no precision '16' for extraction; give 32-true or bf16-mixed",
    ),
    "binarize --threshold": (
        lambda: binarize(features(), "middle"),
        "no threshold 'middle'; give zero, median or a number",
    ),
    "binarize --threshold inf": (
        lambda: binarize(features(), 1e39),
        "no threshold 1e+39; give zero, median or a number",
    ),
    "codes-table --threshold": (
        lambda: codes_table(features(), features(), threshold="middle"),
        "no threshold 'middle'; give zero, median or a number",
    ),
    "fit --rounds": (
        lambda: fit_chain([features()], "pca", rounds=9),
        "--rounds means nothing for the chain pca, which has no joint-bayesian",
    ),
    "fit --m-step": (
        lambda: fit_chain([features()], "pca", m_step="exact"),
        "--m-step means nothing for the chain pca, which has no joint-bayesian",
    ),
    "sparsify --strong": (
        lambda: read_schedule(None, ["feature=1/8"], {"rule": "random", "strong": 0.5}),
        "--strong means nothing beside the rule random",
    ),
}
"""By name: what Python is asked for, and the line of the command."""


@pytest.mark.parametrize("rule", RULES)
def test_python_refuses_as_the_command_does(rule: str) -> None:
    ask, line = RULES[rule]
    with pytest.raises(Usage) as refused:
        ask()
    assert str(refused.value) == line
