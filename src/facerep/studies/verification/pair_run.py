"""Verification by a run of pairs: its network sees both faces of a pair, so that there are no features.

No file is written and nothing is printed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from facerep.console import counted
from facerep.errors import Usage
from facerep.faces.table import Faces
from facerep.metrics.pair_draws import count_pairs
from facerep.networks.weights import load_pair_model
from facerep.pairs.choice import MOST_LISTED, choose
from facerep.pairs.pair_network import METRIC, PairNetwork, pair_rows, uncut
from facerep.studies.verification.result import Result
from facerep.studies.verification.verify import verify


def verify_by_pairs(
    run: Path,
    faces: Faces,
    pairs: Path | str | None = None,
    *,
    step: str = "",
    crop: str = "auto",
    sample: int | None = None,
    missing: Literal["stop", "count"] = "stop",
    seed: int = 0,
    device: str = "auto",
    workers: int = 0,
    **options: Any,
) -> Result:
    """Judge pairs of faces by a run of `train --loss pair`.

    Args:
        run: run folder or weights file.
        faces: the data set; only the faces that stand in pairs are cut.
        pairs: a list's file, the name of a list of the data set, or "all". Left out: the data set's own list.
        step: what is scored by, one of networks.hybrid.convnet_rbm.STEPS; "" is the last of the run.
        crop: a preset, or `auto`.
        sample, missing, seed: see `verify`.
        device, workers: where it is computed.
        options: further ones of `verify`.

    Raises:
        BadInput: as `verify`; no face could be cut.
        Usage: no list, or too many pairs; the run has not come to this step, or is none of pairs.
    """
    model = load_pair_model(run)
    judge = PairNetwork(model, np.empty((0, 1, 1, 1), np.uint8), step, device)  # a step that is none is reported first
    if pairs is None and sample is None and not faces.protocols:
        raise Usage(f"{faces.root} has no pair list of its own", hint="name a list with --pairs, or draw with --sample")
    if pairs == "all" and (there_are := sum(count_pairs(faces.people))) > MOST_LISTED:
        what = f"{counted(there_are, 'pair')} are too many for a network that sees each: at most {MOST_LISTED:,}"
        raise Usage(what, hint="name a list, or draw some with --sample")
    if pairs != "all":
        # which faces stand in pairs, and which are absent, is known before a picture is read
        used = choose(uncut(faces), pairs, sample, missing, seed).used(len(faces))
        faces = faces.take(used) if used.any() else faces.take(np.arange(1))
    rows = pair_rows(faces, model, crop=crop, step=judge.step, workers=workers)
    judge.pixels = rows.pixels
    return verify(rows, pairs, metric=METRIC, scorer=judge, sample=sample, missing=missing, seed=seed, **options)
