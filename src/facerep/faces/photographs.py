"""Photographs: opened one at a time, whole; what cannot be read is counted, and told once."""

from __future__ import annotations

import numpy as np

from facerep.console import console, counted
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.table import Faces


class Photographs:
    """The photographs of a table, one of which is opened at a time.

    Attributes:
        faces: the table.
        failures: reasons by name, of those that could not be read.
    """

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.failures: dict[str, str] = {}

    def pixels(self, row: int) -> np.ndarray | None:
        """The upright pixels of a row, uint8 (h, w, 3), RGB; None where it cannot be read."""
        try:
            return decode(self.faces.paths[row])
        except UnreadablePicture as error:
            self.failures[str(self.faces.names[row])] = error.reason
            return None

    def warn(self) -> None:
        """Tell how many could not be read, and why one of them could not; nothing where all were."""
        if self.failures:
            name, reason = next(iter(self.failures.items()))
            console.warn(f"{counted(len(self.failures), 'photograph')} could not be read, such as {name} ({reason})")
