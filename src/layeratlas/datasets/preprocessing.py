"""Which samples, and what is done to their pixels before a network sees them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, UInt8

# ITU-R BT.601 luma of R, G, B.
LUMA_WEIGHTS = (0.299, 0.587, 0.114)

TEST_SUBSET_SEED = 0
"""Seed that picks a test subset of an official test part: fixed, so that networks trained on
different training subsets are tested on the same images."""

_BATCH = 2048  # images resized at once; bounds the memory, does not change the result


def sample_permutation(n: int, seed: int) -> Int[np.ndarray, " sample"]:
    """Random order of 0 … n−1, as `torch.utils.data.random_split` draws it for `seed`.

    The first n_train entries are the training subset of the published experiments. In step k an
    entry trades places with one of those from k on, by the 32-bit draws of MT19937, whose seed is
    the lower 32 bits: the shuffle of `torch.randperm` below 2e8 entries, without loading torch.
    """
    draws = np.random.RandomState(seed & 0xFFFFFFFF).randint(2**32, size=n, dtype=np.uint32)
    order = list(range(n))
    for k, ahead in enumerate((draws % np.arange(n, 0, -1)).tolist()):
        order[k], order[k + ahead] = order[k + ahead], order[k]
    return np.array(order, dtype=np.int64)


def split_pool(
    n_pool: int, n_train: int, n_test: int | None, seed: int
) -> tuple[Int[np.ndarray, " train_sample"], Int[np.ndarray, " test_sample"]]:
    """Training and test positions in a pool without official split: they never overlap.

    Training: the first `n_train` of `sample_permutation`; test: the `n_test` that follow
    (None: all that follow).
    """
    order = sample_permutation(n_pool, seed)
    end = n_pool if n_test is None else n_train + n_test
    return order[:n_train], order[n_train:end]


def choose_test(n_official: int, n_test: int | None) -> Int[np.ndarray, " test_sample"]:
    """Positions of the test images in an official test part, in the official order.

    None: all. Otherwise the first `n_test` of a permutation with the fixed seed
    `TEST_SUBSET_SEED`, sorted; test parts may be sorted by class or writer, so the first images
    would not be a fair sample. A smaller subset is contained in a larger one.
    """
    if n_test is None:
        return np.arange(n_official)
    return np.sort(sample_permutation(n_official, TEST_SUBSET_SEED)[:n_test])


def choose_samples(
    n: int, n_official: int | None, n_train: int, n_test: int | None, seed: int
) -> tuple[Int[np.ndarray, " train_sample"], Int[np.ndarray, " test_sample"]]:
    """Training positions among `n`, test positions in the official test part of `n_official`.

    None: there is no such part, and both are of the pool of `n` (`split_pool`).
    """
    if n_official is None:
        return split_pool(n, n_train, n_test, seed)
    return sample_permutation(n, seed)[:n_train], choose_test(n_official, n_test)


def preprocess(
    images: UInt8[np.ndarray, "sample channel row column"],
    *,
    max_value: int = 255,
    size: int | None = None,
    antialias: bool = True,
    grayscale: bool = False,
) -> Float[np.ndarray, "sample new_channel new_row new_column"]:
    """Pixels as float32 in [0, 1], in grey and resized where asked for.

    value / `max_value`, then luma 0.299 R + 0.587 G + 0.114 B (images of one channel stay), then
    bilinear interpolation to `size` × `size` with pixel centres at half-integers. With `antialias`
    the triangle filter widens by the shrinking factor. Both are linear, so their order is free;
    grey first is cheaper.
    """
    import torch
    from torch.nn.functional import interpolate

    n, channels, rows, columns = images.shape
    to_grey = grayscale and channels == 3
    side = (rows, columns) if size is None else (size, size)
    luma = torch.tensor(LUMA_WEIGHTS).view(1, 3, 1, 1)
    out = np.empty((n, 1 if to_grey else channels, *side), dtype=np.float32)
    for start in range(0, n, _BATCH):
        batch = torch.from_numpy(images[start : start + _BATCH].astype(np.float32))
        batch /= max_value
        if to_grey:
            batch = (batch * luma).sum(dim=1, keepdim=True)
        if side != (rows, columns):
            batch = interpolate(
                batch, size=side, mode="bilinear", antialias=antialias, align_corners=False
            )
        out[start : start + _BATCH] = batch.numpy()
    return out
