"""Numbers of the spectrum of centred tangent kernels, of a network and of its maps.

λ_1 ≥ λ_2 ≥ … ≥ 0 with shares p_k = λ_k/Σ λ. Baratin et al., AISTATS 2021, arXiv:2008.00938.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Spectra = Float[np.ndarray, "member eigenvalue"]
OfMaps = Float[np.ndarray, "affine member eigenvalue"]


def network_kernel_spectrum(spectra: Spectra) -> Spectra:
    """The eigenvalues, the largest first."""
    return spectra


def network_effective_rank(spectra: Spectra) -> Float[np.ndarray, " member"]:
    """exp(−Σ p_k log p_k): from 1, one direction, to the number of eigenvalues."""
    shares = _shares(spectra)
    logs = np.log(shares, where=shares > 0, out=np.zeros_like(shares))
    return np.where(np.isfinite(shares[:, 0]), np.exp(-(shares * logs).sum(-1)), np.nan)


def network_trace_ratio(spectra: Spectra) -> Float[np.ndarray, "member leading"]:
    """T_k = Σ_{j ≤ k} λ_j / Σ λ, k = 1, 2, …"""
    return _shares(spectra).cumsum(-1)


def kernel_spectrum(spectra: OfMaps) -> OfMaps:
    """The eigenvalues of every map's kernel, the largest first."""
    return spectra


def kernel_effective_rank(spectra: OfMaps) -> Float[np.ndarray, "affine member"]:
    """exp(−Σ p_k log p_k) of every map's kernel."""
    return np.array([network_effective_rank(one) for one in spectra])


def kernel_trace_ratio(spectra: OfMaps) -> Float[np.ndarray, "affine member leading"]:
    """T_k of every map's kernel."""
    return np.array([network_trace_ratio(one) for one in spectra])


def kernel_eigenfunctions(functions: np.ndarray) -> np.ndarray:
    """The eigenvectors of the largest eigenvalues, `(member, eigenfunction, sample)`."""
    return functions


def jacobian_norm(norms: np.ndarray) -> np.ndarray:
    """‖∂f(x_i)/∂θ‖_F, `(member, sample)`."""
    return norms


def _shares(spectra: Spectra) -> Spectra:
    """NaN where the kernel knows no samples apart."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return spectra / spectra.sum(-1, keepdims=True)
