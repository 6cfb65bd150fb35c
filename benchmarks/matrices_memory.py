"""Peak memory of measuring feature matrices and gradient outer products of every affine map.

    python benchmarks/matrices_memory.py

Two networks, each in a process of its own, measured by the measuring job's own function with all
metrics of matrices that are no matrices themselves: the decoder of `nfa_gpt` at `laptop`, K from 16
random projections of 16 sequences, and a VGG-11 without batch norm at a quarter of its width with a
head of 1,024 units, K exact on 1,000 images of 32×32 pixels. What is told is the peak above an idle
process: Python, torch and the network with its data, after one pass.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

#: Metrics that are numbers of maps.
METRICS = (
    "uc_nfc", "c_nfc", "dc_nfc", "uc_nfc_pearson", "c_nfc_pearson", "dc_nfc_pearson",
    "uc_nfc_error", "c_nfc_error", "ratio_c_uc", "ratio_dc_c", "dw_rel", "nfm_trace", "nfm_norm",
    "agop_trace", "agop_norm", "nfm_effective_rank", "cotangent_effective_rank", "derivative_nfc",
    "expected_rotated_nfc", "expected_rotated_c_nfc",
)  # fmt: skip

CASES: dict[str, dict[str, Any]] = {
    "decoder": {
        "model": {
            "family": "module",
            "from": "layeratlas.networks.zoo.gpt:GPT",
            "settings": {"blocks": 3, "heads": 4, "width": 64},
        },
        "shape": (64,),
        "outputs": 65,
        "view": {"split": "train", "images": 16, "projections": 16},
    },
    "VGG-11": {
        "model": {
            "family": "module",
            "from": "layeratlas.networks.zoo.vgg:VGG",
            "settings": {"depth": 11, "width": 0.25, "hidden": [1024, 1024], "reset": "released"},
        },
        "shape": (3, 32, 32),
        "outputs": 10,
        "view": {"split": "train", "images": 1000},
    },
}


def measured(case: str) -> dict[str, float]:
    """Measure in this process; MiB of peak memory above what stood before, and CPU seconds."""
    from layeratlas.runs.threads import limit_threads

    limit_threads()
    import numpy as np
    import xarray as xr

    from layeratlas.backends import get_backend
    from layeratlas.engine import archive
    from layeratlas.engine.loop import train_shard
    from layeratlas.engine.settings import TrainingSettings
    from layeratlas.measure import measure_shard
    from layeratlas.networks.registry import create_family
    from layeratlas.runs.plan import ShardPlan

    asked = CASES[case]
    tokens = len(asked["shape"]) == 1
    loss = "cross_entropy" if tokens else "mean_squared_error"
    training = TrainingSettings(
        optimizer="sgd", epochs=1, batch_size=16, early_stop=None, loss=loss
    ).model_dump(mode="json")
    members = {"label_noise": (0.0,), "input_noise": (0.0,), "seed": (1,)}
    members["learning_rate"] = (1e-3,)
    training.pop("learning_rate")
    shared = {"model": asked["model"], "training": training, "dtype": "float32"}
    plan = ShardPlan("memory", ("run",), shared, members, (0, 1))
    rng = np.random.default_rng(0)
    n = asked["view"]["images"]
    axes = ("position",) if tokens else ("channel", "row", "column")

    def drawn(part: str, count: int) -> dict[str, Any]:
        if tokens:
            x = rng.integers(asked["outputs"], size=(count, *asked["shape"]))
            y = ((f"{part}_sample", *axes), np.roll(x, -1, 1))
        else:
            x = rng.standard_normal((count, *asked["shape"]), dtype=np.float32)
            y = (f"{part}_sample", rng.integers(asked["outputs"], size=count))
        return {f"{part}_inputs": ((f"{part}_sample", *axes), x), f"{part}_targets": y}

    kind = "tokens" if tokens else "classes"
    dataset = xr.Dataset(
        drawn("train", n) | drawn("test", 16),
        attrs={"n_outputs": asked["outputs"], "target_kind": kind},
    )
    dataset["clean_train_targets"] = dataset["train_targets"]
    backend = get_backend("cpu", "float32", torch=True)
    x, y = dataset["train_inputs"].values[:16], dataset["train_targets"].values[:16]
    result = train_shard(plan, x, y, n_outputs=asked["outputs"], backend=backend)
    family = create_family(asked["model"], asked["shape"], asked["outputs"], tokens=tokens)
    tree = archive.to_tree(plan, family, result, "memory")
    before, start = _peak(), time.process_time()
    found = measure_shard(
        plan,
        tree,
        dataset,
        metrics=METRICS,
        views={"train": asked["view"]},
        evaluation_images=16,
        backend=backend,
    )
    last = found["affine"].to_dataset().isel(epoch=-1)
    assert np.isfinite(last["uc_nfc"].values).all()
    return {
        "MiB above idle": round(_peak() - before),
        "MiB idle": round(before),
        "maps": last.sizes["affine"],
        "CPU s": round(time.process_time() - start, 1),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=list(CASES))
    case = parser.parse_args().case
    if case:
        print(json.dumps(measured(case)))
        return
    for name in CASES:
        done = subprocess.run(
            [sys.executable, __file__, "--case", name], check=True, capture_output=True, text=True
        )
        print(f"{name}: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
