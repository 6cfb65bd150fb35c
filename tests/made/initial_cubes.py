"""Cubes of networks before training, whose cosines of pairs are given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier


def tree(
    axis: str,
    values: Sequence,
    variables: Mapping[str, tuple[Sequence[str], np.ndarray]],
    *,
    model: Mapping,
    labels: Sequence[str] = ("init",),
    reached: np.ndarray | None = None,
) -> xr.DataTree:
    """A cube along one axis; of each variable dims past (axis, seed, record, view, affine)."""
    shape = next(iter(variables.values()))[1].shape
    seeds, layers = shape[1], shape[4]
    places = {
        "label": ("record", np.array(labels, object)),
        "view": ["train"],
        "view_split": ("view", ["train"]),
    }
    affine = xr.Dataset(
        {
            name: ((axis, "seed", "record", "view", "affine", *more), value.astype("f4"))
            for name, (more, value) in variables.items()
        }
    ).assign_coords(
        places
        | {
            "affine_name": ("affine", np.array([f"layer_{k + 1}" for k in range(layers)], object)),
            "affine_kind": ("affine", np.array(["dense"] * layers, object)),
            "main_path": ("affine", np.ones(layers, bool)),
        }
    )
    runs = (axis, "seed")
    came = np.ones((len(values), seeds, len(labels))) if reached is None else reached
    root = xr.Dataset(
        {
            "status": (runs, np.zeros((len(values), seeds), "i1")),
            "reached": ((*runs, "record"), came.astype("f4")),
        },
        coords={
            axis: (axis, list(values), {"varies": axis}),
            "seed": np.arange(1, seeds + 1),
            "label": ("record", np.array(labels, object)),
        },
    )
    cube = xr.DataTree.from_dict({"/": root, "/affine": affine})
    cube.attrs = {
        "axes": axis,
        "preset": "laptop",
        "n_train": 5000,
        "dataset_source": "fashion_mnist",
        "settings": json.dumps({"model": dict(model)}),
    }
    return cube


def initial_cube(
    widths: Sequence[int] = (128, 512, 2048),
    *,
    layers: int = 6,
    power: float = -0.5,
    model: Mapping | None = None,
    dead: int | None = None,
) -> tuple[xr.DataTree, np.ndarray, dict[str, np.ndarray]]:
    """ReLU networks as the recursion says, but for noise of width^`power`: cube, cosines, noise.

    Noise is (width, seed, layer, [output,] pair), none in the first layer forward nor in the last
    backward. The pair `dead` has no direction.
    """
    draw = np.random.default_rng(2)
    seeds, outputs, pairs = 3, 4, 60
    cosines = draw.uniform(-0.1, 0.7, pairs).astype("f4")
    told = correlations(Rectifier(), cosines, layers)
    size = 0.25 * np.array(widths, float)[:, None, None, None] ** power
    forward = size * draw.normal(size=(len(widths), seeds, layers, pairs))
    backward = size[..., None] * draw.normal(size=(len(widths), seeds, layers, outputs, pairs))
    forward[:, :, 0], backward[:, :, -1] = 0, 0
    variables = {
        "forward_cosines": (("pair",), told.forward.T + forward),
        "backward_cosines": (("output", "pair"), told.backward.T[:, None] + backward),
    }
    if dead is not None:
        for _, value in variables.values():
            value[..., dead] = np.nan
    variables["forward_correlation"] = ((), np.nanmean(variables["forward_cosines"][1], -1))
    variables["backward_correlation"] = (
        (),
        np.nanmean(variables["backward_cosines"][1], (-1, -2)),
    )
    placed = {name: (more, value[:, :, None, None]) for name, (more, value) in variables.items()}
    cube = tree("width", widths, placed, model={"family": "mlp", **(model or {})})
    return cube, cosines, {"forward": forward, "backward": backward}


def phase_cube(
    crossings: Mapping[float, float], *, layers: int = 30, trained: bool = True
) -> xr.DataTree:
    """Tanh networks by σ_w whose 1 − fc and bc cross where it is said, two seeds."""
    layer = np.arange(1, layers + 1)
    rows = [np.clip(0.5 + (layer - at) / (4 * layers), 0, 1) for at in crossings.values()]
    backward = np.array(rows)[:, None, None, None] * np.ones((1, 2, 2, 1, 1))
    alignment = np.ones_like(backward) * 0.1
    reached = np.ones((len(rows), 2, 2))
    reached[:, :, 1] = trained
    return tree(
        "weight_std",
        list(crossings),
        {
            "forward_correlation": ((), backward.copy()),
            "backward_correlation": ((), backward),
            "alignment": ((), alignment),
        },
        model={"activation": "tanh", "initialization_settings": {"bias_std": 0.2236068}},
        labels=("init", "mark_0.1"),
        reached=reached,
    )
