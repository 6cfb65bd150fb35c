"""Tangent kernel of one affine map from its factors, a block of rows at a time.

    K[(c,i),(d,j)] = ⟨∂f_c(x_i)/∂(W,b), ∂f_d(x_j)/∂(W,b)⟩
                   = Σ_{s,t} ⟨δ^c_s(x_i), δ^d_t(x_j)⟩ (⟨a_s(x_i), a_t(x_j)⟩ + 1)

a are the rows that a map reads and δ the derivatives of output f_c with respect to those that it
gives, s and t positions; the 1 is the bias's, and missing without one. K is symmetric: the rows of
output c are given for the columns of outputs d ≤ c alone, (sample, c + 1, sample). So a kernel that
is only summed up is never there as a whole.

A map of one position is a Hadamard product of two Gram matrices. Of several positions the cheaper
of two forms is taken: the gradients of the weights themselves, a slice of the map's outputs at a
time, whose cost grows with fan-in; or the inputs' Gram matrices between positions put between the
cotangents, whose cost grows with the number of positions and which needs no gradient at all:

    K[(c,i),(d,j)] = Σ_t ⟨Σ_s (⟨a_s(x_i), a_t(x_j)⟩ + 1) δ^c_s(x_i), δ^d_t(x_j)⟩

Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.1, §6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from layeratlas.networks.affine import Affine

__all__ = ["Factors", "Rows", "rows_of_kernel"]

#: Bytes that gradients of weights, or products between positions, take at once.
AT_ONCE = 2**26

Rows = Iterator[tuple[int, Tensor]]
"""Output c and its rows of a kernel, (sample, c + 1, sample)."""


@dataclass(frozen=True)
class Factors:
    """What a kernel of one network's map is made of.

    inputs `(sample, position, fan_in)`, cotangents `(output, sample, position, fan_out)`.
    """

    affine: Affine
    inputs: Tensor
    cotangents: Tensor

    @property
    def bias(self) -> bool:
        """Whether the map has a bias, whose gradient counts."""
        return self.affine.bias is not None


def rows_of_kernel(factors: Factors) -> Rows:
    """The kernel of a map, its rows output by output."""
    a, g = factors.inputs, factors.cotangents
    groups = factors.affine.groups
    if factors.affine.kind == "scale":
        yield from _of_scale(factors)
    elif g.shape[2] == 1 and groups == 1:
        yield from _of_one_position(a[:, 0], g[:, :, 0], factors.bias)
    else:
        outputs, n = g.shape[:2]
        whole = a.new_zeros(outputs, n, outputs, n)
        each = zip(a.chunk(groups, -1), g.chunk(groups, -1), strict=True)
        for x, d in each:
            form = _between_positions if _prefers_positions(x, d) else _of_gradients
            whole += form(x, d, factors.bias)
        yield from _rows(whole)


def _of_one_position(a: Tensor, g: Tensor, bias: bool) -> Rows:
    """Gram matrices of inputs `(sample, fan_in)` and cotangents `(output, sample, fan_out)`."""
    n = len(a)
    forward = a @ a.T
    if bias:
        forward += 1.0
    for c in range(len(g)):
        backward = (g[c] @ g[: c + 1].flatten(0, 1).T).reshape(n, c + 1, n)
        yield c, backward.mul_(forward[:, None])


def _of_scale(factors: Factors) -> Rows:
    """The affine pair of a batch norm: gradients Σ_s x̂ δ of its scale, Σ_s δ of its shift."""
    a, g = factors.inputs, factors.cotangents
    gradients = torch.einsum("nsf,cnsf->cnf", a, g)
    if factors.bias:
        gradients = torch.cat([gradients, g.sum(2)], dim=-1)
    n = len(a)
    for c in range(len(g)):
        yield c, (gradients[c] @ gradients[: c + 1].flatten(0, 1).T).reshape(n, c + 1, n)


def _prefers_positions(a: Tensor, g: Tensor) -> bool:
    """Which form takes fewer multiplications, (n C)² fan_out being common to both."""
    outputs, _, positions, _ = g.shape
    return positions * (positions + outputs) / outputs < a.shape[-1]


def _of_gradients(a: Tensor, g: Tensor, bias: bool) -> Tensor:
    """Gram matrix of the weights' gradients, `(output, sample, output, sample)`."""
    outputs, n, _, fan_out = g.shape
    kernel = a.new_zeros(outputs, n, outputs * n)
    step = max(1, AT_ONCE // (outputs * n * a.shape[-1] * a.element_size()))
    for first in range(0, fan_out, step):
        slab = g[..., first : first + step]
        # One product a sample, of all outputs: broadcast over them, inputs would be copied.
        stacked = slab.permute(1, 0, 3, 2).reshape(n, -1, slab.shape[2])
        gradients = (stacked @ a).view(n, outputs, -1).transpose(0, 1).contiguous()
        _add_gram(kernel, gradients)
    if bias:
        _add_gram(kernel, g.sum(2))
    return kernel.view(outputs, n, outputs, n)


def _add_gram(kernel: Tensor, gradients: Tensor) -> None:
    """Inner products of `(output, sample, parameter)`, output by output, into the kernel's rows."""
    n = gradients.shape[1]
    for c in range(len(gradients)):
        kernel[c, :, : (c + 1) * n] += gradients[c] @ gradients[: c + 1].flatten(0, 1).T


def _between_positions(a: Tensor, g: Tensor, bias: bool) -> Tensor:
    """Inputs between positions put between cotangents, `(output, sample, output, sample)`."""
    outputs, n, positions, fan_out = g.shape
    kernel = a.new_zeros(outputs, n, outputs, n)
    # (sample, output, fan_out, position): what follows reads and writes it in this order.
    there = g.permute(1, 0, 3, 2).reshape(n, outputs * fan_out, positions)
    flat = there.reshape(n, outputs, fan_out * positions)
    step = max(1, AT_ONCE // (outputs * fan_out * positions * a.element_size()))
    for j in range(n):
        between = a @ a[j].T  # (sample, position s, position t)
        if bias:
            between += 1.0
        for first in range(0, j + 1, step):
            some = slice(first, min(first + step, j + 1))
            # Σ_t of (⟨a_s, a_t⟩ + 1) δ_t(x_j), at every s of x_i.
            moved = there[j] @ between[some].mT
            moved = moved.reshape(-1, outputs, fan_out * positions)
            block = flat[some] @ moved.mT  # (sample i, output of i, output of j)
            kernel[:, some, :, j] = block.transpose(0, 1)
            kernel[:, j, :, some] = block.permute(2, 1, 0)
    return kernel


def _rows(kernel: Tensor) -> Rows:
    for c in range(len(kernel)):
        yield c, kernel[c, :, : c + 1]
