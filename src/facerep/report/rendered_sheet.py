"""The sheet of a rendered set: some people in every view, and smiling, two in a row; some in every light."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np

from facerep.faces.decode import decode
from facerep.faces.table import Faces
from facerep.report.contact_sheet import SheetTile, Strip, write

_PEOPLE, _LIT = 12, 2
_SIDE = 64


def write_sheet(path: Path, faces: Faces, *, overwrite: bool = False) -> None:
    """Write the sheet: twelve people, spread evenly, in every view under the frontal flash; two of them in every
    light from the front."""
    people = list(dict.fromkeys(faces.people))
    chosen = [people[place] for place in np.unique(np.linspace(0, len(people) - 1, _PEOPLE).round().astype(int))]
    labels = {name: faces.labels[name] for name in ("view", "light", "expression")}
    views = sorted(set(labels["view"]), key=int)
    lights = sorted(set(labels["light"]), key=int)
    by_key = {key: row for row, key in enumerate(zip(faces.people, *labels.values(), strict=True))}

    def tile(person: str, view: str, light: str, expression: str, words: str) -> SheetTile:
        picture = decode(faces.paths[by_key[person, view, light, expression]])
        times = max(1, _SIDE // picture.shape[0])
        return SheetTile(picture.repeat(times, axis=0).repeat(times, axis=1), (words,))

    turned = [
        [tile(person, view, "7", "neutral", f"{person} {view}") for view in views]
        + [tile(person, "0", "7", "smile", f"{person} smile")]
        for person in chosen
    ]
    turned = [list(chain(*turned[row : row + 2])) for row in range(0, len(turned), 2)]
    lit = [[tile(person, "0", light, "neutral", f"light {light}") for light in lights] for person in chosen[:_LIT]]
    side = max(each.picture.shape[0] for row in turned for each in row if each.picture is not None)
    strips = [
        Strip("views in degrees, light 7", f"{len(chosen)} of {len(people)} people", turned),
        Strip("lights, view 0", f"{len(lit)} people", lit),
    ]
    write(path, strips, side, side, overwrite=overwrite)
