"""A bound on the alignment of kernels that treat outputs alike and apart.

The read-out's cotangents are the unit vectors, so its kernel is I_C ⊗ (A Aᵀ + 1) always, and with
centred labels Ỹ

    A_L ≤ |Ỹ Ỹᵀ|_F / (√C |Ỹ|_F²) ,

1/√(C (C − 1)) for balanced classes: 0.1054 for ten. Before training and at infinite width kernels
of all layers are of this form, since cotangents of different outputs are uncorrelated there.
Derived here (specification §3.4): part of the descent of alignments is of structure.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

__all__ = ["balanced_bound", "read_out_bound"]


def read_out_bound(targets: Float[np.ndarray, "sample output"]) -> float:
    """The bound for these targets, one-hot labels or others; centred here.

    ValueError for targets that are all alike: nothing could be aligned with them.
    """
    centred = np.asarray(targets, float)
    centred = centred - centred.mean(0)
    whole = float((centred**2).sum())
    if whole == 0:
        raise ValueError("targets that are all alike have no alignment")
    # |Ỹ Ỹᵀ|_F = |Ỹᵀ Ỹ|_F, of which the latter is small.
    return float(np.linalg.norm(centred.T @ centred)) / (math.sqrt(centred.shape[1]) * whole)


def balanced_bound(classes: int) -> float:
    """1/√(C (C − 1)), of as many samples of each of C ≥ 2 classes."""
    if classes < 2:
        raise ValueError(f"alignment with labels takes two classes at least, not {classes}")
    return 1 / math.sqrt(classes * (classes - 1))
