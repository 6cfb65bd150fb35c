"""Data noise: labels redrawn, Gaussian noise on inputs.

Symbols
    p   noise strength, the horizontal axis of the "data noise" phase diagram
    n   number of samples in the batch (static noise: the whole training set is the batch)
    K   number of classes
    s   standard deviation over all entries of the batch, population form (divided by the count)

Two uses of the same definition, never to be confused:
    fresh noise   redrawn at every training step, by the training engine, on each minibatch;
                  `corrupt_labels` and `corrupt_inputs` are what its fast path is tested against
    static noise  drawn once when the data set is prepared, and stored;
                  `draw_static_label_noise` and `draw_static_input_noise`

Source: spring–block theory of feature learning (Shi, Pan, Dokmanić), released training code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

# Labels and inputs have streams of their own, so that changing one noise leaves the other's draw.
_LABEL_STREAM, _INPUT_STREAM = 1, 2


def corrupt_labels(
    labels: Int[np.ndarray, " sample"], p: float, n_classes: int, rng: np.random.Generator
) -> Int[np.ndarray, " sample"]:
    """Labels of one batch with `int(p n)` of them redrawn: one draw of label noise.

    The redrawn ones are chosen without replacement and get a class uniform on 0 … K−1, which may
    be the true one, so that a fraction of about (1 − 1/K) p changes.

    `labels` stays as it is; the result has its shape and type. Raises `ValueError` for p outside
    [0, 1] or labels outside 0 … K−1.
    """
    noisy, _ = _redraw(labels, p, n_classes, rng)
    return noisy


def corrupt_inputs(
    x: Float[np.ndarray, " *shape"], p: float, rng: np.random.Generator
) -> Float[np.ndarray, " *shape"]:
    """Inputs of one batch with Gaussian noise: x + p s ε, ε ~ N(0, 1) for every entry.

    s is the standard deviation over all entries of `x`, so p is in units of the data's own spread.
    Nothing is clipped: values leave [0, 1]. `x` stays as it is; the result has its shape and type.
    Raises `ValueError` for p < 0, `TypeError` for `x` that is not float32 or float64.
    """
    x = np.asarray(x)
    if x.dtype not in (np.float32, np.float64):
        raise TypeError(f"Input noise needs float32 or float64 inputs, got {x.dtype}.")
    sigma = _sigma(x, p)
    return x + x.dtype.type(sigma) * rng.standard_normal(x.shape, dtype=x.dtype)


@dataclass(frozen=True)
class StaticLabelNoise:
    """Training labels corrupted once, and what happened to them."""

    clean_labels: Int[np.ndarray, " sample"]
    labels: Int[np.ndarray, " sample"]
    """The labels to train on."""
    redrawn: Bool[np.ndarray, " sample"]
    """Labels that were drawn again, whether or not the draw gave another class."""

    @property
    def changed(self) -> Bool[np.ndarray, " sample"]:
        """Labels that differ from the clean ones."""
        return self.labels != self.clean_labels

    @property
    def realised_flip_rate(self) -> float:
        """Fraction of labels that differ from the clean ones."""
        return float(self.changed.mean())


@dataclass(frozen=True)
class StaticInputNoise:
    """Training images corrupted once, and the standard deviation of the noise."""

    images: Float[np.ndarray, " *shape"]
    sigma: float
    """p s, in units of the pixel values."""


def draw_static_label_noise(
    labels: Int[np.ndarray, " sample"], p: float, n_classes: int, seed: int
) -> StaticLabelNoise:
    """`corrupt_labels` once on the whole training set, remembering which labels were touched."""
    rng = np.random.default_rng([seed, _LABEL_STREAM])
    noisy, redrawn = _redraw(labels, p, n_classes, rng)
    return StaticLabelNoise(clean_labels=np.array(labels), labels=noisy, redrawn=redrawn)


def draw_static_input_noise(
    images: Float[np.ndarray, " *shape"], p: float, seed: int
) -> StaticInputNoise:
    """`corrupt_inputs` once on the whole training set; at p = 0 the images as they are."""
    sigma = _sigma(images, p)
    if p == 0:
        return StaticInputNoise(images=images, sigma=sigma)
    rng = np.random.default_rng([seed, _INPUT_STREAM])
    return StaticInputNoise(images=corrupt_inputs(images, p, rng), sigma=sigma)


def _redraw(
    labels: np.ndarray, p: float, n_classes: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    labels = np.asarray(labels)
    if not 0 <= p <= 1:
        raise ValueError(f"Label noise p is a fraction between 0 and 1, got {p}.")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(
            f"Labels run from {labels.min()} to {labels.max()}; {n_classes} classes allow "
            f"0 to {n_classes - 1}."
        )
    n = len(labels)
    # int() as in the published code: it rounds down, so a batch of 10 at p = 0.05 has no noise.
    chosen = rng.choice(n, size=int(p * n), replace=False)
    noisy = labels.copy()
    noisy[chosen] = rng.integers(n_classes, size=len(chosen))
    redrawn = np.zeros(n, dtype=bool)
    redrawn[chosen] = True
    return noisy, redrawn


def _sigma(x: np.ndarray, p: float) -> float:
    if not p >= 0:
        raise ValueError(f"Input noise p is zero or more, got {p}.")
    # Sums in float64: a float32 mean over 10⁸ pixels drifts.
    return float(p * np.std(x, dtype=np.float64))
