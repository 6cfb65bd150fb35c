"""Weights by name: between the engine's flat buffers and labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core.indexing import (
    ExplicitIndexer,
    IndexingSupport,
    LazilyIndexedArray,
    explicit_indexing_adapter,
)

from layeratlas.engine.kept import Rows
from layeratlas.networks.layout import ParameterLayout, ParameterTensor
from layeratlas.runs.records import Moment, label_of


def named(layout: ParameterLayout, flat: Rows, moment: str = "epoch") -> dict[str, Any]:
    """Variables `(run, moment, *shape)` of flat `(run, moment, width)` weights, by tensor.

    Of weights in a file they are read when they are asked for, a piece at a time.
    """
    variables = {}
    for tensor, start in zip(layout.tensors, layout.offsets, strict=False):
        values: Any
        if isinstance(flat, np.ndarray):
            values = flat[:, :, start : start + tensor.size]
            values = values.reshape(*flat.shape[:2], *tensor.shape)
        else:
            values = LazilyIndexedArray(_TensorOfRows(flat, tensor, int(start)))
        sizes = [
            f"{tensor.name}_{axis}" for axis in ("out", "in", "row", "column")[: len(tensor.shape)]
        ]
        variables[tensor.name] = (
            ("run", moment, *sizes),
            values,
            {"long_name": f"{tensor.role} of layer {tensor.layer}", "units": "1"},
        )
    return variables


class _TensorOfRows(BackendArray):
    """One tensor of flat rows, as xarray asks for it: whole rows of its first axis are read."""

    def __init__(self, rows: Rows, tensor: ParameterTensor, start: int) -> None:
        self._rows, self._start, self._own = rows, start, tensor.shape
        self.shape = (*rows.shape[:2], *tensor.shape)
        self.dtype = rows.dtype

    def __getitem__(self, key: ExplicitIndexer) -> Any:
        return explicit_indexing_adapter(key, self.shape, IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[int | slice, ...]) -> np.ndarray:
        first, *others = self._own
        at = key[2]
        numbers = range(first)[at] if isinstance(at, slice) else range(at, at + 1)
        low, high = (min(numbers), max(numbers) + 1) if numbers else (0, 0)
        size = int(np.prod(others))
        columns = slice(self._start + low * size, self._start + high * size)
        leading = [slice(int(k), int(k) + 1) if not isinstance(k, slice) else k for k in key[:2]]
        values = np.asarray(self._rows[(*leading, columns)])
        values = values.reshape(*values.shape[:2], high - low, *others)
        values = values[:, :, [n - low for n in numbers]]
        dropped = [0 if not isinstance(k, slice) else slice(None) for k in key[:3]]
        every = slice(None)
        return values[every, every, every, *key[3:]][tuple(dropped)]


def weights_at(
    tree: xr.DataTree,
    layout: ParameterLayout,
    point: Moment,
    runs: Sequence[int] | np.ndarray | slice = slice(None),
) -> np.ndarray:
    """Flat `(run, width)` weights of `runs` at one record point, as the engine lays them out."""
    weights = tree["weights"].to_dataset().isel(run=runs)
    if "record" in weights.dims:
        labels = weights["label"].values.tolist()
        weights = weights.isel(record=labels.index(label_of(point)))
    else:
        weights = weights.sel(epoch=point)
    flat = np.zeros((weights.sizes["run"], layout.width), weights[layout.tensors[0].name].dtype)
    for name, view in layout.views(flat).items():
        view[...] = weights[name].values
    return flat
