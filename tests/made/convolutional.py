"""Made-up cubes of convolutional networks, and of kernels along training with redrawn labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from made.aligned import STEPS, aligned_cube, grown, hump

SPECTRUM = 60


def vgg_cube(
    peak: float = 4,
    height: float = 0.3,
    started: float = 0.02,
    null: float = 0.01,
    reached: Callable[..., bool] = lambda record, **at: True,
    axes: dict | None = None,
) -> xr.DataTree:
    """Networks whose profiles are a slope before training and a hump after it."""

    def alignment(record, **at):
        start = np.linspace(started, 0.5 * started, 9)
        return start if record == "init" else hump(9, peak, height, 0.03)

    return aligned_cube(
        {"depth": [11, 19]} if axes is None else axes,
        # As in a real cube, a mark comes last.
        {"init": 0, "final": 900, "mark_0.1": 700},
        {"alignment": alignment, "alignment_null": lambda **at: np.full(9, null)},
        layers=9,
        reached=reached,
    )


def redrawn_cube(
    rise: float = 0.2,
    lowered: float = 0.5,
    test_peak: str = "step 60",
    concentration: float = 0.5,
    memorises: bool = True,
) -> xr.DataTree:
    """Clean labels and half of them redrawn: A of the network grows from 0.02 by `rise`.

    Eigenvalues are exp(−k/τ), τ falls from 10 to `concentration` of it.
    """

    def network(record, view, label_noise, **at):
        share = grown(record)
        if label_noise and view == "test" and STEPS[record] > STEPS[test_peak]:
            share *= 0.3
        return 0.02 + rise * share * (lowered if label_noise else 1)

    cube = aligned_cube(
        {"label_noise": [0.0, 0.5]},
        {name: at for name, at in STEPS.items() if not name.startswith("mark")},
        {"alignment": lambda record, **at: hump(10, 5, 0.05 + 0.2 * grown(record), 0.03)},
        network={
            "network_alignment": network,
            "network_alignment_null": lambda **at: 0.012,
        },
        evaluation={
            "train_accuracy": lambda record, **at: grown(record),
            "test_accuracy": lambda record, **at: 0.9 * grown(record),
        },
        seeds=1,
    )
    node = cube["network"].to_dataset()
    shares = np.array([grown(str(name)) for name in node["label"].values])
    decay = 10 * (1 - (1 - concentration) * shares)
    values = np.exp(-np.arange(SPECTRUM) / decay[:, None])
    shape = node["network_alignment"].shape
    wide = np.broadcast_to(values[None, None, :, None], (*shape, SPECTRUM)).astype("f4")
    lead = node["network_alignment"].dims
    p = values / values.sum(1, keepdims=True)
    rank = np.exp(-(p * np.log(p)).sum(1))

    def along(of_record):
        return np.broadcast_to(of_record[None, None, :, None], shape).astype("f4")

    node = node.assign(
        network_kernel_spectrum=((*lead, "eigenvalue"), wide),
        network_kernel_norm=(lead, along(np.sqrt((values**2).sum(1)))),
        network_effective_rank=(lead, along(rank)),
    )
    cube["network"] = node
    root = cube.to_dataset().assign(record_epoch=cube["record_step"] / 20)
    cube.dataset = root
    epochs = np.arange(1, 51)
    loss = np.where(epochs > 25, 0.2 if memorises else 2.4, 2.4)
    cube["training"] = xr.Dataset(
        {"train_loss": (("label_noise", "seed", "epoch"), np.broadcast_to(loss, (2, 1, 50)))},
        coords={"epoch": epochs},
    )
    return cube
