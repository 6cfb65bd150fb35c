"""Spectrum and eigenfunctions of the whole network's tangent kernel, centred over samples.

With n samples and C outputs the kernel is (C n, C n), class-major; its eigenvalues cost (C n)³ and
are taken in double precision. Source: Baratin et al., AISTATS 2021, arXiv:2008.00938.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
from jaxtyping import Float

from layeratlas.errors import LayerAtlasError
from layeratlas.signals.tangent.sums import centred
from layeratlas.signals.tangent.walk import LARGEST_KERNEL, Walked

__all__ = ["FUNCTIONS", "eigenfunctions_of", "jacobians_of", "spectra_of"]

#: Eigenfunctions that are kept, of the largest eigenvalues.
FUNCTIONS = 6


def spectra_of(walked: Walked) -> Float[np.ndarray, "member eigenvalue"]:
    """Eigenvalues of every network's centred kernel, the largest first, none below 0."""
    return np.array([np.linalg.eigvalsh(one)[::-1].clip(0) for one in _kernels(walked)])


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
    _refuse_too_large(walked)
    kernels = (np.asarray(one.double().cpu()) for one in walked.whole)
    return np.array([np.sqrt(np.einsum("cici->i", one)) for one in kernels])


def _kernels(walked: Walked) -> list[Float[np.ndarray, "entry entry"]]:
    _refuse_too_large(walked)
    each = (centred(one) for one in walked.whole)
    return [np.asarray(one.reshape(one.shape[0] * one.shape[1], -1).cpu()) for one in each]


def _refuse_too_large(walked: Walked) -> None:
    if len(walked.whole) < len(walked.against):
        outputs, n = walked.against[0].labels.shape
        raise LayerAtlasError(
            f"the tangent kernel of {n} samples and {outputs} outputs takes more than "
            f"{LARGEST_KERNEL / 2**30:g} GiB, so it has no spectrum: give the view fewer images"
        )
