"""Tangent kernels of the zoo's networks against Jacobians of the plain modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.func import functional_call, jacrev, vmap

from layeratlas.backends import get_backend
from layeratlas.metrics import tangent
from layeratlas.networks.module.construct import construct
from layeratlas.networks.registry import create_family
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.tangent.walk import walked
from layeratlas.signals.tape import passed
from layeratlas.signals.views import Seen, View

SHAPE, N, C = (1, 8, 8), 5, 3
# What each adds: strided and 1×1 convolutions, shortcuts, affine pairs of batch norm.
NETWORKS = {
    "vgg": ("vgg:VGG", {"width": 1 / 16}),
    "vgg with batch norm": ("vgg:VGG", {"width": 1 / 16, "batch_norm": True}),
    "resnet": ("resnet:ResNet", {"width": 1 / 16}),
    "resnet of bottlenecks": ("resnet:ResNet", {"depth": 50, "width": 1 / 32}),
    "small_cnn": ("small_cnn:SmallCNN", {"width": 1 / 8}),
}


@pytest.fixture(params=NETWORKS)
def network(request, make_plan) -> Network:
    """One member away from its start, its statistics of batch norm too."""
    place, settings = NETWORKS[request.param]
    model = {
        "family": "module",
        "from": f"layeratlas.networks.zoo.{place}",
        "settings": settings,
        "initialization": "kaiming_normal",
    }
    family = create_family(model, SHAPE, C)
    rng = np.random.default_rng(0)
    theta, statistics = family.initialize([0])
    theta += 0.05 * rng.normal(size=theta.shape)
    for name, view in family.statistics.views(statistics).items():
        # Small variances keep images apart through all layers.
        view += rng.uniform(-0.7, -0.3, view.shape) if name.endswith("var") else 0.1
    for tensor in family.parameters.tensors:
        # Else most units of a normalised network are dead under statistics that are not its own.
        if tensor.role == "shift":
            family.parameters.views(theta)[tensor.name][...] += 0.3
    plan = make_plan(1)
    plan.shared["model"] = model
    trained = Trained(plan, family, get_backend("cpu", "float64", torch=True))
    return Network(trained, np.arange(1), theta, statistics, theta)


def jacobians_of(network: Network, x: np.ndarray) -> dict[str, torch.Tensor]:
    """`(sample, output, *shape)` of every parameter, of the module as its authors would run it."""
    family = network.family
    module = construct(family.reference, family.settings, SHAPE, C, 0).double().eval()
    parameters = family.parameters.views(torch.as_tensor(network.theta))
    running = family.statistics.views(torch.as_tensor(network.statistics))
    held = {n: v[0] for n, v in running.items() if n != "none"}
    named = {n: v[0] for n, v in parameters.items()}

    def f(tensors, image):
        return functional_call(module, tensors | held, (image[None],))[0]

    found = vmap(jacrev(f), (None, 0))(named, torch.as_tensor(x).view(N, *SHAPE))
    return {name: value.detach() for name, value in found.items()}


def test_kernels_of_all_maps_are_those_of_the_modules_jacobians(network):
    rng = np.random.default_rng(5)
    x, labels = rng.normal(size=(N, 64)), np.array([0, 1, 2, 0, 1])
    seen = Seen(View(), x, labels)
    found = walked(network, passed(network, seen))
    jacobians = jacobians_of(network, x)
    y = torch.eye(C, dtype=torch.float64)[labels]
    y = (y - y.mean(0)).T.reshape(-1)
    whole = 0
    kinds = set()
    for at, affine in enumerate(network.family.affines):
        kinds.add((affine.kind, affine.main_path))
        names = [affine.weight] if affine.bias is None else [affine.weight, affine.bias]
        psi = torch.cat([jacobians[name].reshape(N, C, -1) for name in names], dim=-1)
        psi = (psi - psi.mean(0)).transpose(0, 1).reshape(C * N, -1)
        k = psi @ psi.T
        whole = whole + k
        norm = float(k.norm())
        got = tangent.tangent_kernel_norm(found)[at, 0], tangent.alignment(found)[at, 0]
        expected = norm, float(y @ k @ y) / (norm * float(y @ y))
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=affine.name)
    if "resnet" in network.family.reference:
        assert kinds == {("conv", True), ("conv", False), ("scale", True), ("scale", False),
                         ("dense", True)}  # fmt: skip
    expected = float(y @ whole @ y) / (float(whole.norm()) * float(y @ y))
    np.testing.assert_allclose(tangent.network_alignment(found)[0], expected, rtol=1e-9)
