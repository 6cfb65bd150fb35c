"""What is kept of a tangent kernel: sums over it, in double precision, as its rows come.

The kernel is centred over samples, for each pair of outputs: K^c[c,:,d,:] = H K[c,:,d,:] H with
H = 1 − 11ᵀ/n. Each block of rows is centred as it comes and let go. Norms of centred kernels are
not taken as differences of larger ones: deep networks read almost the same of all examples, and
single precision would leave nothing of the difference.

Source: specification of the signal-propagation paper, §2.2, §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from layeratlas.signals.tangent.factors import Rows

__all__ = ["KernelSums", "centred", "inner_of_centred", "sums_of", "sums_together"]

#: Units of rounding of ‖K‖ up to which ‖K^c‖ is nothing: a kernel that knows no examples apart.
NOTHING = 16


@dataclass
class KernelSums:
    """Sums over a kernel of C outputs and n samples.

    `square` and `centred_square` are ‖K‖_F² and ‖K^c‖_F², the latter 0 where it is no more than
    rounding of the former; `traces` and `centred_traces`, `(output, output)`, of every block.
    `applied` is K^c v, `(output, sample, vector)`, `along` vᵀ K^c v, `(form,)`, and `traced` Σ_c
    K^c[c,:,c,:], `(sample, sample)`.
    """

    square: float
    centred_square: float
    traces: Tensor
    centred_traces: Tensor
    applied: Tensor
    along: Tensor
    traced: Tensor = field(repr=False)


def sums_of(
    rows: Rows, vectors: Tensor, forms: Tensor | None = None, whole: Tensor | None = None
) -> KernelSums:
    """Sums over a kernel whose rows are given, and its products with `(output, sample, vector)`.

    `forms` are vectors of which vᵀ K v alone is asked for; all sum to zero over samples. `whole`,
    `(output, sample, output, sample)`, has the kernel added to the part that rows give, d ≤ c.
    """
    outputs, n, _ = vectors.shape
    zero = vectors.new_zeros((), dtype=torch.float64)
    norms = _Norms(zero, outputs)
    traces, centred_traces = zero.new_zeros(outputs, outputs), zero.new_zeros(outputs, outputs)
    applied = torch.zeros_like(vectors)
    traced = vectors.new_zeros(n, n)
    forms = vectors[..., :0] if forms is None else forms
    along = zero.new_zeros(forms.shape[-1])
    own = vectors.shape[-1]
    given, alone = torch.cat([vectors, 2.0 * forms], -1), torch.cat([vectors, forms], -1)
    for c, block in rows:  # (sample, c + 1, sample)
        d = c + 1
        traces[c, :d] = traces[:d, c] = _traces(block)
        if whole is not None:
            whole[c, :, :d] += block
        inner = norms.centred(block)
        centred_traces[c, :d] = centred_traces[:d, c] = _traces(inner)
        flat = inner.view(n, d * n)
        # One product for all vectors; of the forms, those below the diagonal count twice.
        after = flat @ torch.cat([given[:c], alone[c : c + 1]]).view(d * n, -1)
        applied[c] += after[:, :own]
        along += (forms[c] * after[:, own:]).double().sum(0)
        if c:
            # Blocks below the diagonal stand for those above it too.
            above = vectors[c].T @ flat[:, : c * n]
            applied[:c] += above.view(own, c, n).permute(1, 2, 0)
        traced += inner[:, c]
    return KernelSums(*norms.squares(vectors.dtype), traces, centred_traces, applied, along, traced)


def sums_together(each: Sequence[KernelSums], rows: Rows) -> KernelSums:
    """Sums over the sum of several kernels, whose rows are given: but for norms, sums of sums."""
    one = each[0]
    norms = _Norms(one.traces.new_zeros(()), len(one.traces))
    for _, block in rows:
        norms.centred(block)
    return KernelSums(
        *norms.squares(one.applied.dtype),
        *(
            torch.stack([getattr(sums, name) for sums in each]).sum(0)
            for name in ("traces", "centred_traces", "applied", "along", "traced")
        ),
    )


class _Norms:
    """‖K‖_F² and ‖K^c‖_F², in double precision, of rows as they come."""

    def __init__(self, zero: Tensor, outputs: int):
        # Blocks below the diagonal stand for those above it too.
        self._weight = zero.new_full((outputs,), 2.0)
        self._square, self._centred = zero.clone(), zero.clone()

    def centred(self, block: Tensor) -> Tensor:
        """H K H of some rows `(sample, c + 1, sample)`, whose norms are noted."""
        n, d, _ = block.shape
        # Means over the columns of each block, over its rows, and over all of it.
        across, down = block.mean(2, keepdim=True), block.mean(0, keepdim=True)
        mean = across.mean(0, keepdim=True)
        inner = block - across
        inner -= down - mean
        weight = self._weight[:d].clone()
        weight[-1] = 1.0
        squares = torch.linalg.vector_norm(inner, dim=(0, 2)).double() ** 2
        # What centring took away is orthogonal to what it left.
        across, down, mean = across.double(), down.double(), mean.double().flatten()
        taken = n * ((across**2).sum((0, 2)) + (down**2).sum((0, 2)) - n * mean**2)
        self._centred += weight @ squares
        self._square += weight @ (squares + taken)
        return inner

    def squares(self, dtype: torch.dtype) -> tuple[float, float]:
        """Both; the second is 0 where it is no more than rounding of the first."""
        least = (NOTHING * torch.finfo(dtype).eps) ** 2
        left = float(self._centred) if self._centred > least * self._square else 0.0
        return float(self._square), left


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
