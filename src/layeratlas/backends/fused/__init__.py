"""Kernels fused by numba for one CPU thread. Each has a twin of its name in `backends.plain`."""
