"""Random affine maps with what their tangent kernels are made of, and those kernels outright."""

from __future__ import annotations

import torch

from layeratlas.networks.affine import Affine
from layeratlas.signals.tangent.factors import Factors, rows_of_kernel


def made(kind, outputs, n, positions, fan_in, fan_out, groups, bias, seed) -> Factors:
    """Factors in double precision; fans are those of a group."""
    positions = 1 if kind == "dense" else positions
    groups = groups if kind == "conv" else 1
    fan_out = fan_in if kind == "scale" else fan_out
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(n, positions, groups * fan_in, dtype=torch.float64, generator=draw)
    g = torch.randn(outputs, n, positions, groups * fan_out, dtype=torch.float64, generator=draw)
    return Factors(Affine("x", kind, "w", "b" if bias else None, 1, groups=groups), x, g)


def explicit(one: Factors) -> torch.Tensor:
    """`(output, sample, output, sample)` of gradients of weights and bias, written out."""
    x, g = one.inputs, one.cotangents
    if one.affine.kind == "scale":
        parts = [torch.einsum("nsf,cnsf->cnf", x, g)]
    else:
        groups = one.affine.groups
        each = zip(x.chunk(groups, -1), g.chunk(groups, -1), strict=True)
        parts = [torch.einsum("nsi,cnso->cnoi", a, d).flatten(2) for a, d in each]
    psi = torch.cat([*parts, g.sum(2)] if one.bias else parts, dim=-1)
    return torch.einsum("cip,djp->cidj", psi, psi)


def whole(one: Factors) -> torch.Tensor:
    """The kernel that its rows are of."""
    outputs, n = one.cotangents.shape[:2]
    kernel = one.inputs.new_zeros(outputs, n, outputs, n)
    for c, rows in rows_of_kernel(one):
        kernel[c, :, : c + 1] = rows
        kernel[: c + 1, :, c] = rows.permute(1, 2, 0)
    return kernel
