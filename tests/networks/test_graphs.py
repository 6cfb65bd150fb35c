"""What ensembles by autograd share: who shares a graph, and where gradients go."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from layeratlas.backends import get_backend
from layeratlas.networks.graphs import GraphEnsemble
from layeratlas.networks.stack import layouts

PARAMETERS, STATISTICS = layouts([(3, 2)], ())


@pytest.fixture
def ensemble() -> GraphEnsemble:
    family = SimpleNamespace(parameters=PARAMETERS, statistics=STATISTICS, graph_size=1000)
    backend = get_backend("cpu", "float64", torch=True)
    theta = torch.arange(4.0 * PARAMETERS.width, dtype=torch.float64).view(4, -1)
    return GraphEnsemble(family, backend, theta, torch.zeros(4, STATISTICS.width), None)


def test_on_the_cpu_each_member_has_its_own_graph(ensemble):
    assert ensemble.groups(10) == [slice(i, i + 1) for i in range(4)]


def test_on_a_gpu_the_devices_whole_memory_says_how_many_share_one(ensemble, monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (0, 1_200_000))
    ensemble.backend.device = "cuda"
    # 3 · 1000 floats · 10 samples · 8 bytes a member, of 0.4 of the memory.
    assert ensemble.groups(10) == [slice(0, 2), slice(2, 4)]
    assert ensemble.groups(1000) == [slice(i, i + 1) for i in range(4)]


def test_gradients_and_losses_go_to_their_members(ensemble):
    group = slice(1, 3)
    leaves = ensemble.leaves(group)
    losses = leaves["weight_1"].square().sum((1, 2))
    ensemble.differentiate(losses, group, leaves)
    gradients = PARAMETERS.views(ensemble.gradient)
    np.testing.assert_array_equal(gradients["weight_1"][group], 2 * leaves["weight_1"].detach())
    assert not gradients["weight_1"][[0, 3]].any() and not gradients["bias_1"].any()
    np.testing.assert_array_equal(ensemble.loss[group], losses.detach())


def test_features_alone_need_no_loss(ensemble):
    with pytest.raises(AssertionError, match="for its features alone"):
        ensemble.minimised  # noqa: B018
