"""The same search in torch, for a GPU: Hamming distances as bit operations or as products of ±1, inner products.

Answers equal those of exact_search.py bit for bit: Hamming distances are whole and small enough for their type. torch
has no count of ones; for one or two queries adding bits in pairs moves fewer bytes than writing the bits out, for more
a matrix product does. That follows from counting the bytes, not from a timing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from facerep.codes.exact_search import Nearest, merge
from facerep.codes.hamming import same_length

FEW = 2
"""Up to so many queries by bit operations."""
AT_ONCE = 1 << 27
"""Distances, or bits of the gallery written out, that are in the device's memory at a time."""
_QUERIES = 1024
_EXACT_BITS = 2048  # whole numbers that float16 holds exactly


def nearest_codes(
    queries: np.ndarray, gallery: np.ndarray, k: int, device: torch.device | str = "cpu", few: int = FEW
) -> Nearest:
    """The codes that differ in the fewest bits, as `exact_search.nearest_codes` gives them.

    Args:
        queries, gallery: packed codes, uint8, shape (q, bytes) and (n, bytes).
        k: how many, at most n.
        device: where it is computed.
        few: up to so many queries by bit operations, more by a matrix product.
    """
    same_length(queries, gallery)
    short = ((0, 0), (0, -queries.shape[1] % 8))
    queries, gallery = np.pad(queries, short), np.pad(gallery, short) if short[1][1] else gallery
    distances = _by_bits if len(queries) <= few else _by_products

    def scan(some: torch.Tensor, part: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.arange(len(part), device=part.device)
        # a key a row: topk alone keeps any of equal ones
        keys = distances(some, part).to(torch.int64) * len(part) + rows
        least = torch.topk(keys, min(k, len(part)), largest=False).values
        return -(least // len(part)).to(torch.int32), least % len(part)

    return _in_parts(scan, queries, gallery, k, torch.device(device), bits=8 * queries.shape[1])


def nearest_products(queries: np.ndarray, gallery: np.ndarray, k: int, device: torch.device | str = "cpu") -> Nearest:
    """The vectors with the largest inner products in float32, as `exact_search.nearest_products` gives them."""

    def scan(some: torch.Tensor, part: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        products = torch.topk(some @ part.T, min(k, len(part)))
        return products.values, products.indices

    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False  # its products would be off by more than vector_search.margin
    try:
        return _in_parts(scan, queries, gallery, k, torch.device(device), bits=queries.shape[1])
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def _in_parts(
    scan: Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]],
    queries: np.ndarray,
    gallery: np.ndarray,
    k: int,
    device: torch.device,
    bits: int,
) -> Nearest:
    """The best of what `scan` finds for blocks of queries in blocks of the gallery."""
    found: list[Nearest | None] = [None] * len(range(0, len(queries), _QUERIES))
    for start, part in _blocks(gallery, max(1, AT_ONCE // max(bits, min(len(queries), _QUERIES)))):
        held = torch.from_numpy(part).to(device)
        for place, (_, some) in enumerate(_blocks(queries, _QUERIES)):
            scores, rows = (answer.cpu().numpy() for answer in scan(torch.from_numpy(some).to(device), held))
            found[place] = merge(found[place], (scores, rows + start), k)
    scores, rows = zip(*(answer for answer in found if answer is not None), strict=True)
    return np.concatenate(scores), np.concatenate(rows)


def _blocks(rows: np.ndarray, size: int) -> Iterator[tuple[int, np.ndarray]]:
    for start in range(0, len(rows), size):
        yield start, np.ascontiguousarray(rows[start : start + size])


def _by_bits(queries: torch.Tensor, gallery: torch.Tensor) -> torch.Tensor:
    """Distances by XOR and sums of neighbouring bits, pairs, nibbles and bytes; int64, shape (q, n)."""
    found = []
    for query in queries.view(torch.int64):
        x = gallery.view(torch.int64) ^ query
        x = x - ((x >> 1) & 0x5555555555555555)
        x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
        x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
        found.append(((x * 0x0101010101010101) >> 56).sum(dim=1))
    return torch.stack(found)


def _by_products(queries: torch.Tensor, gallery: torch.Tensor) -> torch.Tensor:
    """Distances from products of bits written as ±1: bits - product, halved; int32, shape (q, n)."""
    total = torch.zeros(len(queries), len(gallery), dtype=torch.int32, device=gallery.device)
    for start in range(0, gallery.shape[1], _EXACT_BITS // 8):
        columns = slice(start, start + _EXACT_BITS // 8)
        left, right = _signs(queries[:, columns]), _signs(gallery[:, columns])
        total += (left.shape[1] - (left @ right.T).to(torch.int32)) // 2
    return total


def _signs(codes: torch.Tensor) -> torch.Tensor:
    """Bits as -1 and 1: float16 on a GPU, whose matrix units take it, else float32; shape (n, 8 * bytes)."""
    shifts = torch.arange(8, dtype=torch.uint8, device=codes.device)
    bits = (codes[:, :, None] >> shifts) & 1
    kind = torch.float16 if codes.is_cuda else torch.float32
    return bits.flatten(1).to(kind).mul_(2).sub_(1)
