"""What is kept of a tangent kernel: sums over it, in double precision, as its rows come.

The kernel is centred over samples, for each pair of outputs: K^c[c,:,d,:] = H K[c,:,d,:] H with
H = 1 − 11ᵀ/n. Nothing centred is ever made:

    ‖H M H‖² = ‖M‖² − (|row sums|² + |column sums|²)/n + (sum M)²/n²

and H K H v = H K v for vectors v that sum to zero over samples.

Source: specification of the signal-propagation paper, §2.2, §6.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from layeratlas.signals.tangent.factors import Rows

__all__ = ["KernelSums", "centred", "inner_of_centred", "sums_of"]


@dataclass
class KernelSums:
    """Sums over a kernel of C outputs and n samples.

    `square` and `centred_square` are ‖K‖_F² and ‖K^c‖_F², `traces` and `centred_traces`, `(output,
    output)`, of every block. `applied` is K v, `(output, sample, vector)`, and `traced` Σ_c
    K[c,:,c,:], `(sample, sample)`.
    """

    square: float
    centred_square: float
    traces: Tensor
    centred_traces: Tensor
    applied: Tensor
    traced: Tensor = field(repr=False)


def sums_of(rows: Rows, vectors: Tensor, whole: Tensor | None = None) -> KernelSums:
    """Sums over a kernel whose rows are given, and its products with `(output, sample, vector)`.

    `whole`, `(output, sample, output, sample)`, has the kernel added to the part that rows give,
    d ≤ c.
    """
    outputs, n, _ = vectors.shape
    like = vectors.new_zeros((), dtype=torch.float64)
    square, centred_square = like.clone(), like.clone()
    traces, totals = like.new_zeros(outputs, outputs), like.new_zeros(outputs, outputs)
    applied = torch.zeros_like(vectors)
    traced = vectors.new_zeros(n, n)
    for c, block in rows:  # (sample, c + 1, sample)
        d = c + 1
        flat = block.reshape(n, d * n)
        applied[c] += flat @ vectors[:d].reshape(d * n, -1)
        if c:
            # Blocks below the diagonal stand for those above it too.
            applied[:c] += (flat[:, : c * n].T @ vectors[c]).view(c, n, -1)
        # Sums over the columns of each block, and over its rows.
        over_columns, over_rows = block.sum(2).double(), block.sum(0).double()
        total = over_rows.sum(1)
        squares = torch.linalg.vector_norm(block, dim=(0, 2)).double() ** 2
        lines = (over_columns**2).sum(0) + (over_rows**2).sum(1)
        left = squares - lines / n + total**2 / n**2
        weight = like.new_full((d,), 2.0)
        weight[c] = 1.0
        square += weight @ squares
        centred_square += weight @ left
        trace = torch.diagonal(block, dim1=0, dim2=2).sum(1).double()
        traces[c, :d] = traces[:d, c] = trace
        totals[c, :d] = totals[:d, c] = total
        traced += block[:, c]
        if whole is not None:
            whole[c, :, :d] += block
    return KernelSums(
        float(square),
        max(float(centred_square), 0.0),
        traces,
        traces - totals / n,
        applied,
        traced,
    )


def inner_of_centred(one: Rows, other: Rows, n: int) -> float:
    """⟨K^c, K'^c⟩_F of two kernels whose rows are given side by side."""
    total = 0.0
    for (c, a), (_, b) in zip(one, other, strict=True):
        a, b = a.double(), b.double()
        products = (a * b).sum((0, 2))
        lines = (a.sum(2) * b.sum(2)).sum(0) + (a.sum(0) * b.sum(0)).sum(1)
        left = products - lines / n + a.sum((0, 2)) * b.sum((0, 2)) / n**2
        total += float(2.0 * left[:c].sum() + left[c])
    return total


def centred(kernel: Tensor) -> Tensor:
    """H K H over samples, of `(output, sample, output, sample)`, in double precision."""
    k = kernel.double()
    k = k - k.mean(1, keepdim=True)
    return k - k.mean(3, keepdim=True)
