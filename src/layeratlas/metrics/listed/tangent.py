"""Metrics of tangent kernels: alignment with the labels, its twins and its null."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric
from layeratlas.signals.signal import Of

_PAPER = "Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749"
_SCRIPTS = _PAPER + ", released scripts"
_DERIVED = "derived for this project (specification of the signal-propagation paper, §2.3)"
_CHOSEN = "default of this project (specification of the signal-propagation paper, §6, §11)"
_SEEN = (
    "gradients of every output with respect to each affine map's weights and bias, on each view, "
    "batch norm with running statistics, dropout off; kernels centred over samples"
)


def _metric(
    name: str,
    long_name: str,
    formula: str,
    *,
    gives: Of = "affine",
    source: str = _SCRIPTS,
    needs: tuple[str, ...] | None = None,
    dims: tuple[str, ...] = (),
    tells_apart: bool = False,
) -> Metric:
    return Metric(
        name,
        f"layeratlas.metrics.tangent:{name}",
        needs or ("network_kernel" if gives == "network" else "tangent_kernels",),
        gives,
        dims,
        tells_apart,
        long_name=long_name,
        formula=formula,
        source=source,
        seen=_SEEN,
    )


LISTED: tuple[Metric, ...] = (
    _metric(
        "alignment",
        "centred kernel alignment of a map's tangent kernel with the labels",
        "A = y' Kc y / (|Kc|_F |y|^2)",
        tells_apart=True,
    ),
    _metric(
        "alignment_uncentred",
        "alignment of the kernel as it is, not centred",
        "y' K y / (|K|_F |y|^2)",
        tells_apart=True,
    ),
    _metric(
        "alignment_traced",
        "alignment of the kernel summed over equal outputs",
        "<Tc, YY'> / (|Tc|_F |YY'|_F), T = sum_c K[c,:,c,:]",
        tells_apart=True,
    ),
    _metric(
        "alignment_null",
        "mean alignment over all permutations of the labels, exactly",
        "sum_cd (Y'Y)_cd tr Kc[c,:,d,:] / ((n - 1) |Kc|_F |y|^2)",
        source=_DERIVED,
        tells_apart=True,
    ),
    _metric(
        "alignment_permuted",
        "mean alignment over 20 permutations of the labels",
        "mean_p y_p' Kc y_p / (|Kc|_F |y|^2)",
        source=_DERIVED,
        tells_apart=True,
    ),
    _metric(
        "alignment_permuted_sd",
        "standard deviation of the alignment over 20 permutations of the labels",
        "sd_p y_p' Kc y_p / (|Kc|_F |y|^2)",
        source=_DERIVED,
        tells_apart=True,
    ),
    _metric(
        "alignment_second_moment",
        "share of the squared spectrum that the labels see",
        "S = |Kc y|^2 / (|Kc|_F^2 |y|^2)",
        tells_apart=True,
    ),
    _metric(
        "residual_alignment",
        "alignment of residual and labels by the kernel, against that of labels",
        "t1 = (w' Kc y / (|w| |y|)) / (y' Kc y / |y|^2)",
        tells_apart=True,
    ),
    _metric(
        "residual_second_moment",
        "share of the squared spectrum that the residual sees",
        "t2 = |Kc w|^2 / (|Kc|_F^2 |w|^2)",
        tells_apart=True,
    ),
    _metric("tangent_kernel_norm", "norm of the centred tangent kernel", "|Kc|_F"),
    _metric("tangent_kernel_trace", "trace of the tangent kernel", "tr K"),
    _metric(
        "alignment_growth",
        "relative change of the kernel along the labels since the record before",
        "r1 = y' dKc y / y' Kc y",
        needs=("kernel_growth",),
        tells_apart=True,
    ),
    _metric(
        "norm_growth",
        "relative change of the kernel along itself since the record before",
        "r2 = <Kc, dKc> / |Kc|_F^2",
        needs=("kernel_growth",),
    ),
    _metric(
        "alignment_change",
        "change of the logarithm of the alignment since the record before",
        "log A - log A before = r1 - r2 + O(dK^2)",
        needs=("kernel_growth",),
    ),
    _metric(
        "network_alignment",
        "alignment of the tangent kernel of the network, the sum of its maps'",
        "A = y' Kc y / (|Kc|_F |y|^2)",
        gives="network",
        tells_apart=True,
    ),
    _metric(
        "network_alignment_null",
        "its mean over all permutations of the labels, exactly",
        "sum_cd (Y'Y)_cd tr Kc[c,:,d,:] / ((n - 1) |Kc|_F |y|^2)",
        gives="network",
        source=_DERIVED,
        tells_apart=True,
    ),
    _metric(
        "network_kernel_norm", "norm of the network's centred kernel", "|Kc|_F", gives="network"
    ),
    _metric("network_kernel_trace", "trace of the network's kernel", "tr K", gives="network"),
    _metric(
        "forward_correlation",
        "mean cosine of what a map reads of two examples",
        "fc = mean_{i<j} cos(a(x_i), a(x_j))",
    ),
    _metric(
        "backward_correlation",
        "mean cosine of the cotangents of two examples, over outputs",
        "bc = mean_{i<j} mean_c cos(df_c/dh(x_i), df_c/dh(x_j))",
    ),
    _metric(
        "forward_pairs_left_out",
        "pairs of examples without a forward direction",
        "#{i<j: a(x_i) = 0 or a(x_j) = 0}",
        source=_CHOSEN,
    ),
    _metric(
        "backward_pairs_left_out",
        "pairs of examples without a backward direction, over all outputs",
        "#{c, i<j: df_c/dh(x_i) = 0 or df_c/dh(x_j) = 0}",
        source=_CHOSEN,
    ),
    _metric(
        "forward_participation_ratio",
        "directions over which centred examples are spread, as a map reads them",
        "(tr G)^2 / |G|_F^2, G = H A A' H",
        source=_CHOSEN,
    ),
    _metric(
        "forward_cosines",
        "cosine of what a map reads of two examples",
        "cos(a(x_i), a(x_j)), pairs i < j",
        needs=("cosines",),
        dims=("pair",),
    ),
    _metric(
        "backward_cosines",
        "cosine of the cotangents of two examples, of every output",
        "cos(df_c/dh(x_i), df_c/dh(x_j)), pairs i < j",
        needs=("cosines",),
        dims=("output", "pair"),
    ),
)
