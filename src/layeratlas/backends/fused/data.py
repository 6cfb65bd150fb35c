"""Minibatches: order of the images, copying them, and noise that is fresh at every step.

See `layeratlas.backends.kernels` for shapes and what a kernel promises.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.backends.fused.words import box_muller, threefry, u32
from layeratlas.backends.kernels import fused


@fused("dlr")
def gather(source, index, out):
    """out[e, i] = source[index[e, i]]."""
    for e in range(index.shape[0]):
        for i in range(index.shape[1]):
            row = source[index[e, i]]
            for j in range(source.shape[1]):
                out[e, i, j] = row[j]


@fused("rvki")
def add_input_noise(x, strength, keys, stream):
    """x[e] += strength[e] · std(x[e]) · N(0, 1), std over all entries of the minibatch."""
    size = x.shape[1] * x.shape[2]
    half = size // 2
    for e in range(x.shape[0]):
        if strength[e] == 0.0:
            continue
        flat = x[e].reshape(size)
        zero = flat.dtype.type(0)
        total = zero
        for i in range(size):
            total += flat[i]
        mean = flat.dtype.type(total / flat.dtype.type(size))
        total = zero
        for i in range(size):
            total += (flat[i] - mean) * (flat[i] - mean)
        scale = flat.dtype.type(strength[e] * math.sqrt(total / size))
        k0, k1, c1 = keys[e, 0], keys[e, 1], u32(stream)
        for i in range(half):
            b0, b1 = threefry(k0, k1, u32(i), c1)
            a, b = box_muller(b0, b1)
            flat[i] += scale * flat.dtype.type(a)
            flat[half + i] += scale * flat.dtype.type(b)
        if size % 2:
            b0, b1 = threefry(k0, k1, u32(half), c1)
            a, _ = box_muller(b0, b1)
            flat[size - 1] += scale * flat.dtype.type(a)


@fused("lviki")
def replace_labels(labels, strength, n_classes, keys, stream):
    """int(strength·n) labels, chosen without replacement, get a uniform class (§2.4 (i))."""
    n = labels.shape[1]
    order = np.empty(n, np.int64)
    for e in range(labels.shape[0]):
        # int() as in the published code and in `datasets.noise`: it rounds down.
        count = int(strength[e] * n)
        for i in range(n):
            order[i] = i
        for i in range(count):
            b0, b1 = threefry(keys[e, 0], keys[e, 1], u32(i), u32(stream))
            j = i + int((np.uint64(b0) * np.uint64(n - i)) >> np.uint64(32))
            order[i], order[j] = order[j], order[i]
            labels[e, order[i]] = int((np.uint64(b1) * np.uint64(n_classes)) >> np.uint64(32))


@fused("kil")
def permutations(keys, stream, out):
    """out[e] = a uniform permutation of 0 … n-1 (Fisher–Yates)."""
    n = out.shape[1]
    for e in range(out.shape[0]):
        for i in range(n):
            out[e, i] = i
        for i in range(n - 1):
            b0, _ = threefry(keys[e, 0], keys[e, 1], u32(i), u32(stream))
            j = i + int((np.uint64(b0) * np.uint64(n - i)) >> np.uint64(32))
            out[e, i], out[e, j] = out[e, j], out[e, i]
