"""Sparse layers: the whole forward pass with dense products, against compressed ones where `extract` takes them.

Both sides have the same weights, an eighth of those of the row, and one thread; what is taken is processor time.
"""

from __future__ import annotations

import copy
import time

import numpy as np
import torch

from facerep.networks.build import build
from facerep.networks.catalog import row as catalog_row
from facerep.networks.sparsity.masks import keep_only
from facerep.networks.sparsity.product import quicken
from row import Row, peak, row

ROUNDS = 15
CASES = (
    ("vgg-local", {"feature": 1 / 256, "local5b": 1 / 128, "local5a": 1 / 32}),
    ("vgg-local-narrow", {"feature": 1 / 16, "local4b": 1 / 16, "local4a": 1 / 17}),
)


def measure(batches: tuple[int, ...] = (1, 64), rounds: int = ROUNDS) -> list[Row]:
    """Processor time of dense products over that of compressed ones.

    Args:
        batches: faces that go through together.
        rounds: how often both run, one after the other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [_case(name, shares, batch, rounds) for name, shares in CASES for batch in batches]
    finally:
        torch.set_num_threads(threads)


@torch.inference_mode()
def _case(name: str, shares: dict[str, float], batch: int, rounds: int) -> Row:
    torch.manual_seed(0)
    shape = catalog_row(name)
    dense = build(shape, normalise=True).eval().to(memory_format=torch.channels_last)  # pyright: ignore
    for layer, share in shares.items():
        module = dense.connections()[layer].module
        keep_only(module, torch.rand(module.weight.shape) < share)
    quick = copy.deepcopy(dense)
    quicken(quick)
    most = peak()
    faces = torch.randn(batch, shape.channels, shape.height, shape.width).to(memory_format=torch.channels_last)
    torch.testing.assert_close(quick(faces), dense(faces), rtol=1e-5, atol=1e-5)
    times = np.array([[_time(dense, faces), _time(quick, faces)] for _ in range(rounds)])
    each = "ms: dense {:.3g}, compressed {:.3g}".format(*1e3 * np.median(times, axis=0))
    count = "1 face" if batch == 1 else f"{batch} faces"
    return row(f"{name}, {count}: dense / compressed", times[:, 0] / times[:, 1], None, most, each)


def _time(network: torch.nn.Module, faces: torch.Tensor) -> float:
    started = time.thread_time()
    network(faces)
    return time.thread_time() - started
