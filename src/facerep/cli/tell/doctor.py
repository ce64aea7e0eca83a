"""`facerep doctor`: what this machine has, and what facerep makes of it."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from facerep.cli.options import Json


def doctor(
    clear_cache: Annotated[bool, Option("--clear-cache", help="Remove all cached crops.")] = False, json: Json = False
) -> None:
    """Show versions, devices, cores and the crop cache; nothing is changed unless --clear-cache is given.

    Example: facerep doctor
    """
    from facerep.report.files.this_machine import report_of
    from facerep.report.target import show
    from facerep.studies.files.this_machine import this_machine

    show(report_of(this_machine(clear_cache=clear_cache)), json=json)
