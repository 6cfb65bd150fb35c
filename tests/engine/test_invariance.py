"""A run's bits depend on its own settings alone: not on slots, shards, neighbours or breaks.

On the workloads the engine is for: the paper's network with full batches of 10 × 10 images, and
a wider input without batch norm in batches of 100 with everything noisy.
"""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from layeratlas.backends import get_backend
from layeratlas.datasets import DatasetRecipe, prepare
from layeratlas.engine.loop import train_shard

MEMBERS = 6
BROKEN = 4  # diverges at once, whatever its neighbours do
WORKLOADS = {
    "full batch, batch norm": {
        "size": 10,
        "model": {"depth": 8, "width": 100, "batch_norm": True},
        "batch_size": "full",
        "dropout": (0.0, 0.0, 0.28, 0.0, 0.0, 0.1),
        "label_noise": (0.0, 0.0, 0.0, 0.7, 0.0, 0.0),
        "input_noise": (0.0, 0.0, 0.0, 0.7, 0.0, 0.0),
    },
    "batches of 100, noise": {
        "size": 28,
        "model": {"depth": 8, "width": 100, "batch_norm": False},
        "batch_size": 100,
        "dropout": (0.0, 0.1, 0.0, 0.0, 0.0, 0.0),
        "label_noise": (0.3, 0.3, 0.0, 0.5, 0.3, 0.3),
        "input_noise": (0.3, 0.3, 0.0, 0.5, 0.3, 0.0),
    },
}
CHILD = """
import json, sys
from layeratlas.runs.threads import limit_threads
limit_threads()
import numpy as np
from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.runs.plan import ShardPlan
plan = ShardPlan.from_json(json.load(sys.stdin))
given = np.load(sys.argv[1])
backend = get_backend("cpu", plan.shared["dtype"])
result = train_shard(plan, given["x"], given["y"], n_outputs=10, backend=backend, slot_size=3)
np.savez(sys.argv[2], **result.arrays())
"""


@pytest.fixture(scope="module", params=WORKLOADS)
def workload(request):
    """Settings, images and labels; 2,560 images do not fill the last batch of 100."""
    settings = WORKLOADS[request.param]
    recipe = DatasetRecipe(source="mnist_5k", n_train=2560, n_test=10, size=settings["size"])
    data = prepare(recipe, download=False, progress=False)
    return settings, data["train_inputs"].values.reshape(2560, -1), data["train_targets"].values


@pytest.mark.parametrize("epochs", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_a_runs_bits_are_its_own(workload, epochs, make_plan, select, tmp_path):
    settings, images, labels = workload

    def plan_with(early_stop):
        return make_plan(
            MEMBERS,
            model=settings["model"],
            training={
                "epochs": epochs,
                "batch_size": settings["batch_size"],
                "early_stop": early_stop,
            },
            checkpoints=(0, 1, epochs),
            dtype="float32",
            negative_slope=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
            learning_rate=(1e-3, 2e-3, 1e-2, 1e-3, 1e39, 3e-3),
            seed=(1, 2, 1, 3, 1, 2),
            **{name: settings[name] for name in ("dropout", "label_noise", "input_noise")},
        )

    def train(plan, **options):
        backend = get_backend("cpu", "float32")
        return train_shard(plan, images, labels, n_outputs=10, backend=backend, **options)

    # A bound that the fastest members meet on the way and the slowest never.
    curve = train(plan_with(None), slot_size=8).train_loss[:, : max(1, epochs - 1)]
    bound = float(np.nanmedian(curve[:, -1]))
    plan = plan_with({"loss_below": bound, "change_below": 0.0})
    whole = train(plan, slot_size=8)
    assert whole.status.tolist() == [int(i == BROKEN) for i in range(MEMBERS)]
    assert len(set(whole.epochs_run)) > 1

    def assert_same(result, rows=slice(None)):
        for name, value in whole.arrays().items():
            np.testing.assert_array_equal(result.arrays()[name], value[rows], err_msg=name)

    for size in (1, 2, 3):
        assert_same(train(plan, slot_size=size))
    for rows in ([5, 4, 3, 2, 1, 0], [3], [2, 0, 5]):
        assert_same(train(select(plan, rows), slot_size=8), rows)

    states = []
    train(plan, slot_size=3, save_every=0,
          save=lambda a: states.append({k: v.copy() for k, v in a.items()}))  # fmt: skip
    for state in (states[0], states[len(states) // 2]):
        assert_same(train(plan, slot_size=8, resume=state))

    np.savez(tmp_path / "data.npz", x=images, y=labels)
    files = [str(tmp_path / name) for name in ("data.npz", "result.npz")]
    subprocess.run(
        [sys.executable, "-c", CHILD, *files],
        input=json.dumps(plan.to_json()), text=True, check=True, timeout=600,
    )  # fmt: skip
    with np.load(files[1]) as elsewhere:
        for name, value in whole.arrays().items():
            np.testing.assert_array_equal(elsewhere[name], value, err_msg=name)
