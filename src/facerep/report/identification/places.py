"""Where the values of a label stand on an axis: numbers at their place, words side by side."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from facerep.report.drawing import at_ticks


class Places:
    """Places of the values of a label, by their text.

    Args:
        values: in their order.
    """

    def __init__(self, values: Sequence[str]) -> None:
        self.values = values
        try:
            self.places = {value: float(value) for value in values}
        except ValueError:
            self.places = {value: float(place) for place, value in enumerate(values)}

    def x(self, value: str) -> float:
        """The place of a value."""
        return self.places[value]

    def name(self, axes: Axes) -> None:
        """Write the values at their ticks."""
        names = at_ticks(value or "none" for value in self.values)
        axes.set_xticks([self.places[value] for value in self.values], names, parse_math=False)
