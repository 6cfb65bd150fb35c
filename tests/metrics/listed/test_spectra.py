"""Entries of spectra stand on functions of their names."""

from __future__ import annotations

from layeratlas.metrics.listed.spectra import LISTED
from layeratlas.tables import resolve


def test_each_has_the_function_of_its_name():
    for metric in LISTED:
        assert resolve(metric.function).__name__ == metric.name
        assert metric.evaluation and metric.gives in ("network", "affine")
