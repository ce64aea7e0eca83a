"""Rates for each value of a label of the faces, such as the sex or the view, at one common threshold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput, Usage
from facerep.files.rows import Rows
from facerep.metrics.group_ratios import GroupRates, Groups, ratio
from facerep.metrics.roc import Curve
from facerep.pairs.scored_pairs import ScoredPairs
from facerep.results.figures import Rate, Ratio

MOST = 50
"""Groups; a label with more values is a measurement and no group."""
PEOPLE = "people"


@dataclass(frozen=True)
class GroupLabels:
    """A label of the faces: its name, and its value for each, "" where unknown; shape (n,)."""

    name: str
    values: np.ndarray


def group_labels(features: Rows, group: str, table: Path | None) -> GroupLabels:
    """Find a label.

    Args:
        features: the faces.
        group: its column; "people" are the people themselves.
        table: where the column is, with one of names of faces or of people; None: in the features.

    Raises:
        BadInput: there is no such column, or it has one value or more than 50.
    """
    if table is not None:
        from facerep.readers.lists.label_column import read_label

        values, name = read_label(table, group, features.names, features.people), f"{group} of {table.name}"
    elif group == PEOPLE:
        values, name = features.people.astype(object), group
    elif group in features.labels:
        values, name = _words(features.labels[group]), group
    else:
        there = ", ".join([PEOPLE, *features.labels])
        raise BadInput(f"no label {group!r}", features.where, f"it has {there}; or give a table with --labels")
    there_are = len(np.unique(values[values != ""].astype(str)))
    if not 2 <= there_are <= MOST:
        raise Usage(f"label {group!r} has {counted(there_are, 'value')}, groups want 2 to {MOST}")
    return GroupLabels(name, values)


def by_group(
    features: Rows, pairs: ScoredPairs, curve: Curve, label: GroupLabels, threshold: float, judged: np.ndarray | None
) -> Groups:
    """Judge the pairs within each group by one threshold; a pair counts for a group when both its faces belong to it.

    Args:
        features: all faces of the file.
        pairs, curve: of these faces, or of those that `judged` says.
        label: of all faces.
        threshold: for all groups.
        judged: rows of the faces that were read; None: all.
    """
    if judged is None:
        judged = np.arange(len(features))
    names, counts = np.unique(label.values[label.values != ""].astype(str), return_counts=True)
    names = names[np.argsort(-counts, kind="stable")]
    masks = [label.values == name for name in names]
    people = [set(features.people[mask]) for mask in masks]
    rates = [pairs.within(mask[judged], threshold) for mask in masks]
    misses, accepts = [_miss(tar) for tar, _ in rates], [far for _, far in rates]
    each = []
    for place, name in enumerate(names):
        apart = "" not in people[place] | people[0] and not people[place] & people[0]
        ratios = [_against(kind[place], kind[0], apart) if place else None for kind in (accepts, misses)]
        faces, known = int(masks[place].sum()), len(people[place] - {""})
        each.append(GroupRates(str(name), faces, known, accepts[place], misses[place], *ratios))
    across = {
        "genuine": curve.genuine - sum(rate.of for rate in misses if rate),
        "impostor": curve.impostor - sum(rate.of for rate in accepts if rate),
    }
    return Groups(label.name, threshold, str(names[0]), tuple(each), across, int(np.sum(label.values == "")))


def _against(rate: Rate | None, first: Rate | None, apart: bool) -> Ratio | None:
    return ratio(rate, first, apart=apart) if rate and first else None


def _miss(tar: Rate | None) -> Rate | None:
    """The share of genuine pairs that are not accepted."""
    if tar is None:
        return None
    missed = tar.of - tar.count
    return Rate(missed / tar.of, 1 - tar.high, 1 - tar.low, missed, tar.of, tar.interval)


def _words(column: np.ndarray) -> np.ndarray:
    """A column as words; a number without decimals is written as one."""
    if column.dtype.kind == "f":
        return np.array(["" if np.isnan(value) else f"{value:g}" for value in column], dtype=object)
    return column.astype(str).astype(object)
