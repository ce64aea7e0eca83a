"""The commands of `facerep analyze`, in the order of the help."""

from __future__ import annotations

import typer

from facerep.cli.groups import Group
from facerep.cli.helps import Command
from facerep.cli.judge.analyze.claims import claims
from facerep.cli.judge.analyze.ensemble import ensemble
from facerep.cli.judge.analyze.localization import localization
from facerep.cli.judge.analyze.points import points
from facerep.cli.judge.analyze.robustness import robustness
from facerep.cli.judge.analyze.selectiveness import selectiveness
from facerep.cli.judge.analyze.sparseness import sparseness
from facerep.cli.judge.analyze.tracking import tracking
from facerep.cli.judge.analyze.units import units
from facerep.cli.judge.analyze.views import views

analyze_app = typer.Typer(
    name="analyze",
    cls=Group,
    help="Look closer: single units, views, networks together, faces found.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


for command in (
    sparseness, selectiveness, units, views, robustness, claims, ensemble, localization, points, tracking,
):  # fmt: skip
    analyze_app.command(cls=Command)(command)
