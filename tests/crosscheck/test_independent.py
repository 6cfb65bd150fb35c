"""Tangent kernels and recursions against nngeometry and neural-tangents, where these are there.

They are no requirement of the package and none of its tests: CONTRIBUTING.md says how to make the
environment that has them. Without them each test is skipped and says which package is missing.
"""

from __future__ import annotations

import importlib
import math
import os
import sys
import types

import numpy as np
import pytest
import torch
from made import crosschecked
from made.modules import family_of
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.infinite_width.kernel import tangent_kernel
from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.tangent.factors import rows_of_kernel
from layeratlas.signals.tangent.walk import factors
from layeratlas.signals.tape import passed
from layeratlas.signals.views import Seen, View

SHAPE, OUTPUTS, N = (2, 5, 4), 3, 6
NETS = ("MLP", "CNN")


@pytest.fixture(scope="module")
def nngeometry():
    return pytest.importorskip("nngeometry", reason="the package nngeometry is not installed")


@pytest.fixture(scope="module")
def tangents():
    """neural-tangents in double precision on the CPU, without its part that asks for TensorFlow."""
    pytest.importorskip("jax", reason="the package jax is not installed")
    os.environ["JAX_PLATFORMS"] = "cpu"
    sys.modules.setdefault(
        "neural_tangents.experimental", types.ModuleType("neural_tangents.experimental")
    )
    found = pytest.importorskip(
        "neural_tangents", reason="the package neural-tangents is not installed"
    )
    importlib.import_module("jax").config.update("jax_enable_x64", True)
    return found


def ours(make_plan, name):
    """The kernel of every map by the project, and the same network and images as plain torch."""
    family = family_of("", f"made.crosschecked:{name}", input_shape=SHAPE, n_outputs=OUTPUTS)
    theta, statistics = family.initialize([3])
    theta = np.asarray(theta, np.float64)
    theta += 0.1 * np.random.default_rng(1).normal(size=theta.shape)
    plan = make_plan(1)
    plan.shared["model"] = {"family": "module"}
    plan.shared["dtype"] = "float64"
    trained = Trained(plan, family, get_backend("cpu", "float64", torch=True))
    network = Network(trained, np.arange(1), theta, statistics)
    x = np.random.default_rng(2).normal(size=(N, math.prod(SHAPE)))
    seen = passed(network, Seen(View(), x, np.arange(N) % OUTPUTS))
    kernels = []
    for _, (one,) in factors(network, seen):
        kernel = torch.zeros(OUTPUTS, N, OUTPUTS, N, dtype=torch.float64)
        for c, rows in rows_of_kernel(one):
            kernel[c, :, : c + 1] = rows
            kernel[: c + 1, :, c] = rows.permute(1, 2, 0)
        kernels.append(kernel)
    net = getattr(crosschecked, name)(SHAPE, OUTPUTS).double()
    views = family.parameters.views(theta)
    for affine, module in zip(family.affines, affine_of(net), strict=True):
        for parameter, own in ((module.weight, affine.weight), (module.bias, affine.bias)):
            parameter.data[:] = torch.as_tensor(views[own][0]).view_as(parameter)
    x = torch.as_tensor(x).view(N, *SHAPE)
    torch.testing.assert_close(net(x), seen.f[0], rtol=1e-12, atol=1e-12)
    return kernels, net, x


def affine_of(net):
    return [m for m in net.modules() if isinstance(m, nn.Linear | nn.Conv2d)]


def difference(found, expected):
    """Largest difference, in units of the largest entry."""
    return float((found - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize(
    "name, within",
    # Its gradients of convolutions of single examples lose double precision.
    [("MLP", 1e-12), ("CNN", 1e-6)],
)
def test_kernels_of_nngeometry(nngeometry, make_plan, name, within, record_property):
    from nngeometry.backend import TorchHooksJacobianBackend
    from nngeometry.layercollection import LayerCollection
    from torch.utils.data import DataLoader, TensorDataset

    kernels, net, x = ours(make_plan, name)
    for module, kernel in zip(affine_of(net), kernels, strict=True):
        only = LayerCollection()
        only.add_layer_from_model(net, module)
        loader = DataLoader(TensorDataset(x.clone()), batch_size=N)
        backend = TorchHooksJacobianBackend(net, layer_collection=only)
        away = difference(kernel, backend.get_gram_matrix(loader).detach())
        record_property("difference", away)
        print(f"nngeometry, {name}, {module}: {away:.1e}")
        assert away < (1e-12 if isinstance(module, nn.Linear) else within)


@pytest.mark.parametrize("name", NETS)
def test_finite_kernels_of_neural_tangents(tangents, make_plan, name):
    import jax.numpy as jnp

    kernels, net, x = ours(make_plan, name)
    modules = affine_of(net)
    given = [tuple(jnp.array(p.detach().numpy()) for p in (m.weight, m.bias)) for m in modules]
    for at, kernel in enumerate(kernels):

        def f(parameters, x, at=at):
            return by_jax([*given[:at], parameters, *given[at + 1 :]], x, modules)

        kernel_of = tangents.empirical_ntk_fn(
            f, trace_axes=(), implementation=tangents.NtkImplementation.NTK_VECTOR_PRODUCTS
        )
        theirs = torch.tensor(np.array(kernel_of(jnp.array(x.numpy()), None, given[at])))
        away = difference(kernel, theirs.permute(2, 0, 3, 1))
        print(f"neural-tangents, {name}, {modules[at]}: {away:.1e}")
        assert away < 1e-12


def by_jax(parameters, x, modules):
    """The same network, written out."""
    import jax

    for module, (w, b) in zip(modules, parameters, strict=True):
        if isinstance(module, nn.Conv2d):
            padding = [(p, p) for p in module.padding]
            x = jax.lax.conv_general_dilated(x, w, (1, 1), padding) + b[None, :, None, None]
        else:
            x = x.reshape(len(x), -1) @ w.T + b
        if module is not modules[-1]:
            x = jax.nn.relu(x)
    return x


@pytest.mark.parametrize("layers", [10, 20])
def test_infinite_kernels_of_neural_tangents(tangents, layers):
    """NNGP correlations are fc_l, and the tangent kernel is 2 Σ fc_l bc_l, inputs of norm √d."""
    from neural_tangents import stax

    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 12))
    x *= math.sqrt(12) / np.linalg.norm(x, axis=1, keepdims=True)
    first, second = np.triu_indices(5, 1)
    cosine = (x @ x.T)[first, second] / 12
    dense = stax.Dense(1, W_std=math.sqrt(2.0), b_std=None)
    maps = [dense]
    for _ in range(layers - 1):
        maps += [stax.Relu(), dense]
    kernel = stax.serial(*maps)[2]
    found = kernel(x, None, ("nngp", "ntk"))
    theory = np.asarray(tangent_kernel(cosine, layers))
    away = np.abs(np.asarray(found.ntk)[first, second] / theory - 1).max()
    print(f"tangent kernel, L = {layers}: {away:.1e}")
    assert away < 1e-10
    # σ_w² of the read-out doubles what it reads: correlations of its outputs are fc_L.
    fc = np.asarray(correlations(Rectifier(0.0), cosine, layers).forward)[..., -1]
    away = np.abs(np.asarray(found.nngp)[first, second] / 2 - fc).max()
    print(f"NNGP, L = {layers}: {away:.1e}")
    assert away < 1e-12
