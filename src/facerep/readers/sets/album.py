"""An album: pictures of faces by name, out of data sets; each is cut once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from facerep.faces.crops import Crop, choose_preset
from facerep.faces.table import Faces
from facerep.readers.decode_many import pictures

HEIGHT, WIDTH = 112, 96


class Album:
    """The data sets whose pictures may be shown; `of_person` is one face of each person."""

    def __init__(self, sets: Sequence[Faces]) -> None:
        self.sets = sets
        self.of_person: dict[str, str] = {}
        self._rows: dict[str, tuple[int, int]] = {}
        self._crops: dict[str, np.ndarray] = {}
        for number, faces in enumerate(sets):
            for row, (name, person) in enumerate(zip(faces.names.tolist(), faces.people.tolist(), strict=True)):
                self._rows.setdefault(name, (number, row))
                self.of_person.setdefault(person, name)

    def crops(self, names: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Faces by name, uint8 (HEIGHT, WIDTH, channels); absent where no data set has one that can be read."""
        for number, faces in enumerate(self.sets):
            wanted = [name for name in dict.fromkeys(names) if self._rows.get(name, (-1, 0))[0] == number]
            wanted = [name for name in wanted if name not in self._crops]
            few = faces.take(np.array([self._rows[name][1] for name in wanted], dtype=int))
            crop = Crop(choose_preset(faces.kind, faces.points), HEIGHT, WIDTH)
            for place, pixels in pictures(few, crop.cut, workers=0) if wanted else ():
                if not isinstance(pixels, str):
                    self._crops[wanted[place]] = pixels
        return self._crops
