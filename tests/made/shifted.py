"""Cubes of alignment whose hierarchy is given: by input cosine, scaling, slope or iteration."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.datasets.generators.disc import grid, inside

RECORDS, VIEWS = 3, 2


def bump(layers: int, peak: float, ascent: float, descent: float) -> np.ndarray:
    """A profile (layer,) that is highest, 1, at `peak`, and 1/ascent and 1/descent at its ends."""
    layer = np.arange(1, layers + 1)
    rising = 1 / ascent + (1 - 1 / ascent) * (layer - 1) / (peak - 1)
    falling = 1 - (1 - 1 / descent) * (layer - peak) / (layers - peak)
    return np.where(layer <= peak, rising, falling)


def held(trained: np.ndarray, *, seeds: int = 3, first: np.ndarray | float = 0.02) -> np.ndarray:
    """(seed, record, view, layer): flat before training, then the profile, seeds a bit apart."""
    layers = trained.shape[-1]
    values = np.empty((seeds, RECORDS, VIEWS, layers))
    values[:, 0] = first
    factor = 1 + 0.01 * (np.arange(seeds) - (seeds - 1) / 2)
    values[:, 1:] = factor[:, None, None, None] * trained
    return values


def correlations(c0: float, layers: int, seeds: int = 3) -> dict[str, np.ndarray]:
    """Forward correlation rising from c0 to 1 and backward one from 0 to 1, both straight."""
    forward = np.linspace(c0, 1, layers)
    backward = np.linspace(0, 1, layers)
    return {
        name: np.broadcast_to(one, (seeds, RECORDS, VIEWS, layers)).copy()
        for name, one in (("forward_correlation", forward), ("backward_correlation", backward))
    }


def shift_cube(made_cube, profiles: dict[float, np.ndarray], c0: dict[float, float], **more):
    """A cube over `mean_shift` at one depth, with `profiles[s]` (layer,) and c0 of each."""
    layers = len(next(iter(profiles.values())))
    variables: dict[str, dict[tuple, np.ndarray]] = {}
    for s, profile in profiles.items():
        values = {
            "alignment": held(0.2 * profile),
            "alignment_null": held(np.full(layers, 0.01)),
            "forward_participation_ratio": held(np.full(layers, 5.0)),
            **correlations(c0[s], layers),
        }
        for name, value in values.items():
            variables.setdefault(name, {})[layers, s] = value
    return made_cube(variables, {"depth": [layers], "mean_shift": list(profiles)}, **more)


def of_network(cube: xr.DataTree, variables: dict[str, xr.DataArray]) -> xr.DataTree:
    """The cube with `/network` of these, whose labels and moments are those of its root."""
    label = cube["/"].to_dataset()["label"]
    node = xr.Dataset(variables).assign_coords(label=label)
    nodes = {"/": cube["/"].to_dataset(), "/network": node}
    nodes["/evaluation"] = cube["evaluation"].to_dataset()
    made = xr.DataTree.from_dict(nodes)
    made.attrs = cube.attrs
    return made


def logged(made_cube, steps: list[int], seeds: int = 3) -> xr.DataTree:
    """A cube of one point with a dense log: its labels are `init` and `step n`."""
    labels = ["init" if step == 0 else f"step {step}" for step in steps]
    shape = (seeds, len(steps), VIEWS, 2)
    cube = made_cube(
        {"alignment": {(0.4,): np.full(shape, 0.1)}},
        {"label_noise": [0.4]},
        seeds=seeds,
        labels=labels,
    )
    root = cube["/"].to_dataset()
    root["record_step"] = root["record_step"] * 0 + np.array(steps, float)
    scores = cube["evaluation"].to_dataset()
    scores["train_accuracy"] = scores["test_accuracy"] * 0 + np.linspace(
        0.5, 1, len(steps)
    ).reshape(1, 1, -1, 1)
    made = xr.DataTree.from_dict({"/": root, "/evaluation": scores})
    made.attrs = cube.attrs
    return made


def difficulty_cube(made_cube, easy, difficult, clean, steps=(0, 10, 20, 40, 80)) -> xr.DataTree:
    """A[view] (record,) of every seed, a null of 0.01 everywhere."""
    base = logged(made_cube, list(steps))
    views = ["train", "difficult", "difficult_clean", "test"]
    values = np.stack([np.asarray(v, float) for v in (easy, difficult, clean, easy)], axis=-1)
    whole = np.broadcast_to(values, (1, 3, *values.shape)).copy()
    dims = ("label_noise", "seed", "record", "view")
    coords = {"view": views}
    return of_network(
        base,
        {
            "network_alignment": xr.DataArray(whole, dims=dims, coords=coords),
            "network_alignment_null": xr.DataArray(whole * 0 + 0.01, dims=dims, coords=coords),
        },
    )


def toy_cube(made_cube, turned, side: int = 6, steps=(0, 10, 100), seeds: int = 2) -> xr.DataTree:
    """Top eigenfunctions that are `turned[record]` of the label and the rest of x₁."""
    points = grid(side)
    label = inside(points) - inside(points).mean()
    label, line = label / np.linalg.norm(label), points[:, 0] / np.linalg.norm(points[:, 0])
    top = np.array([t * label + (1 - t**2) ** 0.5 * line for t in turned])
    functions = np.stack([top, top[:, ::-1]], axis=1)  # (record, eigenfunction, sample)
    base = logged(made_cube, list(steps), seeds)
    shape = (1, seeds, len(steps), 1)
    dims = ("label_noise", "seed", "record", "view")
    coords = {"view": ["grid"]}

    def wide(values, *names):
        # Signs of eigenfunctions are arbitrary: every other seed has the other one.
        whole = np.broadcast_to(values[None, None, :, None], (*shape, *values.shape[1:])).copy()
        whole[:, 1::2] *= -1 if names[0] == "eigenfunction" else 1
        return xr.DataArray(whole, dims=(*dims, *names), coords=coords)

    return of_network(
        base,
        {
            "kernel_eigenfunctions": wide(functions, "eigenfunction", "sample"),
            "predictions": wide(functions[:, 0][..., None], "sample", "output"),
            "jacobian_norm": wide(np.abs(functions[:, 0]) + 1, "sample"),
        },
    )
