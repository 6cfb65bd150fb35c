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


#: Record points of `dynamics_cube` and `noise_cube`, in the order of a real cube: marks come last.
STEPS = {
    "init": 0,
    **{f"step {step}": step for step in (5, 8, 20, 60, 200, 800)},
    "final": 1000,
    "mark_1": 300,
    "mark_0.1": 700,
}


def grown(record: str, **at) -> float:
    """From 0 at the beginning to 1 at iteration 1,000."""
    return float(np.log1p(STEPS[record]) / np.log1p(1000))


def dynamics_cube(
    *,
    peak: float = 6,
    height: float = 0.3,
    first: float = 0.06,
    permuted: Callable[..., float] = lambda **at: 0.012,
    cosine: Callable[..., float] = lambda record, **at: -0.95 + STEPS[record] / 3000,
    **more,
) -> xr.DataTree:
    """A dense log: from a profile that falls from `first` to a hump of that peak and height."""

    def alignment(record, **at):
        start, end = np.linspace(first, 0.02, 10), hump(10, peak, height, 0.03)
        return start + (end - start) * min(1.0, grown(record) / grown("mark_0.1"))

    told = {"learning_rate": [3e-3, 1e-2]} | more.pop("axes", {})
    return aligned_cube(
        told,
        STEPS,
        {
            "alignment": alignment,
            "alignment_permuted": lambda **at: np.full(10, permuted(**at)),
            "alignment_growth": lambda **at: hump(10, 5, 0.2, 0.01),
            "norm_growth": lambda **at: hump(10, 8, 0.1, 0.01),
        },
        network={"residual_label_cosine": cosine},
        evaluation={
            "train_accuracy": lambda record, **at: grown(record),
            "test_accuracy": lambda record, **at: 0.9 * grown(record),
        },
        seeds=more.pop("seeds", 1),
        **more,
    )


def tiny_cube(wrong: float = 0.0, rates: Sequence[float] = (1e-6, 1e-2)) -> xr.DataTree:
    """One step: log A_l grows by the rate times −1 … 2 over layers; `wrong` is added to r1."""
    growth = np.linspace(-1.1, 2, 10)

    def alignment(record, learning_rate, **at):
        return hump(10, 5, 0.1, 0.05) * np.exp((record != "init") * learning_rate * growth)

    return aligned_cube(
        {"learning_rate": list(rates)},
        {"init": 0, "one_step": 1},
        {
            "alignment": alignment,
            "alignment_change": lambda learning_rate, **at: learning_rate * growth,
            "alignment_growth": lambda learning_rate, **at: (
                learning_rate * ((1 + wrong) * growth + 1) + 3 * learning_rate**2
            ),
            "norm_growth": lambda learning_rate, **at: np.full(10, learning_rate),
        },
        seeds=2,
    )


def rates_cube(
    height: Callable[..., float] = lambda learning_rate, batch_size, **at: (
        0.2 + 20 * learning_rate - 0.0005 * batch_size
    ),
    error: Callable[..., float] = lambda learning_rate, batch_size, **at: (
        0.2 - 2 * learning_rate + 0.0001 * batch_size
    ),
    reached: Callable[..., bool] = lambda **at: True,
    rates: Sequence[float] = (1e-3, 3e-3, 1e-2),
    batches: Sequence[int] = (32, 128),
    apart: float = 0.0,
) -> xr.DataTree:
    """Height of a hump and test error as functions of learning rate and batch size.

    The two seeds differ by `apart` in both.
    """
    return aligned_cube(
        {"batch_size": list(batches), "learning_rate": list(rates)},
        {"init": 0, "final": 900, "mark_0.1": 700},
        {
            "alignment": lambda seed, **at: hump(
                10, 6, height(**at) + apart * (int(seed) - 1.5), 0.05
            )
        },
        evaluation={
            "test_accuracy": lambda seed, **at: 1 - error(**at) + apart * (int(seed) - 1.5),
            "test_loss": lambda **at: 0.6,
            "train_loss": lambda **at: 0.1,
        },
        reached=lambda record, **at: record != "mark_0.1" or reached(**at),
        seeds=2,
    )


def noise_cube(
    height: Callable[[float], float] = lambda noise: 0.3 * (1 - 0.9 * noise),
    peak: float = 6,
    levels: Sequence[float] = (0, 0.2, 0.5, 1),
    slow: Sequence[str] = ("mark_0.1",),
    trained: float = 0.012,
    seeds: int = 3,
) -> xr.DataTree:
    """Humps of a height by noise, none at all where everything is; random labels miss `slow`."""

    def alignment(record, seed, label_noise, **at):
        start = np.linspace(0.06, 0.02, 10)
        end = (
            hump(10, peak, height(label_noise), 0.02)
            if label_noise < 1
            else (start * height(1) / 0.06)
        )
        apart = 0.001 * (seed - 2) * np.cos(np.arange(10))
        return start + (end - start) * grown(record) + apart

    return aligned_cube(
        {"label_noise": list(levels)},
        STEPS,
        {
            "alignment": alignment,
            "alignment_permuted": lambda record, **at: np.full(
                10, 0.012 if record == "init" else trained
            ),
            "alignment_permuted_sd": lambda **at: np.full(10, 0.003),
            "alignment_null": lambda **at: np.full(10, 0.012),
        },
        reached=lambda record, label_noise, **at: not (record in slow and label_noise == 1),
        seeds=seeds,
    )


def width_cube(
    spread: Callable[[float], float] = lambda width: 128 / width,
    widths: Sequence[int] = (64, 128, 256),
    seeds: int = 3,
) -> xr.DataTree:
    """Peaks and crossings that differ between seeds by `spread` of the width."""
    return aligned_cube(
        {"width": list(widths)},
        {"init": 0, "final": 900, "mark_0.1": 700},
        {
            "alignment": lambda record, seed, width, **at: (
                np.linspace(0.06, 0.03, 10)
                if record == "init"
                else hump(10, 6 + (seed - 2) * spread(width), 0.2, 0.05)
            ),
            "forward_correlation": lambda seed, width, **at: (
                np.linspace(0.1, 0.9, 10) + 0.05 * (seed - 2) * spread(width)
            ),
            "backward_correlation": lambda **at: np.linspace(0.05, 1, 10),
        },
        seeds=seeds,
    )
