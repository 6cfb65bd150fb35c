"""Cubes of alignment made up: what profiles they hold is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import xarray as xr

LABELS = ("init", "mark_0.1", "final")
VIEWS = ("train", "test")


def affine_cube(
    variables: Mapping[str, Mapping[tuple, np.ndarray]],
    axes: Mapping[str, Sequence],
    *,
    seeds: int = 3,
    labels: Sequence[str] = LABELS,
    kinds: Mapping[tuple, Sequence[tuple[str, str, bool]]] | None = None,
    reached: np.ndarray | None = None,
    settings: Mapping | None = None,
    accuracy: float = 0.85,
) -> xr.DataTree:
    """A cube whose `/affine` holds `variables[name][point]`: (seed, record, view, affine).

    `point` is a tuple of values of `axes`; networks may have different numbers of maps, or, with
    `kinds`, different (name, kind, main path) of them. Accuracy is the same of every run.
    """
    first = next(iter(variables.values()))
    longest = max(value.shape[-1] for value in first.values())
    shape = tuple(len(values) for values in axes.values())
    dims = (*axes, "seed", "record", "view", "affine")
    node, told = {}, {name: np.empty((*shape, longest), object) for name in ("name", "kind")}
    main = np.zeros((*shape, longest), bool)
    told["name"][:], told["kind"][:] = "", ""
    for name, points in variables.items():
        held = np.full((*shape, seeds, len(labels), len(VIEWS), longest), np.nan, "f4")
        for point, value in points.items():
            spot = tuple(list(axes[a]).index(v) for a, v in zip(axes, point, strict=True))
            count = value.shape[-1]
            held[(*spot, ..., slice(count))] = value
            maps = (kinds or {}).get(point) or [(f"layer_{i + 1}", "dense", True)
                                                for i in range(count)]  # fmt: skip
            for i, (called, kind, on) in enumerate(maps):
                told["name"][(*spot, i)], told["kind"][(*spot, i)] = called, kind
                main[(*spot, i)] = on
        node[name] = (dims, held)
    places = (*axes, "affine")
    affine = xr.Dataset(node).assign_coords(
        record=np.arange(len(labels)),
        label=("record", np.array(labels, object)),
        view=list(VIEWS),
        view_split=("view", list(VIEWS)),
        affine=np.arange(longest),
        affine_name=(places, told["name"]),
        affine_kind=(places, told["kind"]),
        main_path=(places, main),
    )
    runs = (*axes, "seed")
    came = np.ones((*shape, seeds, len(labels))) if reached is None else reached
    root = xr.Dataset(
        {
            "status": (runs, np.zeros((*shape, seeds), "i1")),
            "reached": ((*runs, "record"), came.astype("f4")),
            "record_epoch": ((*runs, "record"), np.zeros_like(came) + np.arange(len(labels))),
            "record_step": ((*runs, "record"), np.zeros_like(came) + np.arange(len(labels))),
        },
        coords={
            **{axis: (axis, list(values), {"varies": axis}) for axis, values in axes.items()},
            "seed": np.arange(1, seeds + 1),
            "record": np.arange(len(labels)),
            "label": ("record", np.array(labels, object)),
        },
    )
    scores = np.full((*shape, seeds, len(labels), 1), accuracy, "f4")
    evaluation = xr.Dataset(
        {"test_accuracy": ((*runs, "record", "batch_norm_mode"), scores)},
        coords={"record": np.arange(len(labels)), "label": ("record", np.array(labels, object)),
                "batch_norm_mode": ["running_statistics"]},
    )  # fmt: skip
    nodes = {"/": root, "/affine": affine, "/evaluation": evaluation}
    cube = xr.DataTree.from_dict(nodes)
    cube.attrs = {
        "axes": " ".join(axes),
        "preset": "laptop",
        "n_train": 5000,
        "dataset_source": "fashion_mnist",
        "settings": json.dumps(settings or {"model": {"width": 128}}),
    }
    return cube


@pytest.fixture
def made_cube():
    return affine_cube
