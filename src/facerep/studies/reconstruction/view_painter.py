"""The painter of a multi-view perceptron: a person in the views that are asked for, from one picture."""

from __future__ import annotations

import numpy as np
import torch

from facerep.errors import Usage
from facerep.faces.batches import normalise
from facerep.faces.crops import Crop
from facerep.networks.mvp import MVP, SAMPLES, spread_samples
from facerep.networks.view_card import multiview_of
from facerep.networks.weights import Model
from facerep.studies.reconstruction.asked_views import FRONTAL, AskedViews, mixtures
from facerep.studies.reconstruction.painter import Painter, painter_of
from facerep.training.lessons.canonical_targets import OPEN

_SAMPLES_A_VIEW = 8


def any_painter(model: Model, crop: Crop, device: torch.device, asked: AskedViews = FRONTAL) -> Painter:
    """The painter of a run that was taught to draw, the canonical view or every view.

    Raises:
        BadInput: see painter_of and view_painter.
        Usage: views are asked of a network that draws what it was taught.
    """
    if isinstance(model.network, MVP):
        return view_painter(model, crop, device, asked)
    painter = painter_of(model, crop, device)
    if asked != FRONTAL:
        option = "--all-views" if asked.every else "--view"
        raise Usage(f"{option} means nothing for network {model.row.name}: it always draws what it was taught")
    return painter


def view_painter(model: Model, crop: Crop, device: torch.device, asked: AskedViews) -> Painter:
    """The painter of a run that was taught views.

    The view units of a view are the mean of fixed samples, each weighted by how probably the person that it draws is
    seen in that view; between two views lie the units between theirs.

    Raises:
        BadInput: see multiview_of and mixtures.
    """
    network, card = multiview_of(model)
    wanted = mixtures(card, asked, model.path)
    count = max(SAMPLES, _SAMPLES_A_VIEW * model.row.classes)
    samples = spread_samples(count, model.row.random_units)[None].to(device)
    weights = torch.from_numpy(wanted.weights).float().to(device)
    network = network.to(device)

    @torch.inference_mode()
    def draw(faces: np.ndarray) -> np.ndarray:
        identity = network(normalise(torch.from_numpy(faces).to(device)))
        units = weights @ network.view_units(identity, samples)
        drawn = network.draw(identity, units)[2]
        return drawn.reshape(len(faces), -1, crop.height, crop.width).cpu().numpy()

    # two factors have no rule of one open column
    rule = ",".join([f"{card.factors[0]}={OPEN}", *(f"{name}={value}" for name, value in card.fixed.items())])
    return Painter(wanted.names, rule if len(card.factors) == 1 else "", draw, wanted.between)
