"""Trees to publish, and hypothesis strategies for the odd ones."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr


def cube(version: int, seeds: int = 4) -> xr.DataTree:
    """A small cube whose every value says which version it is."""
    layers = xr.Dataset(
        {
            "loss": (
                ("seed", "epoch", "layer"),
                np.full((seeds, 5, 3), version, dtype="f4"),
                {"units": "1", "long_name": "training loss"},
            ),
            "mark": ((), np.int64(version)),
        },
        coords={
            "seed": np.arange(seeds),
            "layer_name": ("layer", np.array(["first", "zwei", "Schicht α"], dtype=object)),
        },
        attrs={"version": version},
    )
    root = xr.Dataset(
        {"status": ("seed", np.zeros(seeds, "i1")), "done": ("seed", np.ones(seeds, bool))},
        coords={"seed": np.arange(seeds)},
        attrs={"title": "a cube", "numbers": [1, 2.5]},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


@pytest.fixture
def make_cube():
    return cube


@pytest.fixture
def tree() -> xr.DataTree:
    return cube(1)


@pytest.fixture
def no_leftovers(tmp_path):
    """No temporary may be left anywhere under the test's folder."""
    yield
    assert [p for p in tmp_path.rglob("*") if p.name.endswith(".tmp")] == []
