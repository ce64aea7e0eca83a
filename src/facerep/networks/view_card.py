"""Which views a multi-view perceptron knows, as the card of its weights says it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput
from facerep.networks.mvp import MVP
from facerep.networks.weights import Model


@dataclass(frozen=True)
class ViewCard:
    """The views of a network.

    Attributes:
        factors: label columns that make a view.
        classes: the views, a value for each factor, in the order of the network's outputs.
        fixed: what drawn pictures show beside that, by column.
        sigma: deviation of a pixel.
    """

    factors: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    fixed: dict[str, str]
    sigma: float

    @property
    def names(self) -> tuple[str, ...]:
        """The views in words: values with commas between."""
        return tuple(",".join(view) for view in self.classes)

    @property
    def numbers(self) -> np.ndarray | None:
        """The views as numbers, such as degrees, float64 (classes,); None where they are none."""
        try:
            values = np.array([float(value) for (value,) in self.classes])
        except ValueError:
            return None
        return values if np.isfinite(values).all() else None

    def degrees(self, where: str) -> np.ndarray:
        """The same, for what reads degrees.

        Args:
            where: the weights, for the error.

        Raises:
            BadInput: views that are no numbers.
        """
        if self.numbers is None:
            hint = "a run with --set 'signal.factors=[\"view\"]' reads degrees"
            raise BadInput(f"views by {', '.join(self.factors)} are no numbers", where, hint)
        return self.numbers


def multiview_of(model: Model) -> tuple[MVP, ViewCard]:
    """The network of a multi-view run, and its views.

    Raises:
        BadInput: another network, or a card that does not fit it.
    """
    network, card = model.network, model.card.get("multiview")
    if not isinstance(network, MVP):
        hint = "train one by facerep train --loss multiview"
        raise BadInput(f"network {model.row.name} knows no views", model.path, hint)
    if card is None or len(card["classes"]) != model.row.classes:
        raise BadInput("weights do not say which views their network knows", model.path)
    views = tuple(tuple(view) for view in card["classes"])
    return network, ViewCard(tuple(card["factors"]), views, dict(card["fixed"]), float(card["sigma"]))
