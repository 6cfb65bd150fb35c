"""Where tensors live and who multiplies them.

A backend is a device, a dtype, allocation, products, and one of the two ways that every kernel has
(`layeratlas.backends.kernels`). The training code is written once against it:

- `cpu`: numpy arrays, BLAS products, fused numba kernels. Needs no torch, so that a training
  job starts in a second.
- `torch`: the same kernels as plain torch operations, on CUDA or on the CPU. It is the GPU
  path, the readable twin of the fused kernels, and the home of families that need autograd.

Within an epoch both draw the same words, Threefry-2x32-20 keyed by (seed, purpose, epoch): order of
the images, fresh noise, dropout. Initial weights come from numpy's Philox before a backend sees
them; see `layeratlas.runs.streams`.
"""

from __future__ import annotations

from layeratlas.backends.base import Backend, available_device, get_backend

__all__ = ["Backend", "available_device", "get_backend"]
