"""How far training took a network: its parameters, what it gives, how far that is from the labels.

Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["parameter_movement", "predictions", "residual_label_cosine"]


def parameter_movement(square: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """|θ_l|²/|θ_l(0)|², `(member,)`, weights and biases together; NaN of a map that began at 0."""
    return np.divide(square, initial, out=np.full_like(square, np.nan), where=initial > 0)


def residual_label_cosine(sums: tuple[np.ndarray, ...], view: Any) -> np.ndarray:
    """SIM = ⟨w, Ỹ⟩/(‖w‖ ‖Ỹ‖), `(member,)`, of the sums of `layeratlas.signals.residual`.

    Ỹ = Y − Ȳ over the images of the view. NaN where all labels are alike, or the residual is 0.
    """
    along, residual, labels, w, y = sums
    inner = along - (w * y).sum(-1) / view.size
    # What rounding leaves of labels that are all alike is nothing.
    spread = labels - (y**2).sum(-1) / view.size
    norms = np.sqrt(residual * np.where(spread > 1e-12 * labels, spread, 0.0))
    return np.divide(inner, norms, out=np.full_like(inner, np.nan), where=norms > 0)


def predictions(logits: Any) -> Any:
    """f, `(member, sample, output)`; positions of a sample one after the other."""
    return logits.reshape(*logits.shape[:2], -1)
