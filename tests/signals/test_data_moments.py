"""Traces of data moments against the matrices written out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from layeratlas.errors import LayerAtlasError
from layeratlas.signals.data_moments import MOMENTS, data_sums, data_traces
from layeratlas.signals.views import Seen, View


def seen(n=30, d=6):
    rng = np.random.default_rng(0)
    return Seen(View(), rng.normal(size=(n, d)), rng.normal(size=n))


def test_traces_are_of_products_over_the_dimension():
    data = seen()
    found = data_traces(data_sums(data), data, SimpleNamespace(size=2))
    a = data.x.T @ np.diag(data.targets) @ data.x / 30
    b = data.x.T @ data.x / 30
    phi = lambda *factors: np.trace(np.linalg.multi_dot([*factors, np.eye(6)])) / 6  # noqa: E731
    expected = {
        "a2": phi(a, a), "a4": phi(a, a, a, a), "b": phi(b), "b2": phi(b, b), "ba2": phi(b, a, a),
        "b2a2": phi(b, b, a, a), "ba4": phi(b, a, a, a, a), "ba2ba2": phi(b, a, a, b, a, a),
    }  # fmt: skip
    np.testing.assert_allclose(found, [[expected[name] for name in MOMENTS]] * 2, rtol=1e-12)


def test_sums_add_up_over_batches():
    data = seen()
    parts = [data_sums(batch) for batch in data.batches(7)]
    for whole, pieces in zip(data_sums(data), zip(*parts, strict=True), strict=True):
        np.testing.assert_allclose(sum(pieces), whole, rtol=1e-12)


def test_targets_of_several_numbers_are_refused():
    data = Seen(View(), np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(LayerAtlasError, match="single number, and these have 2"):
        data_sums(data)
