"""Second moments of inputs, weighted by targets, and traces of their products.

    A = (1/n) Xᵀ diag(y) X,   B = (1/n) XᵀX,   φ = tr/d,   α = A²

of inputs X `(sample, d)` and single numbers y as targets. Sums are double. Source: specification of
the alignment paper, §5.3.
"""

from __future__ import annotations

import numpy as np

from layeratlas.errors import LayerAtlasError
from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = ["MOMENTS", "data_sums", "data_traces"]

#: What `data_traces` gives, in order.
MOMENTS = ("a2", "a4", "b", "b2", "ba2", "b2a2", "ba4", "ba2ba2")


def data_sums(batch: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Xᵀ diag(y) X and XᵀX, `(d, d)` each; LayerAtlasError for targets of several numbers."""
    x = batch.x.reshape(batch.size, -1).astype(np.float64)
    y = np.asarray(batch.targets, np.float64).reshape(batch.size, -1)
    if y.shape[1] != 1:
        raise LayerAtlasError(
            f"moments of data are of targets of a single number, and these have {y.shape[1]}"
        )
    return x.T @ (y * x), x.T @ x


def data_traces(sums: tuple[np.ndarray, np.ndarray], view: Seen, network: Network) -> np.ndarray:
    """φ(α), φ(α²), φ(B), φ(B²), φ(Bα), φ(B²α), φ(Bα²), φ(BαBα): `(member, moment)`."""
    a, b = (np.asarray(total) / view.size for total in sums)
    d = len(a)
    alpha, squared = a @ a, b @ b
    product = b @ alpha
    traces = (
        np.trace(alpha), (alpha * alpha).sum(), np.trace(b), np.trace(squared),
        (b * alpha).sum(), (squared * alpha).sum(), (product * alpha).sum(),
        (product * product.T).sum(),
    )  # fmt: skip
    return np.tile(np.array(traces) / d, (network.size, 1))
