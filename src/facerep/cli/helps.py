"""Helps that fit 80 columns: short words for what an option takes, defaults in the sentence, options in panels.

No word of a help is broken: choices stand in the sentence, not in the narrow column beside the option's name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.core import TyperCommand

NAMES = ["-h", "--help"]
"""What asks for help, everywhere."""
_OUTPUT = ("output", "sheet", "overwrite", "resume", "strict", "json")
_MACHINE = ("device", "workers", "batch_size", "precision", "devices", "nodes", "strategy", "engine", "address")
_PANELS: dict[str, dict[str, tuple[str, ...]]] = {
    "train": {
        "Signals": ("loss", "head", "verification", "weight"),
        "Schedule": ("recipe", "epochs", "batch_size", "rate", "set_"),
    },
    "extract": {"Shards, into a folder": ("rows", "engine", "address")},
    "align": {"Shards, into shards": ("rows", "engine", "address")},
    "verify": {
        "Pairs": ("pairs", "sample", "pooled", "missing", "setting"),
        "Rates and thresholds": ("far", "threshold", "threshold_from", "at_far"),
        "Groups": ("group", "labels"),
        "A run of pairs": ("step", "crop"),
    },
    "identify": {
        "One picture": ("people", "model", "crop", "threshold_from", "at_far"),
        "Gallery and probes": (
            "lists", "gallery", "probes", "by", "only", "trial", "gallery_per_person", "unknown", "template", "missing",
        ),
    },
    "search": {
        "One picture": ("model", "crop"),
        "Faster, and again by others": ("rerank", "rerank_with", "index", "effort"),
        "Store": ("store", "collection"),
    },
    "attributes fit": {
        "Labels": ("labels", "names", "split_by", "missing"),
        "Instead of features": ("hog", "crop"),
        "Linear SVMs": ("run", "costs", "balanced"),
    },
    "attributes teach": {
        "Labels": ("labels", "names", "split_by", "missing"),
        "Teaching": ("crop", "epochs", "rate", "set_", "seed"),
        "Linear SVMs": ("run", "costs", "balanced"),
    },
    "codes-table": {
        "Pairs": ("pairs", "sample", "missing", "setting"),
        "Codes": ("bits", "threshold", "select", "chain", "gallery"),
    },
    "analyze robustness": {
        "Scorers": ("scorer", "fit_on", "fit_split", "chain"),
        "Pairs": ("pairs", "sample", "split", "missing"),
        "Covers": ("cover", "bottom", "block"),
    },
    "analyze selectiveness": {"Labels": ("labels", "attributes", "missing", "people")},
    "sparsify": {
        "Structure": ("keep", "rule", "strong", "measured", "from_scratch"),
        "Training again": ("recipe", "epochs", "rate", "set_"),
    },
}  # fmt: skip
"""Panels of long helps: which options of a command stand in which; the rest stands first."""


class Command(TyperCommand):
    """A command with such a help."""

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = list(super().get_params(ctx))
        for param in params:
            if param.param_type_name == "option":
                param.rich_help_panel = _panel(ctx.command_path.partition(" ")[2], param.name or "")
                _shorten(param)
        return params


def _panel(command: str, option: str) -> str | None:
    for panel, names in _PANELS.get(command, {}).items():
        if option in names:
            return panel
    if option in _OUTPUT:
        return "Output"
    return "Machine" if option in _MACHINE else None


def _shorten(param: Any) -> None:
    """One word for what the option takes; choices, ranges and defaults go into its sentence."""
    if getattr(param, "is_short", False):  # a command is asked for its options many times
        return
    param.is_short = True
    takes, choices = _takes(param)
    if param.metavar is None:
        param.metavar = takes
    words = [param.help or ""]
    if not all(choice in words[0] for choice in choices):
        words.append(f"One of {', '.join(choices)}.")
    default = param.default
    if param.show_default and isinstance(default, str | int | float | Path) and not isinstance(default, bool):
        words.append(f"Default: {default}." if default != "" else "")
    param.show_default = False
    param.help = " ".join(filter(None, words))


def _takes(param: Any) -> tuple[str, list[str]]:
    """What the option takes, in one word, and its choices."""
    kind = param.type_descriptor
    if param.is_flag:
        return "", []
    if kind.is_choice:
        return "NAME", [str(choice) for choice in kind.choices or ()]
    if kind.is_path:
        return "PATH", []
    bare = param.bare_type()
    if "int" in bare:
        return "N", []
    if "float" in bare:
        return "X", []
    return ("PATH" if "Path" in bare else "TEXT"), []
