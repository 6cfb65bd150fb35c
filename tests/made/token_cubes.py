"""Made-up cubes of the alignment paper's decoder."""

from __future__ import annotations

import numpy as np
import xarray as xr

GAINS = (1 / 3, 1.0, 3.0)
STEPS = {"init": 0, "step 1": 1, "step 10": 10, "final": 800}
NAMES = [f"blocks.{b}.attention.{part}" for b in (0, 1) for part in ("query", "key", "value")]


def token_cube(
    *, gains=GAINS, n_train: int = 12_800, unigram: float = 3.35, end: float = 2.2, **changes
) -> xr.DataTree:
    """C-NFC above UC-NFC in every panel; `changes`: functions of (record, map) by variable."""
    functions = {
        "uc_nfc": lambda record, at: 0.5 + 0.02 * at + 0.1 * (record == "final"),
        "c_nfc": lambda record, at: np.nan if record == "init" else 0.9 - 0.01 * at,
        "uc_nfc_error": lambda record, at: 0.004,
        "c_nfc_error": lambda record, at: 0.007,
    } | changes
    records, lead = list(STEPS), ("init_gain", "seed", "record")
    shape = (len(gains), 1, len(records))
    coords = {"init_gain": list(gains), "seed": [1], "record": range(len(records))}
    label = ("record", np.array(records, object))
    affine = xr.Dataset(
        {
            name: (
                (*lead, "view", "affine"),
                np.array(
                    [f(record, at) for _ in gains for record in records for at in range(len(NAMES))]
                ).reshape(*shape, 1, len(NAMES)),
            )
            for name, f in functions.items()
        },
        coords={
            **coords,
            "label": label,
            "view": ["train"],
            "affine": np.arange(len(NAMES)),
            "affine_name": ("affine", NAMES),
            "affine_kind": ("affine", ["token"] * len(NAMES)),
            "affine_layer": ("affine", np.arange(len(NAMES))),
            "main_path": ("affine", [True] * len(NAMES)),
        },
    )
    steps = np.broadcast_to(np.array(list(STEPS.values()), float), shape)
    root = xr.Dataset(
        {
            "status": (lead[:2], np.zeros(shape[:2], "i1")),
            "reached": (lead, np.ones(shape)),
            "record_step": (lead, steps),
            "record_epoch": (lead, steps / 800),
            "epochs_run": (lead[:2], np.ones(shape[:2])),
            "unigram_loss": (lead[:2], np.full(shape[:2], unigram)),
            "bigram_loss": (lead[:2], np.full(shape[:2], 2.48)),
        },
        coords={**coords, "label": label},
    )
    loss = 4.3 + (end - 4.3) * steps / 800
    evaluation = xr.Dataset(
        {"test_loss": ((*lead, "batch_norm_mode"), loss[..., None])},
        coords={**coords, "label": label, "batch_norm_mode": ["running_statistics"]},
    )
    cube = xr.DataTree.from_dict({"/": root, "/affine": affine, "/evaluation": evaluation})
    cube.attrs = {"preset": "laptop", "n_train": n_train, "axes": "init_gain"}
    return cube
