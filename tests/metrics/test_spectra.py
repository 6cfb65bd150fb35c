"""Effective rank and trace ratios on spectra that are given."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.metrics import spectra


def test_the_effective_rank_counts_equal_eigenvalues():
    made = np.array([[2.0, 2, 2, 0, 0], [5, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
    assert spectra.network_effective_rank(made) == pytest.approx([3, 1, 5])


def test_trace_ratios_are_the_naive_ones_and_end_at_one():
    made = np.array([[4.0, 3, 2, 1]])
    assert spectra.network_trace_ratio(made)[0] == pytest.approx([0.4, 0.7, 0.9, 1.0])


def test_a_kernel_of_nothing_has_no_rank():
    assert np.isnan(spectra.network_effective_rank(np.zeros((1, 3)))).all()
    assert np.isnan(spectra.network_trace_ratio(np.zeros((1, 3)))).all()


def test_eigenvalues_functions_and_norms_are_handed_on():
    made = np.arange(6.0).reshape(2, 3)
    for name in ("network_kernel_spectrum", "kernel_eigenfunctions", "jacobian_norm"):
        assert getattr(spectra, name)(made) is made
