"""Made-up cubes of alignment reversing data."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas.papers.nfa import free_probability
from layeratlas.signals.data_moments import MOMENTS

BALANCES = (0.1, 0.4, 0.7, 1.0)


def traces_of(balance: float, seed: int) -> np.ndarray:
    """Of diagonal A and B: the smaller the balance, the farther B's weight from A's."""
    d = 64
    a = np.where(np.arange(d) < d // 2, 1.0, 0.5 + 0.01 * seed)
    b = balance * a + (1 - balance) * np.where(np.arange(d) >= d - 2, 16.0, 0.0)
    alpha = a**2
    found = (alpha, alpha**2, b, b**2, b * alpha, b**2 * alpha, b * alpha**2, (b * alpha) ** 2)
    return np.array([one.mean() for one in found])


def reversing_cube(
    *, seeds=(0, 1, 2), n_train: int = 1024, status: int = 0, off: float = 0.0, shift=None
) -> xr.DataTree:
    """Observations that are predictions and `off`, or what `shift(balance)` gives."""
    width = 64
    traces = np.array([[traces_of(b, s) for s in seeds] for b in BALANCES])
    named = {name: traces[..., at] for at, name in enumerate(MOMENTS)}
    rho = free_probability.early_correlation(named, free_probability.cumulants_of_signs(width, 64))
    observed = rho + off if shift is None else np.array([[shift(b)] * len(seeds) for b in BALANCES])
    lead = ("balance", "draw_seed", "seed", "epoch", "view")
    coords = {
        "balance": list(BALANCES), "draw_seed": list(seeds), "seed": [1], "epoch": [0, 1],
        "view": ["train"],
    }  # fmt: skip
    shape = (len(BALANCES), len(seeds), 1, 2, 1)

    def spread(values, first=None):
        out = np.full(shape, np.nan)
        out[..., 0, 1, 0], out[..., 0, 0, 0] = values, values if first is None else first
        return out[..., None]

    affine = xr.Dataset(
        {
            "c_nfc": ((*lead, "affine"), spread(observed, np.nan)),
            "derivative_nfc": ((*lead, "affine"), spread(observed)),
        },
        coords={
            **coords,
            "affine": [0],
            "affine_name": ("affine", ["hidden"]),
            "affine_kind": ("affine", ["dense"]),
            "affine_layer": ("affine", [1]),
            "main_path": ("affine", [True]),
        },
    )
    whole = np.broadcast_to(traces[:, :, None, None, None], (*shape, len(MOMENTS)))
    network = xr.Dataset({"moment_traces": ((*lead, "moment"), whole.copy())}, coords=coords)
    root = xr.Dataset(
        {"status": (lead[:3], np.full(shape[:3], status, "i1"))},
        coords={name: coords[name] for name in lead[:3]},
    )
    cube = xr.DataTree.from_dict({"/": root, "/affine": affine, "/network": network})
    settings = {
        "model": {"settings": {"width": width}},
        "dataset": {"settings": {"dimension": 64}},
    }
    cube.attrs = {
        "preset": "laptop", "n_train": n_train, "settings": json.dumps(settings),
        "axes": "balance draw_seed",
    }  # fmt: skip
    return cube
