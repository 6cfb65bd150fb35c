"""Tangent kernels of affine maps, from what each map reads and how the outputs answer to it."""
