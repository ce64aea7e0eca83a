"""A run in words: what was trained on what; its losses as a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from pydantic import Field

from facerep.files.json_file import Form, of_form, read_json
from facerep.files.toml_file import read_toml
from facerep.report.drawing import COLOURS, drawing, foot, plain
from facerep.training.run_folder import read_metrics


class _Recipe(Form):
    signal: dict[str, Any] = Field(default={})
    network: dict[str, Any] = Field(default={})


FILES = ("recipe.toml", "metrics.csv", "environment.json")


def is_run(folder: Path) -> bool:
    """Whether `train` made this folder."""
    return all((folder / name).is_file() for name in FILES)


def facts_of_run(folder: Path) -> list[tuple[str, str]]:
    """Network, signals, data, epochs; then how the run was made."""
    recipe, made = _recipe(folder), _environment(folder)
    signal, network = recipe.get("signal", {}), recipe.get("network", {})
    epochs = _lines(folder)
    taught = signal.get("loss") or "attributes"
    facts = [("network", network.get("name")), ("signal", taught), ("data set", made.get("dataset"))]
    facts += [("epochs", len(epochs)), ("device", made.get("device"))]
    return [(name, str(value)) for name, value in facts if value]


def made_of_run(folder: Path) -> dict[str, Any]:
    """Command, time and versions of a run, as command.json has them of a result."""
    return _environment(folder)


def figure_of_run(folder: Path) -> Figure | None:
    """Losses above, accuracy on held-out people below, epochs from left to right; None before the first epoch."""
    lines = _lines(folder)
    epochs = [int(line["epoch"]) + 1 for line in lines]
    if not epochs:
        return None
    losses = {name: _column(lines, name) for name in ("id", "ve", "loss") if _column(lines, name)}
    judged = {part: _column(lines, f"validation_{part}") for part in ("accuracy", "low", "high")}
    with drawing(4.6, 4.4) as figure:
        above, below = figure.subplots(2, sharex=True)
        for number, (name, values) in enumerate(losses.items()):
            above.plot(epochs, values, color=COLOURS[number], linewidth=1.4, label=name)
        above.set_ylabel("loss")
        above.legend(frameon=False)
        if judged["accuracy"]:
            shares = {part: [100 * value for value in values] for part, values in judged.items()}
            below.fill_between(epochs, shares["low"], shares["high"], color=COLOURS[0], alpha=0.2, linewidth=0)
            below.plot(epochs, shares["accuracy"], color=COLOURS[0], linewidth=1.4)
        below.set_ylabel("held-out accuracy, %")
        below.set_xlabel("epoch")
        below.xaxis.get_major_locator().set_params(integer=True)
        for axes in (above, below):
            plain(axes)
        foot(figure, "band: 95 % interval; these people chose the epoch: a guide, not a result")
    return figure


def _column(lines: list[dict[str, str]], name: str) -> list[float]:
    cells = [line.get(name) or "" for line in lines]
    try:
        return [float(cell) for cell in cells] if all(cells) else []
    except ValueError:
        return []


def _lines(folder: Path) -> list[dict[str, str]]:
    return read_metrics(folder / "metrics.csv")


def _recipe(folder: Path) -> dict[str, Any]:
    return of_form(read_toml(folder / "recipe.toml", "recipe"), _Recipe, folder / "recipe.toml", "train again")


def _environment(folder: Path) -> dict[str, Any]:
    return read_json(folder / "environment.json", Form, "train again")
