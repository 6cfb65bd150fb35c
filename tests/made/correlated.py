"""Made-up cubes of the alignment paper: correlations of every layer along training."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas.papers.nfa import chain
from made.aligned import aligned_cube

SCALES = (0.25, 0.5, 1.0, 2.0)
STEPS = {"init": 0, "step 1": 1, "step 2": 2, "step 30": 30, "step 300": 300, "final": 900}
#: Where correlations begin, of layers 0, 1 and 2.
START = np.array([0.6, 0.2, 1.0])
BEGINS = np.array([0.7, 0.95, 1.0])


def told(cube: xr.DataTree, n_train: int = 2048, **more) -> xr.DataTree:
    """With the attributes that a cube of chain monomials has."""
    settings = {"dataset": {"settings": {"dimension": 8, "period": 5}}, **more}
    cube.attrs |= {"n_train": n_train, "settings": json.dumps(settings)}
    root = cube["/"].to_dataset(inherit=False).assign_attrs(cube.attrs)
    ends = xr.full_like(root["status"], STEPS["final"], dtype="f4")
    epochs = root["record_step"].astype("f8")
    cube.dataset = root.assign(epochs_run=ends, record_epoch=epochs)
    return cube


def share(record: str) -> float:
    """Of training that is done."""
    return STEPS[record] / STEPS["final"]


def chain_cube(
    kind: str = "gd", *, scales=SCALES, layer: int = 0, n_train: int = 2048, status=None,
    losses=(5, 0.8, 0.4, 0.6, 0.1), **changes,
) -> xr.DataTree:  # fmt: skip
    """Runs as the paper has them: `gd`, or `slo` whose fast layer is `layer`.

    `losses` are those of training, alike in all runs.
    """
    slo = kind == "slo"

    def ratio(record, init_gain, **at):
        end = np.array([0.98, 0.98, 0.9]) if slo else np.array([0.18, 0.18, 0.9]) / init_gain
        if slo:
            end = np.where(np.arange(3) == layer, end, 0.001)
        return np.minimum(end, 0.95 if not slo else 1) * share(record)

    def uncentred(record, init_gain, seed, **at):
        end = np.where(np.arange(3) == layer, 0.94, START) if slo else 0.93 - 0.17 * init_gain
        # Without biases a network begins alike at every scale.
        return START + 0.001 * seed + (end - START) * share(record)

    def centred(record, init_gain, seed, **at):
        if record == "init":
            return np.full(3, np.nan)
        return BEGINS + 0.001 * seed + (0.9 - BEGINS) * share(record)

    functions = {
        "uc_nfc": uncentred,
        "c_nfc": centred,
        "ratio_c_uc": ratio,
        "ratio_dc_c": lambda record, **at: (
            np.full(3, np.nan) if record == "init" else np.array([1, 1, 0]) * share(record)
        ),
        "derivative_nfc": lambda seed, **at: BEGINS + 0.001 * seed,
    } | changes
    loss = lambda record, **at: 5 * 10 ** (-(3.0 if slo else 2.0) * share(record))  # noqa: E731
    cube = aligned_cube(
        {"init_gain": scales},
        STEPS,
        functions,
        layers=3,
        evaluation={"train_loss": loss},
        status=status or (lambda **at: 0),
    )
    shape, curve = (len(scales), cube["/"].sizes["seed"], 1), np.array(losses)
    cube["training"] = xr.DataTree(
        xr.Dataset(
            {"train_loss": (("init_gain", "seed", "epoch"), np.tile(curve, shape))},
            {"epoch": np.arange(1, len(curve) + 1)},
        )
    )
    return told(cube, n_train)


def matrices_cube(kind: str = "gd", *, scales=SCALES, n_train: int = 2048) -> xr.DataTree:
    """Matrices of the first layer: the target's, with as much of the identity as training left."""
    target = chain.egop(8, 5)

    def rest(record, init_gain):
        if record == "init":
            return 4.0
        return 0.15 if kind == "slo" else 3 * init_gain

    records = {"init": 0, "final": 900}
    cube = aligned_cube(
        {"init_gain": scales},
        records,
        {
            "uc_nfc": lambda record, **at: np.array([0.92 if record == "final" else 0.6]),
            "rotated_nfc": lambda seed, **at: np.array([0.5 + 0.01 * seed]),
            "rotated_nfc_sd": lambda **at: np.array([0.07]),
        },
        layers=1,
    )
    node = cube["affine"].to_dataset(inherit=False)
    shape = node["uc_nfc"].shape
    for name, share_of in (("nfm", 1.0), ("agop", 0.05), ("rotated_agop", 1.0)):
        values = np.full((*shape, 8, 8), np.nan)
        for g, gain in enumerate(scales):
            for r, record in enumerate(records):
                matrix = target + share_of * rest(record, gain) * np.eye(8)
                if name == "rotated_agop":
                    matrix = matrix[::-1]
                if record == "init" and name == "agop":
                    matrix = np.diag(np.linspace(1, 2, 8))
                values[g, :, r] = matrix
        node[name] = ((*node["uc_nfc"].dims, "input", "other_input"), values)
    cube["affine"] = xr.DataTree(node)
    return told(cube, n_train)


def chain_cubes(**changes) -> dict[str, xr.DataTree]:
    """All that the figures of chain monomials are drawn from."""
    cubes = {
        chain.GD: chain_cube(),
        chain.SLO: chain_cube("slo"),
        chain.MIDDLE: chain_cube("slo", scales=(1.0,), layer=1),
        chain.GD_MATRICES: matrices_cube(),
        chain.SLO_MATRICES: matrices_cube("slo"),
    }
    return cubes | changes
