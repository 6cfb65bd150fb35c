"""The loss of one member of a plan: its own weights, settings and seed."""

from __future__ import annotations

import numpy as np
import torch
from made.networks import random_ensemble

from layeratlas.backends import get_backend
from layeratlas.networks.mlp import MLP
from layeratlas.signals import loss
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View


def test_it_is_the_mean_loss_of_that_member(make_plan, clouds):
    family = MLP(depth=3, width=4, n_features=5, n_classes=3, batch_norm=False)
    backend = get_backend("cpu", "float64")
    theta, statistics = random_ensemble(family, 3, 0)
    plan = make_plan(3, negative_slope=(0.0, 0.3, 0.9), seed=(5, 6, 7))
    x, labels = clouds(n=12, d=5)
    trained = Trained(plan, family, backend)
    for member in range(3):
        one = Network(trained, np.array([member]), theta[[member]], statistics[[member]])
        made = loss.member_loss(one, Seen(View(), x, labels))
        *_, logits = one.features(x)
        expected = torch.nn.functional.cross_entropy(
            torch.as_tensor(logits.values[0]), torch.as_tensor(labels)
        )
        torch.testing.assert_close(loss.function(made)(loss.point(made)), expected)
        assert len(loss.point(made)) == sum(t.size for t in family.parameters.tensors)
        assert loss.seed(one) == 5 + member
