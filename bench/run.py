"""All ratios in one table: `python bench/run.py`, or some of them: `python bench/run.py training extraction`.

Each bench runs in a process of its own, so that its peak memory is its own. Nothing heavy is imported here: a process
begins with the peak of the one that started it, and each decoding process imports this file.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from facerep.console import console
from row import Row

BENCHES = (
    "training",
    "streamed",
    "canonical",
    "multiview",
    "pairs",
    "localization",
    "tracking",
    "extraction",
    "shards",
    "onnx_networks",
    "alignment",
    "evaluation",
    "many_scores",
    "all_pairs",
    "joint_bayesian",
    "search",
    "store",
    "sparse_product",
    "rendering",
    "memory",
    "folders",
    "busy",
)


def main(names: Sequence[str]) -> int:
    """Run the benches of these names, all where there is none, and print the table; gives the exit code."""
    if unknown := [name for name in names if name not in BENCHES]:
        console.note(f"error: no bench {unknown[0]!r}; there are: {', '.join(BENCHES)}")
        return 2
    rows = []
    for name in names or BENCHES:
        console.note(f"bench {name} ...")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            rows += apart.submit(rows_of, name).result()
    show(rows)
    return 0


def rows_of(name: str) -> list[Row]:
    """Run one bench here, at its full size."""
    return [as_row(found) for found in importlib.import_module(name).measure()]


def as_row(found: Row | tuple[str, float, float, float, str]) -> Row:
    """A row; from (name, ratio, half of the range, peak memory in MB, note) as joint_bayesian.py gives it."""
    if isinstance(found, tuple):
        name, ratio, spread, peak_mb, note = found
        return Row(name, ratio, ratio - spread, ratio + spread, None, peak_mb, note)
    return found


def show(rows: Sequence[Row]) -> None:
    """Print the table, and under it what the ratios are of."""
    cells = [
        [
            row.name, _figure(row.ratio), f"{_figure(row.low)} .. {_figure(row.high)}",
            "" if row.aim is None else f">= {row.aim:g}", f"{row.peak_mb:,.0f}",
        ]
        for row in rows
    ]  # fmt: skip
    notes = [f"{row.name}: {row.note}" for row in rows]
    console.table("", ["bench", "ratio", "quartiles", "aim", "peak MB"], cells, notes)


def _figure(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
