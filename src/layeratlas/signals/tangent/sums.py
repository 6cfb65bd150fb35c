"""What is kept of a tangent kernel: sums over it, in double precision, as its rows come.

The kernel is centred over samples, for each pair of outputs: K^c[c,:,d,:] = H K[c,:,d,:] H with
H = 1 − 11ᵀ/n. Each block of rows is centred as it comes and let go. Norms of centred kernels are
not taken as differences of larger ones: deep networks read almost the same of all examples, and
single precision would leave nothing of the difference.

Source: specification of the signal-propagation paper, §2.2, §6.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from layeratlas.signals.tangent.factors import Rows

__all__ = ["KernelSums", "centred", "inner_of_centred", "sums_of"]

#: Units of rounding of ‖K‖ up to which ‖K^c‖ is nothing: a kernel that knows no examples apart.
NOTHING = 16


@dataclass
class KernelSums:
    """Sums over a kernel of C outputs and n samples.

    `square` and `centred_square` are ‖K‖_F² and ‖K^c‖_F², the latter 0 where it is no more than
    rounding of the former; `traces` and `centred_traces`, `(output, output)`, of every block.
    `applied` is K^c v, `(output, sample, vector)`, and `traced` Σ_c K^c[c,:,c,:], `(sample,
    sample)`.
    """

    square: float
    centred_square: float
    traces: Tensor
    centred_traces: Tensor
    applied: Tensor
    traced: Tensor = field(repr=False)


def sums_of(rows: Rows, vectors: Tensor, whole: Tensor | None = None) -> KernelSums:
    """Sums over a kernel whose rows are given, and its products with `(output, sample, vector)`.

    The vectors sum to zero over samples. `whole`, `(output, sample, output, sample)`, has the
    kernel added to the part that rows give, d ≤ c.
    """
    outputs, n, _ = vectors.shape
    zero = vectors.new_zeros((), dtype=torch.float64)
    square, centred_square = zero.clone(), zero.clone()
    traces, centred_traces = zero.new_zeros(outputs, outputs), zero.new_zeros(outputs, outputs)
    applied = torch.zeros_like(vectors)
    traced = vectors.new_zeros(n, n)
    for c, block in rows:  # (sample, c + 1, sample)
        d = c + 1
        # Blocks below the diagonal stand for those above it too.
        weight = zero.new_full((d,), 2.0)
        weight[c] = 1.0
        square += weight @ _squares(block)
        traces[c, :d] = traces[:d, c] = _traces(block)
        if whole is not None:
            whole[c, :, :d] += block
        inner = block - block.mean(2, keepdim=True)
        inner -= inner.mean(0, keepdim=True)
        centred_square += weight @ _squares(inner)
        centred_traces[c, :d] = centred_traces[:d, c] = _traces(inner)
        flat = inner.view(n, d * n)
        applied[c] += flat @ vectors[:d].reshape(d * n, -1)
        if c:
            applied[:c] += (flat[:, : c * n].T @ vectors[c]).view(c, n, -1)
        traced += inner[:, c]
    least = (NOTHING * torch.finfo(vectors.dtype).eps) ** 2
    left = float(centred_square) if centred_square > least * square else 0.0
    return KernelSums(float(square), left, traces, centred_traces, applied, traced)


def _squares(block: Tensor) -> Tensor:
    """Sum of squares of every block of some rows, `(c + 1,)`."""
    return torch.linalg.vector_norm(block, dim=(0, 2)).double() ** 2


def _traces(block: Tensor) -> Tensor:
    """Trace of every block of some rows, `(c + 1,)`."""
    return torch.diagonal(block, dim1=0, dim2=2).sum(1).double()


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
