"""Weights by name: between the engine's flat buffers and labelled data."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from layeratlas.networks.layout import ParameterLayout


def named(layout: ParameterLayout, flat: np.ndarray) -> dict[str, Any]:
    """Variables `(run, epoch, *shape)` of flat `(run, epoch, width)` weights, by tensor."""
    variables = {}
    for tensor, start in zip(layout.tensors, layout.offsets, strict=False):
        values = flat[:, :, start : start + tensor.size]
        sizes = [
            f"{tensor.name}_{axis}" for axis in ("out", "in", "row", "column")[: len(tensor.shape)]
        ]
        variables[tensor.name] = (
            ("run", "epoch", *sizes),
            values.reshape(*flat.shape[:2], *tensor.shape),
            {"long_name": f"{tensor.role} of layer {tensor.layer}", "units": "1"},
        )
    return variables


def weights_at(tree: xr.DataTree, layout: ParameterLayout, epoch: int) -> np.ndarray:
    """Flat `(run, width)` weights at one checkpoint, as the engine lays them out."""
    weights = tree["weights"].to_dataset().sel(epoch=epoch)
    flat = np.zeros((tree.sizes["run"], layout.width), weights[layout.tensors[0].name].dtype)
    for name, view in layout.views(flat).items():
        view[...] = weights[name].values
    return flat
