"""Shapes that go with the number of samples."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.networks.module.extent import BATCHES, Extent


@given(
    others=st.lists(st.integers(1, 4), max_size=3),
    place=st.integers(0, 3),
    multiple=st.integers(1, 3),
    samples=st.integers(1, 5),
)
def test_a_shape_is_told_from_two_batches(others, place, multiple, samples):
    place = min(place, len(others))

    def shape(batch):
        return (*others[:place], batch * multiple, *others[place:])

    extent = Extent.of([shape(batch) for batch in BATCHES])
    assert extent.shape(samples) == shape(samples)
    assert extent.axis == place
    x = torch.randn(shape(samples))
    flat = extent.flat(x)
    assert flat.shape == (samples, extent.size)
    assert torch.equal(extent.back(flat), x)
    first = extent.samples_first(x)
    assert first.shape[:2] == (samples, multiple)
    assert torch.equal(first[samples - 1, 0], x.select(place, (samples - 1) * multiple))


@pytest.mark.parametrize(
    "shapes", [[(2, 3), (3, 4)], [(2, 3), (2, 3)], [(2,), (3, 1)], [(3, 1), (4, 1)], [(4,), (5,)]]
)
def test_other_shapes_are_none(shapes):
    with pytest.raises(ValueError, match="for 2 samples"):
        Extent.of(shapes)
