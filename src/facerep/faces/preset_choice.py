"""Choice: the crop preset of a data set, and what is odd about the points or boxes that it goes by."""

from __future__ import annotations

from facerep.console import console, counted
from facerep.faces.crops import Preset, choose_preset, preset
from facerep.faces.point_checks import oddities
from facerep.faces.table import Faces


def chosen_preset(faces: Faces, asked: str) -> Preset:
    """The preset of that name, or for "auto" the one that fits; what a user should look at is warned of, once a set.

    Raises:
        Usage: there is none of that name.
    """
    chosen = choose_preset(faces.kind, faces.marks) if asked == "auto" else preset(asked)
    if asked == "auto" and chosen.name == "loose":
        console.warn("no five points are known: the crop preset is `loose`, one face in the middle; see --crop")
    if not chosen.typical and not chosen.boxed:
        doubt_points(faces)
    return chosen


def doubt_points(faces: Faces) -> None:
    """Warn of five points whose order or turn is not that of a face: one line, with counts and examples."""
    if odd := oddities(faces.points):
        examples = "; ".join(f"{words} in {len(rows):,}, such as {faces.names[rows[0]]}" for words, rows in odd)
        console.warn(f"the five points of {counted(sum(len(rows) for _, rows in odd), 'face')} look wrong: {examples}")
