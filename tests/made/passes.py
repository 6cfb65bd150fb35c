"""Networks of every family in double precision, and images that they see."""

from __future__ import annotations

import math

import numpy as np

from layeratlas.backends import get_backend
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View
from made.steps import MODELS, SHAPE, family_and_weights


def network_of(make_plan, model, on_torch=False, members=1):
    family, theta, statistics = family_and_weights(MODELS[model])
    theta = np.stack([theta, 0.7 * theta[::1]])[:members]
    plan = make_plan(members)
    plan.shared["model"] = MODELS[model]
    trained = Trained(plan, family, get_backend("cpu", "float64", torch=on_torch))
    start = theta + 1
    running = np.stack([statistics] * members)
    return Network(trained, np.arange(members), theta, running, start, None, running)


def images(n=11, batch_norm="running_statistics", **view):
    rng = np.random.default_rng(5)
    x, labels = rng.normal(size=(n, math.prod(SHAPE))), rng.integers(3, size=n)
    return Seen(View(batch_norm=batch_norm, **view), x, labels)
