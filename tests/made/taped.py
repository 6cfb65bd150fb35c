"""The tape of a module's pass against autograd, whatever the module is."""

from __future__ import annotations

import torch

from layeratlas.networks.module.forward import module_forward
from layeratlas.networks.tape import Tape, matrix

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def taped(family, x, mode="running_statistics", seed=1):
    """Features, parameters and tape of one member at its start."""
    theta, statistics = (torch.as_tensor(v) for v in family.initialize([seed]))
    named = {n: v.clone().requires_grad_() for n, v in family.parameters.views(theta).items()}
    tape = Tape()
    features, _ = module_forward(
        family, named, family.statistics.views(statistics), x[None], {}, mode, None, tape
    )
    return features, named, tape


def check_maps(family, features, named, tape, weights):
    """Outputs are W x + b, and gradients sums of cotangents times inputs over a weight's uses."""
    loss = (features[-1] * weights).sum()
    loss.backward(retain_graph=True)
    assert set(tape) == {a.name for a in family.affines}
    sums: dict[str, torch.Tensor] = {}
    for affine in family.affines:
        noted = tape[affine.name]
        x, y = noted.inputs[0], noted.outputs[0]
        expected = x @ matrix(affine, named[affine.weight])[0].T
        if affine.bias is not None:
            expected = expected + named[affine.bias][0]
        torch.testing.assert_close(y, expected, **EXACT)
        (gradient,) = torch.autograd.grad(loss, noted.given, retain_graph=True)
        rows = noted.cotangent(gradient)[0]
        total = torch.einsum("spo,spi->oi", rows, x)
        sums[affine.weight] = sums.get(affine.weight, 0) + total
        if affine.bias is not None:
            sums[affine.bias] = sums.get(affine.bias, 0) + rows.sum((0, 1))
    for name, total in sums.items():
        affine = next(a for a in family.affines if name in (a.weight, a.bias))
        own = named[name].grad[0]
        if name == affine.weight:
            own = matrix(affine, own[None])[0]
            # Where W is zero whatever its weights are, there is no gradient.
            total = total * matrix(affine, torch.ones_like(named[name]))[0]
        torch.testing.assert_close(total, own, **EXACT)
