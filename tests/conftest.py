"""One thread; and what several rooms of tests share: plans, data, a plain network."""

from __future__ import annotations

import itertools
import os

from layeratlas.runs.threads import limit_threads

limit_threads()
# Tests read what Snakemake itself says; those of the display ask for it.
os.environ["LAYERATLAS_TERMINAL"] = "snakemake"

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from pydantic import BaseModel  # noqa: E402

from layeratlas.engine.settings import TrainingSettings  # noqa: E402
from layeratlas.extending import loading, places  # noqa: E402
from layeratlas.kinds.training import MEMBER_SETTINGS  # noqa: E402
from layeratlas.networks.settings import MLPSettings  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402
from layeratlas.runs.settings import plain_settings  # noqa: E402

pytest_plugins = (
    "made.collecting",
    "made.compiled",
    "made.synthetic",
    "made.simulated",
    "made.probed",
    "made.readable",
    "made.chains",
    "made.slurm",
    "made.first_figure",
    "made.browser",
    "made.views",
    "made.notebooks",
)

# Compiling a kernel on its first use says nothing about a test's speed.
settings.register_profile("layeratlas", deadline=None)
settings.load_profile("layeratlas")


@pytest.fixture(autouse=True)
def no_users_files(monkeypatch):
    """What one test ran of users' files is on no other's records, and read by no other; and none
    takes them from where a fixture that several tests share has settled."""
    monkeypatch.setattr(loading, "_ran", {})
    monkeypatch.setattr(places, "_settled", None)


def plain_plan(
    size: int = 3,
    *,
    network: type[BaseModel] = MLPSettings,
    model: dict | None = None,
    training: dict | None = None,
    checkpoints: tuple[int, ...] | None = None,
    dtype: str = "float64",
    **members,
) -> ShardPlan:
    """A small shard: a 3-layer MLP without batch norm, two epochs of Adam, no noise.

    `model` and `training` change settings of the shard, `network` says whose settings `model` are;
    other keywords change member settings, a number for all members or one number each.
    """
    small = {"depth": 3, "width": 9, "batch_norm": False} if network is MLPSettings else {}
    net = network(**small | (model or {})).model_dump()
    steps = {"epochs": 2, "batch_size": 20, "early_stop": None} | (training or {})
    steps = plain_settings(TrainingSettings(**steps))
    values = {
        "negative_slope": 0.1,
        "dropout": 0.0,
        "learning_rate": 1e-2,
        "label_noise": 0.0,
        "input_noise": 0.0,
        "seed": tuple(range(1, size + 1)),
    } | members
    for path in MEMBER_SETTINGS.values():
        net.pop(path[-1], None)
        steps.pop(path[-1], None)
    vectors = {
        name: tuple(value) if np.ndim(value) else (value,) * size for name, value in values.items()
    }
    return ShardPlan(
        key="test",
        run_ids=tuple(f"run{i}" for i in range(size)),
        shared={"model": net, "training": steps, "dtype": dtype},
        members=vectors,
        checkpoints=(0, steps["epochs"]) if checkpoints is None else checkpoints,
    )


def sub_plan(plan: ShardPlan, chosen) -> ShardPlan:
    """The shard of some of a plan's runs, in the order given."""
    return ShardPlan(
        key=plan.key,
        run_ids=tuple(plan.run_ids[i] for i in chosen),
        shared=plan.shared,
        members={name: tuple(v[i] for i in chosen) for name, v in plan.members.items()},
        checkpoints=plan.checkpoints,
    )


def gaussian_classes(n=50, d=7, n_classes=3, seed=0):
    """Images `(n, d)` float64 from `n_classes` Gaussian clouds, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_classes, size=n)
    centres = rng.normal(size=(n_classes, d))
    return centres[labels] + 0.7 * rng.normal(size=(n, d)), labels


@pytest.fixture(scope="session")
def make_plan():
    """`plain_plan`."""
    return plain_plan


@pytest.fixture(scope="session")
def select():
    """`sub_plan`."""
    return sub_plan


@pytest.fixture(scope="session")
def clouds():
    """`gaussian_classes`."""
    return gaussian_classes


@pytest.fixture(scope="session")
def plain_network():
    """`network(family, theta, statistics, member, slope)`: one member as an `nn.Module`.

    Written with nn.Linear, nn.BatchNorm1d and leaky_relu alone, in float64. `forward(x, masks)`
    returns the features of layers 0 … L; `named()` gives its tensors under the engine's names.
    """
    from made.plain import PlainModule
    from torch import nn

    class PlainNetwork(PlainModule):
        def __init__(self, family, theta, statistics, member: int, slope: float):
            sizes = family.layer_sizes
            super().__init__(
                (nn.Linear(a, b) for a, b in itertools.pairwise(sizes)),
                (
                    nn.BatchNorm1d(size) if family.has_batch_norm else nn.Identity()
                    for size in sizes[:-1]
                ),
            )
            self.slope, self.depth = float(slope), family.depth
            self.fill(family, theta, statistics, member)

        def forward(self, x, masks=None):
            h = self.norms[0](x)
            features = [h]
            for layer in range(1, self.depth):
                a = self.norms[layer](self.maps[layer - 1](h))
                a = nn.functional.leaky_relu(a, self.slope)
                features.append(a)
                h = a if masks is None else a * masks[layer]
            features.append(self.maps[-1](h))
            return features

    return PlainNetwork


@pytest.fixture(scope="session")
def plain_loss():
    """`loss(name)(logits, labels)` in torch's own words."""
    from torch.nn import functional

    def mean_squared_error(logits, labels):
        onehot = functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
        return functional.mse_loss(logits, onehot)

    return {
        "cross_entropy": functional.cross_entropy,
        "mean_squared_error": mean_squared_error,
    }.__getitem__
