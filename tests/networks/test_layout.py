"""Where tensors lie in a member's row, and which of them are one block."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.networks.layout import ParameterLayout, ParameterTensor, blocks
from layeratlas.networks.mlp import MLP


@given(
    depth=st.integers(1, 6),
    width=st.integers(1, 40),
    n_features=st.integers(1, 40),
    batch_norm=st.booleans(),
)
def test_tensors_fill_the_buffer_without_overlap(depth, width, n_features, batch_norm):
    family = MLP(
        depth=depth, width=width, n_features=n_features, n_classes=3, batch_norm=batch_norm
    )
    for layout in (family.parameters, family.statistics):
        flat = np.zeros((2, layout.width))
        for view in layout.views(flat).values():
            assert np.shares_memory(view, flat)
            view += 1
        assert flat.max() == 1 and flat[0].sum() == layout.size
        assert layout.width % 64 == 0 and (layout.offsets % 16 == 0).all()


@given(layers=st.lists(st.integers(0, 4), min_size=1, max_size=6), data=st.data())
def test_blocks_are_layers_with_trained_tensors(layers, data):
    trained = np.array([data.draw(st.booleans()) for _ in layers])
    tensors = [ParameterTensor(f"t{i}", (2,), "weight", layer) for i, layer in enumerate(layers)]
    found = blocks(ParameterLayout(tuple(tensors)), trained)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found >= 0, trained)
    # Numbered from 0 in the order of the layers, without a gap.
    present = sorted({layer for layer, on in zip(layers, trained, strict=True) if on})
    assert [present[b] for b in found if b >= 0] == [
        layer for layer, on in zip(layers, trained, strict=True) if on
    ]
