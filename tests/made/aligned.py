"""Made-up cubes of the signal-propagation paper: alignment of every map at record points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

VIEWS = ("train", "test")


def hump(layers: int, peak: float, height: float, ends: float) -> np.ndarray:
    """A profile that rises from `ends` to `height` at layer `peak` and falls again."""
    layer = np.arange(1, layers + 1)
    return ends + (height - ends) * np.exp(-(((layer - peak) / (0.25 * layers)) ** 2))


def aligned_cube(
    axes: Mapping[str, Sequence],
    steps: Mapping[str, float],
    affine: Mapping[str, Callable[..., np.ndarray]],
    *,
    seeds: int = 3,
    layers: int = 10,
    network: Mapping[str, Callable[..., float]] | None = None,
    evaluation: Mapping[str, Callable[..., float]] | None = None,
    reached: Callable[..., bool] = lambda record, **at: True,
    status: Callable[..., int] = lambda **at: 0,
    preset: str = "laptop",
) -> xr.DataTree:
    """A cube whose numbers are what functions give of `record`, `view`, `seed` and axes by name.

    `steps` are the record points with their iterations, the same of all runs; functions of `affine`
    give a profile (layer,). As in real cubes there is a batch norm's `scale` map, and a shortcut,
    which no profile counts; `evaluation` has no view.
    """
    told = {**axes, "seed": range(1, seeds + 1)}
    records = list(steps)
    shape = tuple(len(values) for values in told.values())
    points = [
        dict(zip(told, values, strict=True))
        for values in np.array(np.meshgrid(*told.values(), indexing="ij")).reshape(len(told), -1).T
    ]

    def of(function, *more, width: tuple[int, ...] = ()) -> np.ndarray:
        rest = [[*names] for names in more]
        found = [
            [function(**dict(zip(keys, choice, strict=True)), **point) for choice in product]
            for point in points
            for keys, product in [_choices(rest)]
        ]
        lengths = tuple(len(names) for names in rest)
        return np.array(found, dtype="f8").reshape(*shape, *lengths, *width)

    def _choices(rest):
        keys = ("record", "view")[: len(rest)]
        if not rest:
            return keys, [()]
        if len(rest) == 1:
            return keys, [(a,) for a in rest[0]]
        return keys, [(a, b) for a in rest[0] for b in rest[1]]

    lead = (*told, "record")
    came = of(lambda **at: float(reached(**at)), records)
    root = xr.Dataset(
        {
            "status": (tuple(told), of(lambda **at: status(**at)).astype("i1")),
            "reached": (lead, came),
            "record_step": (lead, np.broadcast_to(list(steps.values()), came.shape).copy()),
        },
        coords={
            **{name: list(values) for name, values in told.items()},
            "record": range(len(records)),
            "label": ("record", records),
        },
        attrs={
            "preset": preset,
            "n_train": 5000,
            "dataset_source": "fashion_mnist",
            "axes": " ".join(axes),
        },
    )
    names = [f"hidden_{i}" for i in range(1, layers)] + ["logits"]
    kinds, paths, order = ["dense"] * layers, [True] * layers, list(range(1, layers + 1))
    # A batch norm's pair after the first map, and a shortcut after it.
    for name, kind, path in (("norm", "scale", True), ("shortcut", "dense", False)):
        names.insert(1, name), kinds.insert(1, kind), paths.insert(1, path), order.insert(1, 1)
    maps = len(names)

    def widened(function):
        def wide(**at):
            values = np.full(maps, 0.9)
            values[[0, *range(3, maps)]] = function(**at)
            return values

        return wide

    nodes = {
        "/": root,
        "/affine": xr.Dataset(
            {
                name: (
                    (*lead, "view", "affine"),
                    of(widened(f), records, VIEWS, width=(maps,)).astype("f4"),
                )
                for name, f in affine.items()
            },
            coords={
                "label": ("record", records),
                "view": list(VIEWS),
                "view_split": ("view", list(VIEWS)),
                "affine": range(maps),
                "affine_name": ("affine", names),
                "affine_kind": ("affine", kinds),
                "affine_layer": ("affine", order),
                "main_path": ("affine", paths),
            },
        ),
    }
    if network:
        nodes["/network"] = xr.Dataset(
            {
                name: ((*lead, "view"), of(f, records, VIEWS).astype("f4"))
                for name, f in network.items()
            },
            coords={"label": ("record", records), "view": list(VIEWS)},
        )
    if evaluation:
        nodes["/evaluation"] = xr.Dataset(
            {
                name: ((*lead, "batch_norm_mode"), of(f, records)[..., None].astype("f4"))
                for name, f in evaluation.items()
            },
            coords={"label": ("record", records), "batch_norm_mode": ["running_statistics"]},
        )
    cube = xr.DataTree.from_dict(nodes)
    cube.attrs = root.attrs
    return cube
