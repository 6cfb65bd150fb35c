"""Cubes of alignment made up: what profiles they hold is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from made.recursions import plain_relu

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


def hierarchy_cube(
    depths: Sequence[int] = (10, 15, 20, 30),
    *,
    seeds: int = 3,
    source: str = "fashion_mnist",
    peak_at=lambda L: 2.1 * L**0.5,
    height: float = 0.2,
    initial: float = 0.0,
    c0: float = 0.3,
    accuracy: float = 0.85,
    noise: float = 0.004,
    labels: Sequence[str] = ("init", "mark_0.1"),
    reached: np.ndarray | None = None,
    settings: Mapping | None = None,
) -> xr.DataTree:
    """Perceptrons whose profile is a bump of `height` around `peak_at(L)` at the mark.

    Before training it is flat and falls, with a bump of `initial`; every variant of alignment, the
    correlations of the infinitely wide network, and the movement of parameters are there as well.
    """
    rng = np.random.default_rng(0)
    made: dict[str, dict[tuple, np.ndarray]] = {}
    for L in depths:
        place = np.arange(1, L + 1)
        bump = np.exp(-((place - peak_at(L)) ** 2) / (2 * (0.25 * L) ** 2))
        start = 0.05 + 0.02 * np.exp(-place / 3) + initial * bump
        trained = np.minimum(0.06 + height * bump, np.where(place == L, 0.1, 1))
        records = [start, *[trained] * (len(labels) - 1)]
        profiles = np.stack([np.stack([r, 0.8 * r]) for r in records])
        shape = (seeds, *profiles.shape)
        A = profiles + noise * rng.normal(size=shape) * np.where(place < L, 1, 0.1)
        forward, backward = plain_relu(c0, L)
        moved = 1 + np.linspace(0.5, 0.2, L) * (np.arange(len(labels)) > 0)[:, None, None]
        for name, value in {
            "alignment": A,
            "alignment_traced": 0.5 * A + 0.1,
            "alignment_uncentred": 0.7 * A,
            "alignment_null": np.full(shape, 0.02),
            "alignment_second_moment": np.sqrt(A),
            "forward_correlation": np.broadcast_to(forward, shape),
            "backward_correlation": np.broadcast_to(backward, shape),
            "parameter_movement": np.broadcast_to(moved, shape),
        }.items():
            made.setdefault(name, {})[(L,)] = np.asarray(value)
    cube = affine_cube(
        made, {"depth": sorted(depths)}, seeds=seeds, labels=labels, reached=reached,
        accuracy=accuracy,
        settings=settings
        or {"model": {"family": "mlp", "batch_norm": False, "negative_slope": 0.0,
                      "activation": "leaky_relu"}},
    )  # fmt: skip
    cube.attrs["dataset_source"] = source
    return cube


def hierarchy_cubes(**changes) -> dict[str, xr.DataTree]:
    """Three data sets over depth, and two architectures; `changes` by experiment are arguments
    of the cube, and None leaves it out."""
    sources = {"alignment_fashion_mnist": "fashion_mnist", "alignment_mnist": "mnist",
               "alignment_cifar10": "cifar10_subset"}  # fmt: skip
    told = {name: {"source": source} for name, source in sources.items()}
    for name, depths, of in (("alignment_vgg", (17,), "VGG"),
                             ("alignment_resnet", (18,), "ResNet")):  # fmt: skip
        module = {"model": {"family": "module", "from": f"layeratlas.networks.zoo:{of}"}}
        told[name] = {"source": "cifar10_subset", "depths": depths, "settings": module}
    return {
        name: hierarchy_cube(**usual | changes.get(name, {}))
        for name, usual in told.items()
        if changes.get(name, {}) is not None
    }
