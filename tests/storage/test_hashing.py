"""The content hash: of the numbers, whatever they went through."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import HealthCheck, given, settings
from made.archives import datasets

from layeratlas.storage import (
    content_hash,
    file_digest,
    publish,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(datasets())
def test_hash_is_the_same_across_layouts_codecs_and_chunks(dataset):
    # xarray's own writer cannot know that objects are text when there are none
    objects = [n for n, v in dataset.variables.items() if v.dtype == object and v.size == 0]
    dataset = dataset.drop_vars(objects)
    expected = content_hash(dataset).root
    plain = dataset.copy(deep=True)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fixed-width text, which xarray's own writer keeps
        sizes = dict.fromkeys(dataset.dims, 1)
        options = {name: {"compressors": None} for name in dataset.variables}
        for where, chunked, encoding in [("a", plain, {}), ("b", plain.chunk(sizes), options)]:
            target = f"{folder}/{where}"
            chunked.to_zarr(target, zarr_format=3, consolidated=False, encoding=encoding)
            with xr.open_zarr(
                target, consolidated=False, decode_times=False, decode_timedelta=False
            ) as found:
                assert content_hash(found).root == expected
        assert content_hash(dataset.chunk(sizes)).root == expected
        publish(dataset.chunk(sizes), Path(folder) / "c.zarr.zip")
        publish(dataset, Path(folder) / "d.zarr.zip")
        assert file_digest(Path(folder) / "c.zarr.zip") == file_digest(Path(folder) / "d.zarr.zip")


def test_hash_tells_what_differs(tree):
    before = content_hash(tree)
    changed = tree.copy(deep=True)
    changed["layers/loss"][0, 0, 0] = 7
    after = content_hash(changed)
    assert before.root != after.root
    assert {k for k in before.leaves if before.leaves[k] != after.leaves[k]} == {"/layers/loss"}

    def root(**variables):
        return content_hash(xr.Dataset(variables)).root

    assert root(a=("x", [0.0])) != root(a=("x", [-0.0]))
    assert root(a=("x", ["ab", "c"])) != root(a=("x", ["a", "bc"]))
    assert root(a=("x", [1])) != root(a=("y", [1]))
    assert root(a=("x", np.array([1], "i4"))) != root(a=("x", np.array([1], "i8")))
    coordinate = xr.Dataset({"a": 1}).set_coords("a")
    assert root(a=((), 1)) != content_hash(coordinate).root
