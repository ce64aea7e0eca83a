"""Density peaks: strong, and far from anything stronger."""

from __future__ import annotations

import numpy as np

from facerep.localization.peaks import density_peaks


def test_two_faces_in_one_map_are_two_peaks_and_a_shoulder_is_none():
    response = np.zeros((30, 30))
    response[5, 5], response[5, 6], response[20, 20], response[20, 22] = 3, 2, 2.5, 1
    peaks = density_peaks(response, apart=3)
    assert peaks.places.tolist() == [[5, 5], [20, 20]]
    np.testing.assert_allclose(peaks.rho, [1, 2.5 / 3])
    diagonal = np.hypot(29, 29)
    np.testing.assert_allclose(peaks.sigma, [1, np.hypot(14, 15) / diagonal], atol=0.02)
    np.testing.assert_allclose(peaks.d, np.hypot(peaks.rho, peaks.sigma))


def test_sigma_is_the_distance_to_the_nearest_stronger_place():
    response = np.random.default_rng(0).random((12, 9))
    peaks = density_peaks(response)
    assert len(peaks.places) > 3
    for place, sigma in zip(peaks.places, peaks.sigma, strict=True):
        stronger = np.argwhere(response > response[tuple(place)])
        away = np.hypot(*(stronger - place).T)
        expected = away.min() / np.hypot(11, 8) if len(away) else 1
        np.testing.assert_allclose(sigma, expected)


def test_of_a_plateau_the_first_place_is_the_peak_and_an_empty_map_has_none():
    plateau = np.zeros((6, 6))
    plateau[2:4, 2:4] = 1
    assert density_peaks(plateau).places.tolist() == [[2, 2]]
    assert len(density_peaks(np.zeros((6, 6))).places) == 0


def test_weak_peaks_and_more_than_asked_for_are_left_out():
    response = np.zeros((20, 20))
    response[2, 2], response[10, 10], response[17, 3] = 3, 2, 0.1
    assert len(density_peaks(response, least=0.5).places) == 2
    assert density_peaks(response, most=1).places.tolist() == [[2, 2]]
