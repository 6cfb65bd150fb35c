"""Where tensors live and who multiplies them.

A backend is a device, a dtype, allocation and a table of kernels with one meaning. The
training code is written once against that table:

- `cpu`: numpy arrays, BLAS products, fused numba kernels. Needs no torch, so that a training
  job starts in a second.
- `torch`: the same kernels as plain torch operations, on CUDA or on the CPU. It is the GPU
  path, the readable twin of the fused kernels, and the home of families that need autograd.

Both draw the same random numbers: streams are Threefry-2x32-20 words keyed by
(seed, purpose, epoch), see `layeratlas.runs.streams`.
"""

from __future__ import annotations

from layeratlas.backends.base import Backend, available_device, get_backend

__all__ = ["Backend", "available_device", "get_backend"]
