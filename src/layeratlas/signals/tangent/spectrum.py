"""Spectra of tangent kernels, of the whole network and of every map, centred over samples.

With n samples and C outputs the kernel is (C n, C n), class-major; its eigenvalues cost (C n)³ and
are taken in double precision. Source: Baratin et al., AISTATS 2021, arXiv:2008.00938.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
import torch
from jaxtyping import Float
from torch import Tensor

from layeratlas.signals.network import Network
from layeratlas.signals.tangent.sums import centred
from layeratlas.signals.tangent.walk import Walked, factors, whole_of
from layeratlas.signals.tape import Pass

__all__ = ["FUNCTIONS", "eigenfunctions_of", "jacobians_of", "spectra_of", "spectra_of_maps"]

#: Eigenfunctions that are kept, of the largest eigenvalues.
FUNCTIONS = 6


def spectra_of(walked: Walked) -> Float[np.ndarray, "member eigenvalue"]:
    """Eigenvalues of every network's centred kernel, the largest first, none below 0."""
    return np.array([np.linalg.eigvalsh(one)[::-1].clip(0) for one in _kernels(walked)])


def spectra_of_maps(network: Network, seen: Pass) -> Float[np.ndarray, "affine member eigenvalue"]:
    """Eigenvalues of the centred kernel of every map, the largest first, none below 0."""
    with torch.no_grad():
        return np.array(
            [
                [np.linalg.eigvalsh(_matrix(whole_of(one)))[::-1].clip(0) for one in each]
                for _, each in factors(network, seen)
            ]
        )


def eigenfunctions_of(walked: Walked) -> Float[np.ndarray, "member eigenfunction entry"]:
    """Eigenvectors of the largest eigenvalues, that of the largest first, of unit norm.

    Entries are class-major, (output, sample); with one output they are samples. Signs are as they
    come.
    """
    found = []
    for one in _kernels(walked):
        size = len(one)
        first = max(0, size - FUNCTIONS)
        _, vectors = scipy.linalg.eigh(one, subset_by_index=(first, size - 1))
        found.append(vectors.T[::-1])
    return np.array(found)


def jacobians_of(walked: Walked) -> Float[np.ndarray, "member sample"]:
    """‖∂f(x_i)/∂θ‖_F = √Σ_c K[c,i,c,i] of every sample, of the kernel as it is, not centred."""
    kernels = (np.asarray(one.double().cpu()) for one in walked.whole)
    return np.array([np.sqrt(np.einsum("cici->i", one)) for one in kernels])


def _kernels(walked: Walked) -> list[Float[np.ndarray, "entry entry"]]:
    return [_matrix(one) for one in walked.whole]


def _matrix(kernel: Tensor) -> Float[np.ndarray, "entry entry"]:
    """The centred kernel, class-major."""
    size = kernel.shape[0] * kernel.shape[1]
    return np.asarray(centred(kernel).reshape(size, size).cpu())
