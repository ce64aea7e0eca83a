"""Density peaks: the places of a response map where a face is, several where there are several.

A peak is strong, and far from anything stronger: d = sqrt(rho^2 + sigma^2), rho the response there, sigma the distance
to the nearest place with a larger one; for the strongest place of all, sigma is the largest distance there is.
Source: Rodriguez and Laio, Science 2014, as Liu, Luo, Wang, Tang, ICCV 2015, section 3.1, take it up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Peaks:
    """Peaks of one map, the largest d first.

    Attributes:
        places: row, column, int (n, 2).
        rho: the response there, as a share of the map's largest.
        sigma: distance to the nearest stronger place, as a share of the map's diagonal.
    """

    places: np.ndarray
    rho: np.ndarray
    sigma: np.ndarray

    @property
    def d(self) -> np.ndarray:
        """What they are ranked by."""
        return np.hypot(self.rho, self.sigma)


def density_peaks(response: np.ndarray, *, apart: float = 0.0, least: float = 0.0, most: int = 1 << 20) -> Peaks:
    """The peaks of a map.

    Args:
        response: float (height, width), not negative.
        apart: a peak is at least so many places from anything stronger; 0 takes every local maximum.
        least: its response is at least this.
        most: how many at most.
    """
    height, width = response.shape
    diagonal = float(np.hypot(height - 1, width - 1)) or 1.0
    rows, columns = _local_maxima(response, least)
    strength = response[rows, columns]
    order = np.argsort(-strength, kind="stable")
    rows, columns, strength = rows[order], columns[order], strength[order]
    sigma = np.array([_to_stronger(response, place) for place in zip(rows, columns, strict=True)])
    sigma[~np.isfinite(sigma)] = diagonal
    kept = sigma >= apart
    peak = float(strength[0]) if len(strength) else 1.0
    found = Peaks(np.column_stack([rows, columns])[kept], strength[kept] / (peak or 1.0), sigma[kept] / diagonal)
    best = np.argsort(-found.d, kind="stable")[:most]
    return Peaks(found.places[best], found.rho[best], found.sigma[best])


def _to_stronger(response: np.ndarray, place: tuple[int, int]) -> float:
    """Distance to the nearest place with a larger response; infinite for the largest."""
    rows, columns = np.nonzero(response > response[place])
    return float(np.hypot(rows - place[0], columns - place[1]).min(initial=np.inf))


def _local_maxima(response: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Places that no neighbour exceeds; of a plateau the first."""
    padded = np.pad(response, 1, constant_values=-np.inf)
    height, width = response.shape
    keep = (response >= least) & (response > 0)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            other = padded[1 + down : 1 + down + height, 1 + across : 1 + across + width]
            if (down, across) < (0, 0):
                keep &= response > other
            elif (down, across) > (0, 0):
                keep &= response >= other
    rows, columns = np.nonzero(keep)
    return rows, columns
