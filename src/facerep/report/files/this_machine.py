"""This machine as a report."""

from __future__ import annotations

from collections.abc import Mapping

from facerep.report.report import Facts, Report


def report_of(facts: Mapping[str, str]) -> Report:
    """The facts one a line."""
    return Report(result=facts, shown=[Facts(list(facts.items()))])
