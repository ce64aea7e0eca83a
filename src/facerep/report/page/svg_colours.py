"""Figures that follow light and dark: the colours of an SVG file become variables with two values each.

The picture stays a picture of its own (`<img>`), so that nothing in it can act on the page; browsers tell it whether
the page is dark.
"""

from __future__ import annotations

import re

_DARK = {
    "#000000": "#e6e7e9", "#ffffff": "#17191c", "#dddddd": "#3a3f46", "#cccccc": "#4a5058",
    "#444444": "#c6cad0", "#555555": "#a9afb7", "#888888": "#858c95", "#999999": "#858c95",
    "#0b5394": "#7cb4ee", "#c55a11": "#f2a468", "#38761d": "#8fce6f", "#741b47": "#e391b9", "#7f6000": "#dcbb4f",
    "#b3261e": "#f28b82",
}  # fmt: skip
"""Colours of our figures and what they are on dark paper; `curves.COLOURS` stand among them."""
_STYLED = re.compile(r'(?<=style=")[^"]*(?=")')
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def follow_light_and_dark(svg: str) -> str:
    """The SVG with colours that turn where the reader's screen is dark; what has a colour not ours keeps it."""
    light = ";".join(f"--{colour[1:]}:{colour}" for colour in _DARK)
    dark = ";".join(f"--{colour[1:]}:{other}" for colour, other in _DARK.items())
    rules = (
        f":root{{color-scheme:light dark;{light}}}"
        # points that were drawn as one picture are dark colours: lighter ones are seen better
        f"@media(prefers-color-scheme:dark){{:root{{{dark}}}image{{filter:brightness(1.8)}}}}"
        "text{fill:var(--000000)}"
    )
    svg = svg.replace("font-family: 'DejaVu Sans'", "font-family: 'DejaVu Sans', system-ui, sans-serif")
    svg = _STYLED.sub(lambda style: _COLOUR.sub(_variable, style[0]), svg)
    return re.sub(r"(<svg\b[^>]*>)", lambda head: f"{head[0]}<style>{rules}</style>", svg, count=1)


def _variable(colour: re.Match[str]) -> str:
    return f"var(--{colour[0][1:]})" if colour[0] in _DARK else colour[0]
