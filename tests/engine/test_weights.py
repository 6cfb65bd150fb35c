"""Weights by name: flat buffers to labelled data, and back."""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.engine.weights import named, weights_at
from layeratlas.networks.stack import layouts


@given(
    runs=st.integers(1, 3),
    epochs=st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True).map(sorted),
    image=st.booleans(),
    seed=st.integers(0, 99),
)
def test_weights_of_a_checkpoint_come_back(runs, epochs, image, seed):
    first = (4, 3, 3, 3) if image else (4, 3)
    layout, _ = layouts([first, (2, 4)], (3, 4))
    flat = np.zeros((runs, len(epochs), layout.width), "f4")
    rng = np.random.default_rng(seed)
    for i in range(len(epochs)):
        for view in layout.views(flat[:, i]).values():
            view[...] = rng.normal(size=view.shape)
    dataset = xr.Dataset(named(layout, flat), coords={"epoch": epochs})
    assert dataset["weight_1"].dims[:4] == ("run", "epoch", "weight_1_out", "weight_1_in")
    assert dataset["weight_1"].attrs["long_name"] == "weight of layer 1"
    tree = xr.DataTree.from_dict(
        {"/": xr.Dataset({"run_id": ("run", np.arange(runs))}), "/weights": dataset}
    )
    for i, epoch in enumerate(epochs):
        found = weights_at(tree, layout, epoch)
        assert found.dtype == flat.dtype
        np.testing.assert_array_equal(found, flat[:, i])
