"""Metrics through the measuring job: views, affine maps, arrays, the start, labels in a cube."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.backends import get_backend
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.errors import LayerAtlasError
from layeratlas.measure import measure_shard
from layeratlas.metrics import METRICS, Metric
from layeratlas.networks.registry import create_family
from layeratlas.signals import reading

USERS = {
    "weight_norm": Metric("weight_norm", "own:weight_norm", ("weights",), "affine"),
    "moved": Metric("moved", "own:moved", ("weights", "initial_weights"), "affine"),
    "spectrum": Metric(
        "spectrum", "own:spectrum", ("cotangent_moment",), "affine", dims=("value",)
    ),
    "images": Metric("images", "own:images", ("network", "view"), "network"),
    "spread": Metric("spread", "own:spread", ("features",)),
    "wrong": Metric("wrong", "own:spectrum", ("cotangent_moment",), "affine", dims=("a", "b")),
}


def weight_norm(w):
    return (w**2).sum(axis=(1, 2)) ** 0.5


def moved(w, start):
    return weight_norm(w - start)


def spectrum(k):
    return np.linalg.eigvalsh(k)


def images(network, view):
    return np.full(network.size, view.size)


def spread(features):
    return features.std(axis=(1, 2))


@pytest.fixture(autouse=True)
def own(monkeypatch):
    """Functions of this file are found, and its entries are in the table."""
    here, known = globals(), reading._function
    monkeypatch.setattr(
        reading,
        "_function",
        lambda name: here[name[4:]] if name.startswith("own:") else known(name),
    )
    for name, metric in USERS.items():
        monkeypatch.setitem(METRICS._entries, name, metric)


@pytest.fixture
def plan(make_plan):
    return make_plan(3, model={"batch_norm": True, "width": 6}, checkpoints=(0, 1, 2))


@pytest.fixture
def measure(plan, clouds):
    x, labels = clouds(n=40, d=8)
    noisy = (labels[:30] + (np.arange(30) % 4 == 0)) % 3
    image = ("channel", "row", "column")
    x = x.reshape(40, 1, 2, 4)
    dataset = xr.Dataset(
        {
            "train_inputs": (("train_sample", *image), x[:30]),
            "train_targets": ("train_sample", noisy),
            "clean_train_targets": ("train_sample", labels[:30]),
            "test_inputs": (("test_sample", *image), x[30:]),
            "test_targets": ("test_sample", labels[30:]),
        },
        attrs={"n_outputs": 3, "target_kind": "classes", "input_kind": "image"},
    )
    backend = get_backend("cpu", "float64")
    result = train_shard(plan, x[:30], noisy, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (1, 2, 4), 3)
    tree = archive.to_tree(plan, family, result, "test")

    def measured(metrics, **more):
        return measure_shard(plan, tree, dataset, metrics=metrics, backend=backend, **more)

    measured.family, measured.result, measured.dataset = family, result, dataset
    return measured


def test_affine_maps_have_a_node_and_names(measure, plan):
    node = measure(["weight_norm"])["affine"].to_dataset()
    assert node["weight_norm"].dims == ("run", "epoch", "batch_norm_mode", "affine")
    maps = measure.family.affines
    assert list(node["affine_name"].values) == [m.name for m in maps]
    assert list(node["affine_kind"].values) == [m.kind for m in maps]
    assert list(node["affine_layer"].values) == [m.layer for m in maps]
    assert node["main_path"].dtype == bool and node["main_path"].all()
    views = measure.family.parameters.views(measure.result.theta[:, 1])
    for at, m in enumerate(maps):
        expected = (views[m.weight].reshape(3, -1) ** 2).sum(1) ** 0.5
        found = node["weight_norm"].isel(epoch=1, batch_norm_mode=0, affine=at)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_start_is_compared_with_and_measured_only_where_asked(measure):
    whole = measure(["moved"])["affine/moved"]
    assert list(whole["epoch"].values) == [0, 1, 2]
    assert (whole.sel(epoch=0) == 0).all() and (whole.sel(epoch=2, affine=1) > 0).all()
    tree = measure(["moved"], start_only=True)
    assert list(tree["affine/moved"]["epoch"].values) == [1, 2]
    assert list(tree["evaluation"]["epoch"].values) == [1, 2]
    xr.testing.assert_equal(tree["affine/moved"], whole.isel(epoch=slice(1, None)))


def test_an_array_of_a_metric_is_as_long_as_the_longest(measure):
    found = measure(["spectrum"])["affine/spectrum"]
    widths = [8, 6, 6, 6, 6, 3]
    assert found.dims[-2:] == ("affine", "value") and found.sizes["value"] == 8
    assert list(found["value"].values) == list(range(8))
    finite = np.isfinite(found.isel(run=0, epoch=0, batch_norm_mode=0)).sum("value")
    assert list(finite.values) == widths


def test_a_metric_that_gives_another_shape_is_told(measure):
    with pytest.raises(LayerAtlasError, match=r"'wrong' gave an array .* it is \(member, a, b\)"):
        measure(["wrong"])


def test_views_are_a_dimension(measure):
    views = {
        "few": {"images": 7},
        "noisy": {"targets": "trained"},
        "test": {"split": "test", "batch_norm": "batch_statistics"},
    }
    metrics = ["data_separation", "images", "contribution", "hessian_trace", "spread"]
    tree = measure(metrics, views=views)
    layers, network = tree["layers"].to_dataset(), tree["network"].to_dataset()
    assert layers["data_separation"].dims == ("run", "epoch", "view", "layer")
    assert list(layers["view"].values) == list(views)
    assert list(layers["view_split"].values) == ["train", "train", "test"]
    assert (network["images"] == xr.DataArray([7, 30, 10], dims="view")).all()
    for name in ("contribution", "hessian_trace"):
        values = (layers if name in layers else network)[name].isel(run=0, epoch=0)
        values = values.isel(layer=1) if "layer" in values.dims else values
        assert list(np.isfinite(values)) == [True, True, False]
        assert float(values[0]) != float(values[1])
    # Evaluations are of whole splits, in the modes of the views.
    plain = measure(["spread"], batch_norm_modes=["running_statistics", "batch_statistics"])
    xr.testing.assert_identical(tree["evaluation"].to_dataset(), plain["evaluation"].to_dataset())
    assert layers["data_separation"].attrs["comment"].endswith("on each view.")
    whole = measure(["data_separation"], batch_norm_modes=["running_statistics"])
    clean = measure(["data_separation"], views={"all": {}})["layers/data_separation"]
    np.testing.assert_array_equal(clean.values, whole["layers/data_separation"].values)
    assert not np.array_equal(layers["data_separation"].sel(view="noisy"), clean.isel(view=0))


def test_nodes_are_those_of_what_metrics_give(measure):
    assert set(measure(["spread"]).children) == {"training", "evaluation", "layers"}
    assert set(measure(["weight_norm", "images"]).children) == {
        "training", "evaluation", "layers", "affine", "network",
    }  # fmt: skip
