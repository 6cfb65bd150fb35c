"""Made-up cubes of the alignment paper's perceptrons on images, which count epochs."""

from __future__ import annotations

import numpy as np
import xarray as xr

EPOCHS = (0, 1, 3, 7, 14)


def image_cube(
    *,
    seeds: int = 3,
    layers: int = 5,
    epochs=EPOCHS,
    n_train: int = 6000,
    status=None,
    axis: str = "init_gain",
    **changes,
) -> xr.DataTree:
    """C-NFC above UC-NFC in every layer once there is any; `changes`: functions of
    (epoch, layer from 1, seed) by variable."""
    functions = {
        "uc_nfc": lambda e, k, s: 0.7 - 0.05 * k + 0.01 * s - 0.01 * e,
        "c_nfc": lambda e, k, s: np.nan if e == 0 else 0.95 - 0.01 * k + 0.002 * s,
        "dw_rel": lambda e, k, s: 0.02 * e * k,
        "expected_rotated_c_nfc": lambda e, k, s: np.nan if e == 0 else 0.5,
    } | changes
    shape = (1, seeds, len(epochs), 1, layers)
    dims = (axis, "seed", "epoch", "view", "affine")
    node = xr.Dataset(
        {
            name: (
                dims,
                np.array(
                    [
                        f(e, k + 1, s + 1)
                        for s in range(seeds)
                        for e in epochs
                        for k in range(layers)
                    ],
                    "f4",
                ).reshape(shape),
            )
            for name, f in functions.items()
        },
        coords={
            axis: [1.0],
            "seed": np.arange(1, seeds + 1),
            "epoch": list(epochs),
            "view": ["train"],
            "affine": np.arange(layers),
            "affine_name": ("affine", [f"layer_{i + 1}" for i in range(layers)]),
            "affine_kind": ("affine", ["dense"] * layers),
            "affine_layer": ("affine", np.arange(1, layers + 1)),
            "main_path": ("affine", [True] * layers),
        },
    )
    coords = {name: node[name] for name in (axis, "seed", "epoch")}
    runs = np.zeros((1, seeds), "i1") if status is None else np.full((1, seeds), status, "i1")
    root = xr.Dataset({"status": ((axis, "seed"), runs)}, coords=coords)
    ran = np.array(epochs, float)
    told = {
        "train_loss": 0.09 * np.exp(-ran / 5),
        "test_accuracy": np.minimum(0.8, 0.1 + 0.05 * ran),
    }
    evaluation = xr.Dataset(
        {
            name: (
                (*dims[:3], "batch_norm_mode"),
                np.broadcast_to(values[:, None], (1, seeds, len(epochs), 1)).astype("f4"),
            )
            for name, values in told.items()
        },
        coords={**coords, "batch_norm_mode": ["running_statistics"]},
    )
    cube = xr.DataTree.from_dict({"/": root, "/affine": node, "/evaluation": evaluation})
    cube.attrs = {"preset": "laptop", "n_train": n_train, "axes": axis}
    return cube


def image_cubes(**changes) -> dict[str, xr.DataTree]:
    """As at `laptop`: three of the paper's sets, and digits."""
    names = ("nfa_mlp_cifar10", "nfa_mlp_gtsrb", "nfa_mlp_mnist", "nfa_mlp_digits")
    return {name: image_cube(**changes) for name in names}


def convolution_cube(**changes) -> xr.DataTree:
    """Eight convolutions, the last of which are below the first in both."""
    return image_cube(layers=8, axis="learning_rate", **changes)
