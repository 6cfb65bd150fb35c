"""Numbers of tangent kernels: alignment with the labels, its twins, its null, norms.

All are of the kernel K^c centred over samples, for each pair of outputs, with y the centred
labels of all outputs, unless said otherwise. Arrays are `(affine, member)`, `(member,)` of the
network. Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from layeratlas.signals.tangent.sums import KernelSums
from layeratlas.signals.tangent.targets import Against
from layeratlas.signals.tangent.walk import Growth, Walked

Of = Callable[[KernelSums, Against], float]
Cosines = list[list[tuple[torch.Tensor, torch.Tensor]]]


def _each(walked: Walked, of: Of) -> np.ndarray:
    """`(affine, member)`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array(
            [
                [of(sums, held) for sums in maps]
                for maps, held in zip(walked.maps, walked.against, strict=True)
            ]
        ).T


def _all(walked: Walked, of: Of) -> np.ndarray:
    """`(member,)`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = zip(walked.network, walked.against, strict=True)
        return np.array([of(sums, held) for sums, held in pairs])


def _ratio(above: float, below: float) -> float:
    """NaN where there is nothing below: a kernel that knows no examples apart has no alignment."""
    return above / below if below else float("nan")


def _dot(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a.double() * b.double()).sum())


def _alignment(sums: KernelSums, held: Against) -> float:
    y = held.labels
    return _ratio(_dot(y, sums.applied[..., 0]), sums.centred_square**0.5 * _dot(y, y))


def _uncentred(sums: KernelSums, held: Against) -> float:
    y = held.labels
    return _ratio(_dot(y, sums.applied[..., 0]), sums.square**0.5 * _dot(y, y))


def _traced(sums: KernelSums, held: Against) -> float:
    k, y = sums.traced.double(), held.labels.double()
    labels = y.T @ y
    return _ratio(_dot(k, labels), float(k.norm() * labels.norm()))


def _null(sums: KernelSums, held: Against) -> float:
    y = held.labels.double()
    among = y @ y.T
    below = (y.shape[1] - 1) * sums.centred_square**0.5 * _dot(y, y)
    return _ratio(_dot(among, sums.centred_traces), below)


def _permutations(sums: KernelSums, held: Against) -> np.ndarray:
    y = held.permuted.double()
    along = (y * sums.applied[..., 2:].double()).sum((0, 1))
    below = sums.centred_square**0.5 * _dot(held.labels, held.labels)
    return np.asarray(along.cpu()) / (below or np.nan)


def _permuted(sums: KernelSums, held: Against) -> float:
    return float(_permutations(sums, held).mean())


def _permuted_sd(sums: KernelSums, held: Against) -> float:
    return float(_permutations(sums, held).std(ddof=1))


def _second_moment(sums: KernelSums, held: Against) -> float:
    after = sums.applied[..., 0]
    return _ratio(_dot(after, after), sums.centred_square * _dot(held.labels, held.labels))


def _residual(sums: KernelSums, held: Against) -> float:
    y, w = held.labels, held.residual
    along = _dot(w - w.mean(1, keepdim=True), sums.applied[..., 0])
    norms = (_dot(w, w) * _dot(y, y)) ** 0.5
    return _ratio(_ratio(along, norms), _ratio(_dot(y, sums.applied[..., 0]), _dot(y, y)))


def _residual_second_moment(sums: KernelSums, held: Against) -> float:
    after, w = sums.applied[..., 1], held.residual
    return _ratio(_dot(after, after), sums.centred_square * _dot(w, w))


def _norm(sums: KernelSums, held: Against) -> float:
    return sums.centred_square**0.5


def _trace(sums: KernelSums, held: Against) -> float:
    return float(sums.traces.trace())


def alignment(walked: Walked) -> np.ndarray:
    """A = yᵀ K^c y / (‖K^c‖_F |y|²)."""
    return _each(walked, _alignment)


def alignment_uncentred(walked: Walked) -> np.ndarray:
    """yᵀ K y / (‖K‖_F |y|²), K as it is."""
    return _each(walked, _uncentred)


def alignment_traced(walked: Walked) -> np.ndarray:
    """⟨T^c, ỸỸᵀ⟩/(‖T^c‖ ‖ỸỸᵀ‖), T the sum of K over equal outputs."""
    return _each(walked, _traced)


def alignment_null(walked: Walked) -> np.ndarray:
    """Mean of A over all permutations of the examples' labels, exactly (§2.3)."""
    return _each(walked, _null)


