"""Cubes along record points: `record`, counted from 0, each with its `label`.

The moments themselves are each run's own: `record_epoch` and `record_step` on the grid, NaN where a
run has no weights, and `reached`, 0 where it ended before the point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from layeratlas.errors import StoreError

RECORD, LABEL, FINAL = "record", "label", "final"


def on_records(tree: xr.DataTree, labels: Sequence[str]) -> xr.DataTree:
    """A shard's measurements with its records counted as an experiment of these labels does.

    StoreError where it has others; without labels the tree comes back as it is.
    """
    if not labels:
        return tree
    own = tree.to_dataset()
    if LABEL not in own.coords:
        raise StoreError("a shard of an experiment with record points has none: remove its files")
    told = _labels(own)
    if other := sorted(set(told) - set(labels)):
        raise StoreError(f"a shard has the record points {other}, which the experiment has not")
    numbers = [list(labels).index(label) for label in told]
    nodes = {}
    for node in tree.subtree:
        dataset = node.to_dataset(inherit=False)
        if RECORD in dataset.dims:
            attributes = own[RECORD].attrs
            dataset = dataset.drop_vars(LABEL, errors="ignore").assign_coords(
                {RECORD: (RECORD, numbers, attributes)}
            )
        nodes[node.path] = dataset
    return xr.DataTree.from_dict(nodes)


def labelled_records(node: xr.Dataset, labels: Sequence[str]) -> xr.Dataset:
    """A node of a cube with all records of its experiment, NaN at those that no run has."""
    if RECORD not in node.dims:
        return node
    attributes = node[RECORD].attrs
    node = node.reindex({RECORD: np.arange(len(labels))})
    node[RECORD].attrs = attributes
    names = np.array(labels, dtype=object)
    return node.assign_coords({LABEL: (RECORD, names, {"long_name": "name of the record point"})})


def record_shown(array: xr.DataArray, label: str | None = None) -> str:
    """The label given, else `final` where there is one, else that of the last record."""
    labels = _labels(array)
    return label or (FINAL if FINAL in labels else labels[-1])


def _labels(array: xr.DataArray | xr.Dataset) -> list[str]:
    return [str(name) for name in array[LABEL].values]
