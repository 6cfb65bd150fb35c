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


LABELS = np.array([0, 1, 0, 2, 1, 0, 2, 2, 0])
CHANGED = np.array([1, 0, 0, 1, 0, 1, 0, 0, 0], bool)


@pytest.mark.parametrize(
    ("view", "indices"),
    [
        (View(per_class=2), [0, 1, 2, 3, 4, 6]),
        (View(per_class=1, labels="kept"), [1, 2, 6]),
        (View(labels="changed"), [0, 3, 5]),
        (View(labels="changed", images=2), [0, 3]),
        (View(per_class=2, images=3), [0, 1, 2]),
    ],
)
def test_views_that_choose_among_images(view, indices):
    assert view.chooses
    assert view.chosen(LABELS, CHANGED, 3).tolist() == indices


def test_a_class_with_too_few_images_is_named():
    with pytest.raises(ValueError, match="per_class 3 is more than the 2 images that class 1 has"):
        View(per_class=3).chosen(LABELS, CHANGED, 3)
