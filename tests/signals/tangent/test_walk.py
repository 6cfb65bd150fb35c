"""Tangent kernels of all maps against Jacobians of autograd, sums and all."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.passes import images, network_of
from made.steps import MODELS, forward_of
from torch.func import jacrev

from layeratlas.metrics import tangent
from layeratlas.signals.network import Network
from layeratlas.signals.tangent.targets import against
from layeratlas.signals.tangent.walk import growth, walked
from layeratlas.signals.tape import passed

every_model = pytest.mark.parametrize("model", MODELS)


def kernels_by_jacobians(network, seen):
    """`(output, sample, output, sample)` of each map of the only network, and outputs."""
    family = network.family
    views = family.parameters.views(torch.as_tensor(network.theta))
    running = family.statistics.views(torch.as_tensor(network.statistics))
    slope = {"negative_slope": torch.tensor([0.1], dtype=torch.float64)}
    x = torch.as_tensor(seen.x)[None]

    def f(named):
        return forward_of(family)(family, named, running, x, slope, "running_statistics")[0][-1][0]

    jacobians = jacrev(f)(views)
    found = []
    for affine in family.affines:
        names = [affine.weight] if affine.bias is None else [affine.weight, affine.bias]
        psi = torch.cat([jacobians[name].flatten(2) for name in names], dim=-1)
        found.append(torch.einsum("icp,jdp->cidj", psi, psi))
    return found, f(views)


def of_plain(kernel, y):
    """Alignment and its twins in their plainest words, of `(output, sample, …)` and `(C, n)`."""
    outputs, n = y.shape
    h = torch.eye(n, dtype=torch.float64) - 1 / n
    k = torch.einsum("ai,cidj,jb->cadb", h, kernel, h).reshape(outputs * n, -1)
    flat, labels = y.reshape(-1), y.T @ y.T.T
    traced = h @ torch.einsum("cicj->ij", kernel) @ h
    yy = flat @ flat
    return {
        "alignment": flat @ k @ flat / (k.norm() * yy),
        "alignment_uncentred": flat @ k @ flat / (kernel.reshape(len(flat), -1).norm() * yy),
        "alignment_traced": (traced * labels).sum() / (traced.norm() * labels.norm()),
        "alignment_second_moment": (k @ flat).norm() ** 2 / (k.norm() ** 2 * yy),
        "tangent_kernel_norm": k.norm(),
        "tangent_kernel_trace": torch.einsum("cici->", kernel),
    }


@every_model
def test_kernels_of_all_maps_are_those_of_their_jacobians(make_plan, model):
    network, seen = network_of(make_plan, model), images()
    kernels, f = kernels_by_jacobians(network, seen)
    found = walked(network, passed(network, seen))
    held = against(f, torch.as_tensor(seen.targets), loss_of_plan(network), "train/0")
    y = held.labels
    for at, kernel in enumerate(kernels):
        for name, value in of_plain(kernel, y).items():
            got = getattr(tangent, name)(found)[at, 0]
            np.testing.assert_allclose(got, value, rtol=1e-10, atol=1e-12, err_msg=name)
    whole = sum(kernels)
    np.testing.assert_allclose(found.whole[0], whole, rtol=1e-10, atol=1e-12)
    got = tangent.network_alignment(found)[0]
    np.testing.assert_allclose(got, of_plain(whole, y)["alignment"], rtol=1e-10)


def loss_of_plan(network):
    from layeratlas.losses.registry import loss_of

    return loss_of(network.plan.shared["training"])


def test_a_network_that_did_not_change_has_grown_by_nothing(make_plan):
    network, seen = network_of(make_plan, next(iter(MODELS))), images()
    found = growth(network, passed(network, seen), passed(network, seen))
    np.testing.assert_allclose(found.along_labels, 0, atol=1e-12)
    np.testing.assert_allclose(found.of_norm, 0, atol=1e-12)


@every_model
def test_growth_is_that_of_the_kernels_by_jacobians(make_plan, model):
    """r₁, r₂ and the change of log A from explicit centred kernels of two moments."""
    old, seen = network_of(make_plan, model), images()
    rng = np.random.default_rng(0)
    theta = old.theta + 0.1 * rng.standard_normal(old.theta.shape)
    new = Network(old.trained, old.rows, theta, old.statistics)
    found = growth(old, passed(old, seen), passed(new, seen))
    had, f = kernels_by_jacobians(old, seen)
    has, _ = kernels_by_jacobians(new, seen)
    held = against(f, torch.as_tensor(seen.targets), loss_of_plan(old), "train/0")
    y = held.labels.reshape(-1)
    outputs, n = held.labels.shape
    h = torch.eye(n, dtype=torch.float64) - 1 / n
    for at, pair in enumerate(zip(had, has, strict=True)):
        k, after = (
            torch.einsum("ai,cidj,jb->cadb", h, one, h).reshape(outputs * n, -1) for one in pair
        )
        d = after - k
        r1, r2 = y @ d @ y / (y @ k @ y), (k * d).sum() / k.norm() ** 2
        alignments = [float(y @ one @ y / one.norm()) for one in (k, after)]
        for got, value in (
            (tangent.alignment_growth(found), r1),
            (tangent.norm_growth(found), r2),
            (tangent.alignment_change(found), np.log(alignments[1] / alignments[0])),
        ):
            np.testing.assert_allclose(got[at, 0], value, rtol=1e-9, atol=1e-11)
