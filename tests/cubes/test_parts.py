"""Parts of one grid are put together lazily, reduced with dask, and are what numpy says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas import open_parts
from layeratlas.errors import StoreError
from layeratlas.storage import publish


def cube(rates, slopes=(0.0, 1.0), seeds=50, fill=None, name="D", seed=0) -> xr.DataTree:
    rng = np.random.default_rng([seed, *(int(rate * 8) for rate in rates)])
    shape = (len(rates), len(slopes), seeds)
    values = rng.normal(size=(*shape, 3, 4)).astype("f4")
    root = xr.Dataset(
        {"status": (("rate", "slope", "seed"), np.zeros(shape, "i1"))},
        coords={"rate": list(rates), "slope": list(slopes), "seed": np.arange(seeds)},
        attrs={"title": "a grid", "part": int(rates[0] * 8)},
    )
    layers = xr.Dataset(
        {name: (("rate", "slope", "seed", "epoch", "layer"), values, {"units": "1"})},
        coords={"epoch": [0, 1, 2], "layer": range(4)},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


@pytest.fixture
def parts(tmp_path):
    """Two thousand runs in ten files, named in another order than they follow each other."""
    paths = []
    for k in range(10):
        paths.append(tmp_path / f"part-{(k * 7) % 10}.zarr.zip")
        publish(cube([k / 4, k / 4 + 0.125], seeds=50), paths[-1])
    return paths


def test_parts_are_one_grid(parts):
    with open_parts(parts[::-1], "layers") as layers:
        assert dict(layers.sizes) == {"rate": 20, "slope": 2, "seed": 50, "epoch": 3, "layer": 4}
        assert layers["rate"].to_index().is_monotonic_increasing
        assert layers["D"].chunks is not None and layers["D"].attrs == {"units": "1"}
        mean = layers["D"].mean("seed").compute()
        upper = layers["D"].sel(epoch=2, layer=3).quantile(0.9, "seed").compute()
        rng = np.random.default_rng(3)
        for k in rng.choice(10, 4, replace=False):
            own = cube([k / 4, k / 4 + 0.125], seeds=50)["layers"]["D"].values
            there = mean.sel(rate=[k / 4, k / 4 + 0.125]).values
            np.testing.assert_allclose(there, own.mean(axis=2), rtol=1e-5, atol=1e-7)
            found = upper.sel(rate=k / 4).values
            expected = np.quantile(own[0, :, :, 2, 3].astype("f8"), 0.9, axis=1)
            np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_top_has_what_all_agree_in(parts):
    with open_parts(parts) as top:
        assert top.attrs == {"title": "a grid"}
        assert top["status"].dtype == np.int8 and int(top["status"].sum()) == 0


def test_nothing_is_read_before_it_is_asked_for(parts):
    whole = open_parts(parts, "layers")
    # One part is gone; all but it can be read.
    content = parts[3].read_bytes()
    parts[3].write_bytes(content[:100] + bytes(200) + content[300:])
    assert whole["D"].isel(rate=0).mean().compute() == pytest.approx(0, abs=1)
    whole.close()


def test_cells_that_no_part_has_are_nan(tmp_path):
    a, b = tmp_path / "a.zarr.zip", tmp_path / "b.zarr.zip"
    publish(cube([0.0], seeds=4), a)
    publish(cube([1.0], seeds=6), b)
    with open_parts([a, b], "layers") as layers:
        missing = np.isnan(layers["D"]).any(["epoch", "layer", "slope"])
        assert missing.sum("seed").values.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("others", "group", "told"),
    [
        ([], "/", "no parts to put together"),
        ([cube([0.0])], "nowhere", "has no group 'nowhere'; it has /, /layers"),
        ([cube([0.0]), cube([0.0], seed=1)], "layers", "hold the same cells"),
        ([cube([0.0, 1.0]), cube([0.5])], "layers", "overlap or leave gaps"),
        ([cube([0.0]), cube([1.0], name="E")], "layers", "they differ in D, E"),
    ],
)
def test_what_are_no_parts_is_refused(tmp_path, others, group, told):
    paths = [tmp_path / f"{i}.zarr.zip" for i in range(len(others))]
    for tree, path in zip(others, paths, strict=True):
        publish(tree, path)
    with pytest.raises(StoreError) as refused:
        open_parts(paths, group)
    assert told in str(refused.value)
