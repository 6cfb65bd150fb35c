"""The CPU backend: numpy arrays, BLAS products, numba kernels. One thread."""

from __future__ import annotations

import numpy as np

from layeratlas.backends.kernels import Fused, Kernel

# What a step of a slot touches should stay in the caches: a core's own holds 1 or 2 MiB, which one
# network of a large batch fills; more pay where batches are small, and steps interpreter.
_CACHE_BYTES = 12 * 2**20


class CpuBackend:
    """See `layeratlas.backends.base.Backend`."""

    name = "cpu"
    device = "cpu"

    def __init__(self, dtype: str = "float32"):
        self.dtype = dtype
        self._type = np.dtype(dtype)

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, self._type)

    def full(self, shape: tuple[int, ...], value: float) -> np.ndarray:
        return np.full(shape, value, self._type)

    def integers(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    def keys(self, words: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(words, np.uint32)

    def vector(self, values) -> np.ndarray:
        """Per-member settings stay float64; kernels cast where they use them."""
        return np.ascontiguousarray(values, np.float64)

    def from_numpy(self, array: np.ndarray) -> np.ndarray:
        kind = self._type if array.dtype.kind == "f" else np.int64
        return np.array(array, dtype=kind, order="C")

    def to_numpy(self, array: np.ndarray) -> np.ndarray:
        return np.array(array)

    def matmul(self, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
        if a.shape[-1] == 1:
            # An outer product, of networks of one output: BLAS takes four times as long for the
            # same bits, those of zeros included, which it makes positive by adding to 0.
            np.multiply(a, b, out=out)
            out += 0.0
            return
        # numpy calls BLAS once per member: a member's product cannot see its neighbours.
        np.matmul(a, b, out=out)

    def transpose(self, a: np.ndarray) -> np.ndarray:
        return a.transpose(0, 2, 1)

    def slot_size(self, parameters: int, batch: int, activations: int) -> int:
        """Members to step together: as many as the cache holds, at most 8.

        Stacking saves interpreter time per step and costs cache; results do not depend on it.
        """
        # Weights, gradient and two moments; z, φ(z) and what flows back.
        per_member = self._type.itemsize * (4 * parameters + batch * activations)
        return int(np.clip(_CACHE_BYTES // per_member, 1, 8))

    def kernel(self, fused: Fused, plain: Kernel) -> Kernel:
        return fused.compiled(self.dtype)
