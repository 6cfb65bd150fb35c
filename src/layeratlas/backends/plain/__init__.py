"""Kernels in stacked torch operations: the GPU path, and readable twins of `backends.fused`."""
