"""Images of a view, all or a batch at a time."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.signals.views import Seen, View


@pytest.mark.parametrize(("n", "size"), [(7, 3), (6, 3), (5, 9), (1, 1)])
def test_batches_are_the_images_in_order(n, size):
    x, targets = np.arange(2 * n).reshape(n, 2), np.arange(n) * 10
    batches = list(Seen(View("test"), x, targets).batches(size))
    assert [b.size for b in batches] == [min(size, n - s) for s in range(0, n, size)]
    np.testing.assert_array_equal(np.concatenate([b.x for b in batches]), x)
    np.testing.assert_array_equal(np.concatenate([b.targets for b in batches]), targets)
    assert [b.first for b in batches] == list(range(0, n, size))
    assert {b.view for b in batches} == {View("test")}
