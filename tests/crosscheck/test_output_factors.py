"""Second moments of cotangents against the output factors of nngeometry and of BackPACK.

K of a map is the output side of the Kronecker-factored Gauss–Newton matrix of a squared error, up
to one scalar a map (specification of the alignment paper, §5.1, §9). nngeometry's is K whatever the
map; BackPACK's KFLR sums gradients of a convolution over positions before their outer product, the
wrong form of §1.3, so it is K of dense maps alone. Without a package its tests are skipped.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from made.asked import signals_of
from made.modules import family_of
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.networks.module.construct import construct
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View

SHAPE, OUTPUTS, N = (2, 5, 4), 3, 6
networks = pytest.mark.parametrize("name", ["MLP", "CNN"])


def ours(make_plan, name, *signals):
    """Signals of every map, and the same network with its affine modules and images in torch."""
    reference = f"made.crosschecked:{name}"
    family = family_of("", reference, input_shape=SHAPE, n_outputs=OUTPUTS)
    theta, statistics = (np.asarray(v, np.float64) for v in family.initialize([3]))
    theta += 0.1 * np.random.default_rng(1).normal(size=theta.shape)
    plan = make_plan(1)
    plan.shared["model"] = {"family": "module"}
    trained = Trained(plan, family, get_backend("cpu", "float64", torch=True))
    x = np.random.default_rng(2).normal(size=(N, math.prod(SHAPE)))
    seen = Seen(View(), x, np.arange(N) % OUTPUTS)
    network = Network(trained, np.arange(1), theta, statistics)
    found = signals_of(pytest.MonkeyPatch(), network, seen, signals)
    net = construct(reference, {}, SHAPE, OUTPUTS, 0).double()
    views = family.parameters.views(theta)
    own = dict(net.named_parameters())
    with torch.no_grad():
        for affine in family.affines:
            for key in (affine.weight, affine.bias):
                own[key].copy_(torch.as_tensor(views[key][0]))
    modules = [net.get_submodule(affine.name) for affine in family.affines]
    values = [[torch.as_tensor(value[0]) for value in found[name]] for name in signals]
    return values, net, modules, torch.as_tensor(x).view(N, *SHAPE)


def away(found, expected):
    """Largest difference once traces agree, in units of the largest entry."""
    expected = expected * (found.trace() / expected.trace())
    return float((found - expected).abs().max() / expected.abs().max())


@networks
def test_output_factors_of_nngeometry(make_plan, name):
    pytest.importorskip("nngeometry", reason="the package nngeometry is not installed")
    from nngeometry.metrics import FIM
    from nngeometry.object import PMatKFAC
    from torch.utils.data import DataLoader, TensorDataset

    (moments,), net, modules, x = ours(make_plan, name, "output_moments")
    loader = DataLoader(TensorDataset(x, torch.zeros(N)), batch_size=N)
    factors = FIM(net, loader, PMatKFAC, variant="regression", function=lambda *d: net(d[0]))
    theirs = [factor for _, factor in factors.data.values()]
    for module, k, factor in zip(modules, moments, theirs, strict=True):
        difference = away(k[0], factor.detach())
        print(f"nngeometry, {name}, {module}: {difference:.1e}")
        assert difference < 1e-10


@networks
def test_output_factors_of_backpack(make_plan, name):
    # Its name is not that of its distribution.
    backpack = pytest.importorskip(
        "backpack", reason="the package backpack-for-pytorch is not installed"
    )
    kflr = pytest.importorskip("backpack.extensions").KFLR()
    (moments, cotangents), net, modules, x = ours(
        make_plan, name, "output_moments", "cotangents:classes"
    )
    net, loss = backpack.extend(net), backpack.extend(nn.MSELoss(reduction="sum"))
    with backpack.backpack(kflr):
        loss(net(x), torch.zeros(N, OUTPUTS, dtype=torch.float64)).backward()
    for module, k, g in zip(modules, moments, cotangents, strict=True):
        theirs = module.weight.kflr[0].detach()
        summed = g.sum(2)
        wrong = torch.einsum("oai,oaj->ij", summed, summed)
        right, other = away(k[0], theirs), away(wrong, theirs)
        print(f"backpack, {name}, {module}: K {right:.1e}, positions summed first {other:.1e}")
        assert other < 1e-10
        assert right < 1e-10 if isinstance(module, nn.Linear) else right > 0.05
