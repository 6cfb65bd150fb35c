"""Figures and claims of probed networks, and cubes of trainings made up."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.papers.feature_speed.trainings import FROZEN, INVARIANT

RATES = 2.0 ** np.arange(-2, 8)


@pytest.fixture(scope="session")
def draw(probed):
    """`draw(figure)` of the repository's own experiments, preset smoke."""
    return lambda name: papers.draw(name, probed.cubes(name))


@pytest.fixture(scope="session")
def check(probed):
    """`check(figure, **cubes)`: claims on the same, with some cubes replaced."""
    return lambda figure, **replaced: papers.check(figure, probed.cubes(figure) | replaced)


@pytest.fixture(scope="session")
def judged():
    """`judged(figure, cubes)`: claims by their id."""
    return lambda name, cubes: {claim.id: claim for claim in papers.check(name, cubes)}


def _root(axes, status):
    return xr.Dataset({"status": (tuple(axes), status)}, coords=axes)


def speed_cube(scalings, depths=(4, 16), widths=(64, 256), seeds=3, residual=1e-14, speeds=None):
    """ḟ ~ √(L/m) under ntk and 1 elsewhere, or `speeds` by scaling; NaN beyond layer L."""
    axes = {"scaling": list(scalings), "depth": list(depths), "width": list(widths),
            "seed": list(range(1, seeds + 1))}  # fmt: skip
    epochs, layers = np.array([0, 1, 5, 40]), np.arange(max(depths) + 1)
    shape = (*(len(v) for v in axes.values()), len(epochs), 1, len(layers))
    dims = (*axes, "epoch", "batch_norm_mode", "layer")
    one = xr.DataArray(np.ones(shape), dims=dims, coords={**axes, "layer": layers})
    speed = one.copy()
    for name in scalings:
        value = one.sel(scaling=name)
        value = (value * np.sqrt(one["depth"] / one["width"]) if name == "ntk" else value) * (
            speeds or {}
        ).get(name, 1.0)
        speed.loc[{"scaling": name}] = value.transpose(*dims[1:])
    there = (one["layer"] <= one["depth"]) & (one["layer"] > 0)
    values = {"feature_velocity": speed, "feature_speed_residual": residual * one,
              "backward_feature_angle": 0.8 * one, "sensitivity": speed * 2,
              "contribution": one / one["depth"]}  # fmt: skip
    layer_set = xr.Dataset(
        {k: v.where(there).transpose(*dims).astype("f4") for k, v in values.items()}
    ).assign_coords(epoch=epochs, batch_norm_mode=["running_statistics"])
    cube = xr.DataTree.from_dict(
        {"/": _root(axes, np.zeros(shape[:4])), "/layers": layer_set.drop_vars(list(axes))}
    )
    cube.attrs = {"preset": "laptop", "n_train": 256, "dataset_source": "mnist_5k",
                  "settings": json.dumps({"training": {"learning_rate": 0.5}})}  # fmt: skip
    return cube


@pytest.fixture
def speeds():
    def make(mlp=("ntk", "mf_mup", "fsc"), **changes):
        one = {"depths": (16,), "widths": (256,)}
        return {
            FROZEN[0]: speed_cube(mlp, **changes),
            FROZEN[1]: speed_cube(("resnet_fsc",)),
            INVARIANT[0]: speed_cube(mlp, **one),
            INVARIANT[1]: speed_cube(("resnet_fsc",), **one),
        }

    return make


@pytest.fixture
def transfer():
    def make(slopes, depths=(4, 8, 16), seeds=3, start=4.0, lost=()):
        """Parabolas in log-log; the optimum is start · (L/4)^slope, a little apart by seed."""
        axes = {"scaling": list(slopes), "depth": list(depths), "learning_rate": list(RATES),
                "seed": list(range(1, seeds + 1))}  # fmt: skip
        loss = np.empty(tuple(len(v) for v in axes.values()))
        for i, slope in enumerate(slopes.values()):
            for j, depth in enumerate(depths):
                for k in range(seeds):
                    middle = start * (depth / 4) ** (slope + 0.05 * (k - (seeds - 1) / 2))
                    loss[i, j, :, k] = 1.5 * np.exp(0.1 * np.log(RATES / middle) ** 2)
        status = np.zeros(loss.shape)
        for place in lost:
            status[place] = 1
        dims = (*axes, "epoch", "batch_norm_mode")
        evaluation = xr.Dataset(
            {"train_loss": (dims, loss[..., None, None].astype("f4"))},
            coords={"epoch": [20], "batch_norm_mode": ["running_statistics"]},
        )
        cube = xr.DataTree.from_dict({"/": _root(axes, status), "/evaluation": evaluation})
        cube.attrs = {"preset": "laptop", "n_train": 256, "dataset_source": "mnist_5k",
                      "settings": json.dumps({"model": {"width": 128},
                                              "training": {"epochs": 20}})}  # fmt: skip
        return {"learning_rate_transfer": cube}

    return make