def alignment_permuted(walked: Walked) -> np.ndarray:
    """Mean of A over a few permutations."""
    return _each(walked, _permuted)


def alignment_permuted_sd(walked: Walked) -> np.ndarray:
    """Standard deviation of A over them."""
    return _each(walked, _permuted_sd)


def alignment_second_moment(walked: Walked) -> np.ndarray:
    """S = |K^c y|²/(‖K^c‖² |y|²); A² ≤ S ≤ 1."""
    return _each(walked, _second_moment)


def residual_alignment(walked: Walked) -> np.ndarray:
    """t₁ = [wᵀ K^c y/(|w| |y|)]/[yᵀ K^c y/|y|²], w the residual."""
    return _each(walked, _residual)


def residual_second_moment(walked: Walked) -> np.ndarray:
    """t₂ = |K^c w|²/(‖K^c‖² |w|²)."""
    return _each(walked, _residual_second_moment)


def tangent_kernel_norm(walked: Walked) -> np.ndarray:
    """‖K^c‖_F."""
    return _each(walked, _norm)


def tangent_kernel_trace(walked: Walked) -> np.ndarray:
    """tr K."""
    return _each(walked, _trace)


def network_alignment(walked: Walked) -> np.ndarray:
    """A of the sum of the kernels of all maps."""
    return _all(walked, _alignment)


def network_alignment_null(walked: Walked) -> np.ndarray:
    """Its mean over all permutations of the labels."""
    return _all(walked, _null)


def network_kernel_norm(walked: Walked) -> np.ndarray:
    """‖K^c‖_F of that sum."""
    return _all(walked, _norm)


def network_kernel_trace(walked: Walked) -> np.ndarray:
    """tr K of that sum."""
    return _all(walked, _trace)


def alignment_growth(growth: Growth) -> np.ndarray:
    """r₁ = yᵀ dK^c y / yᵀ K^c y, dK the change since the record before."""
    return growth.along_labels


def norm_growth(growth: Growth) -> np.ndarray:
    """r₂ = ⟨K^c, dK^c⟩/‖K^c‖²; d log A = r₁ − r₂ to first order."""
    return growth.of_norm


def _alike(walked: Walked, name: str) -> np.ndarray:
    """A number of `Correlations`, `(affine, member)`."""
    return np.array([[getattr(of, name) for of in maps] for maps in walked.correlations], "f8").T


def forward_correlation(walked: Walked) -> np.ndarray:
    """fc, mean cosine of what a map reads of two examples."""
    return _alike(walked, "forward")


def backward_correlation(walked: Walked) -> np.ndarray:
    """bc, mean cosine of their cotangents, over outputs."""
    return _alike(walked, "backward")


def forward_pairs_left_out(walked: Walked) -> np.ndarray:
    """Pairs of which one is zero forward."""
    return _alike(walked, "forward_left_out")


def backward_pairs_left_out(walked: Walked) -> np.ndarray:
    """Pairs of which one is zero backward, over all outputs."""
    return _alike(walked, "backward_left_out")


def forward_participation_ratio(walked: Walked) -> np.ndarray:
    """(tr G)²/‖G‖² of the centred forward Gram matrix G."""
    return _alike(walked, "participation")


def _stacked(cosines: Cosines, which: int) -> np.ndarray:
    """`(affine, member, …)`."""
    each = [[np.asarray(one[which].cpu()) for one in maps] for maps in cosines]
    return np.array(each).swapaxes(0, 1)


def forward_cosines(cosines: Cosines) -> np.ndarray:
    """cos(a(x_i), a(x_j)) of pairs i < j, `(affine, member, pair)`."""
    return _stacked(cosines, 0)


def backward_cosines(cosines: Cosines) -> np.ndarray:
    """cos(∂f_c/∂h(x_i), ∂f_c/∂h(x_j)), `(affine, member, output, pair)`."""
    return _stacked(cosines, 1)
