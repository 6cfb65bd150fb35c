"""Metrics of the spectrum of a network's tangent kernel."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric
from layeratlas.signals.signal import Of

_SOURCE = "Baratin et al., AISTATS 2021, arXiv:2008.00938, released scripts"
_SEEN = (
    "gradients of every output with respect to weights and biases of all affine maps, on each "
    "view, batch norm with running statistics, dropout off"
)


def _metric(
    name: str,
    long_name: str,
    formula: str,
    needs: str,
    dims: tuple[str, ...],
    gives: Of = "network",
) -> Metric:
    return Metric(
        name,
        f"layeratlas.metrics.spectra:{name}",
        (needs,),
        gives,
        dims,
        long_name=long_name,
        formula=formula,
        source=_SOURCE,
        seen=_SEEN,
    )


LISTED: tuple[Metric, ...] = (
    _metric(
        "network_kernel_spectrum",
        "eigenvalues of the network's centred tangent kernel",
        "lambda_k of Kc, the largest first",
        "kernel_spectrum",
        ("eigenvalue",),
    ),
    _metric(
        "network_effective_rank",
        "effective rank of the network's centred tangent kernel",
        "exp(-sum p_k log p_k), p_k = lambda_k / sum lambda",
        "kernel_spectrum",
        (),
    ),
    _metric(
        "network_trace_ratio",
        "share of the trace in the leading eigenvalues of the network's centred tangent kernel",
        "T_k = sum_{j<=k} lambda_j / sum lambda",
        "kernel_spectrum",
        ("leading",),
    ),
    _metric(
        "kernel_spectrum",
        "eigenvalues of a map's centred tangent kernel",
        "lambda_k of Kc, the largest first",
        "map_spectra",
        ("eigenvalue",),
        "affine",
    ),
    _metric(
        "kernel_effective_rank",
        "effective rank of a map's centred tangent kernel",
        "exp(-sum p_k log p_k), p_k = lambda_k / sum lambda",
        "map_spectra",
        (),
        "affine",
    ),
    _metric(
        "kernel_trace_ratio",
        "share of the trace in the leading eigenvalues of a map's centred tangent kernel",
        "T_k = sum_{j<=k} lambda_j / sum lambda",
        "map_spectra",
        ("leading",),
        "affine",
    ),
    _metric(
        "kernel_eigenfunctions",
        "eigenvectors of the network's centred tangent kernel, largest eigenvalues first",
        "Kc u_k = lambda_k u_k, |u_k| = 1; entries class-major over outputs and samples",
        "kernel_eigenfunctions",
        ("eigenfunction", "sample"),
    ),
    _metric(
        "jacobian_norm",
        "norm of the gradients of all outputs with respect to the weights",
        "|df(x_i)/dtheta|_F",
        "jacobian_norms",
        ("sample",),
    ),
)
