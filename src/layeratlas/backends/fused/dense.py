"""Dense layers: activation and dropout, forward and backward, with batch norm or a bias.

See `layeratlas.backends.kernels` for shapes and what a kernel promises. Dropout stands here, and
not in a file of its own, because numba's cache would not see its changes from there.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.backends.fused.words import threefry, u32
from layeratlas.backends.kernels import fused, inline


@inline
def _drop(h, rate, key, stream):
    """Inverted dropout of one member's slab; the rate is a multiple of 2^-16."""
    size = h.shape[0] * h.shape[1]
    flat = h.reshape(size)
    threshold = u32(int(rate * 65536.0 + 0.5))
    keep = flat.dtype.type(65536.0 / (65536.0 - threshold))
    zero = flat.dtype.type(0)
    quarter = size // 4
    k0, k1, c1 = key[0], key[1], u32(stream)
    low = u32(0xFFFF)
    for i in range(quarter):
        b0, b1 = threefry(k0, k1, u32(i), c1)
        flat[i] *= keep if u32(b0 & low) >= threshold else zero
        flat[quarter + i] *= keep if u32(b0 >> u32(16)) >= threshold else zero
        flat[2 * quarter + i] *= keep if u32(b1 & low) >= threshold else zero
        flat[3 * quarter + i] *= keep if u32(b1 >> u32(16)) >= threshold else zero
    for i in range(4 * quarter, size):
        b0, b1 = threefry(k0, k1, u32(i), c1)
        flat[i] *= keep if u32(b1 & low) >= threshold else zero


@inline
def _moments(z, mean, var):
    """Mean and population variance over samples, in blocks of rows: less rounding."""
    n, d = z.shape
    part = np.empty(d, z.dtype)
    zero = z.dtype.type(0)
    mean[:] = zero
    for start in range(0, n, 128):
        part[:] = zero
        for i in range(start, min(n, start + 128)):
            for j in range(d):
                part[j] += z[i, j]
        for j in range(d):
            mean[j] += part[j]
    for j in range(d):
        mean[j] /= z.dtype.type(n)
    var[:] = zero
    for start in range(0, n, 128):
        part[:] = zero
        for i in range(start, min(n, start + 128)):
            for j in range(d):
                c = z[i, j] - mean[j]
                part[j] += c * c
        for j in range(d):
            var[j] += part[j]
    for j in range(d):
        var[j] /= z.dtype.type(n)


@fused("rmmxx")
def standardise(x, running_mean, running_var, momentum, eps):
    """x ← x̂ = (x − mean)/std in place, updating the running statistics."""
    n, d = x.shape[1], x.shape[2]
    dtype = x.dtype.type
    mean = np.empty(d, x.dtype)
    var = np.empty(d, x.dtype)
    inv = np.empty(d, x.dtype)
    m = dtype(momentum)
    for e in range(x.shape[0]):
        xe = x[e]
        _moments(xe, mean, var)
        for j in range(d):
            inv[j] = dtype(1) / dtype(math.sqrt(var[j] + dtype(eps)))
            running_mean[e, j] += m * (mean[j] - running_mean[e, j])
            unbiased = var[j] * dtype(n) / dtype(max(n - 1, 1))
            running_var[e, j] += m * (unbiased - running_var[e, j])
        for i in range(n):
            for j in range(d):
                xe[i, j] = (xe[i, j] - mean[j]) * inv[j]


@fused("rmmmmmxxvvkimr")
def batch_norm_forward(
    z,
    bias,
    scale,
    shift,
    running_mean,
    running_var,
    momentum,
    eps,
    slope,
    dropout,
    keys,
    stream,
    inverse_std,
    out,
):
    """z ← x̂ = (z − mean)/std in place; out = dropout(LeakyReLU(scale·x̂ + shift)).

    Updates the running statistics (variance unbiased, as every framework does). The bias of
    the preceding linear map cancels in x̂ and enters the running mean only.
    """
    n, d = z.shape[1], z.shape[2]
    dtype = z.dtype.type
    mean = np.empty(d, z.dtype)
    var = np.empty(d, z.dtype)
    zero, one = dtype(0), dtype(1)
    m = dtype(momentum)
    for e in range(z.shape[0]):
        ze, oute = z[e], out[e]
        _moments(ze, mean, var)
        for j in range(d):
            v = var[j]
            inverse_std[e, j] = one / dtype(math.sqrt(v + dtype(eps)))
            running_mean[e, j] += m * (mean[j] + bias[e, j] - running_mean[e, j])
            unbiased = v * dtype(n) / dtype(max(n - 1, 1))
            running_var[e, j] += m * (unbiased - running_var[e, j])
        # Rows of parameter views are strided in numba's eyes; a contiguous copy vectorises.
        inv, g, b = inverse_std[e].copy(), scale[e].copy(), shift[e].copy()
        alpha = dtype(slope[e])
        for i in range(n):
            for j in range(d):
                h = (ze[i, j] - mean[j]) * inv[j]
                ze[i, j] = h
                y = g[j] * h + b[j]
                oute[i, j] = y if y > zero else alpha * y
        if dropout[e] > 0.0:
            _drop(oute, dropout[e], keys[e], stream)


@fused("rrrmmvvmm")
def batch_norm_backward(dout, out, normalised, scale, inverse_std, slope, dropout, dscale, dshift):
    """dout ← dL/dz in place, from dL/dout; fills dscale and dshift.

    `out` tells sign and dropout at once: 0 where dropped, otherwise the sign of the
    pre-activation. z is the linear map's product before its bias.
    """
    n, d = dout.shape[1], dout.shape[2]
    dtype = dout.dtype.type
    zero, one = dtype(0), dtype(1)
    for e in range(dout.shape[0]):
        de, he, xe = dout[e], out[e], normalised[e]
        threshold = int(dropout[e] * 65536.0 + 0.5)
        keep = dtype(65536.0 / (65536.0 - threshold))
        alpha = dtype(slope[e]) * keep
        # Without dropout an exact 0 has the slope's side of the kink, as in every framework.
        at_zero = zero if dropout[e] > 0.0 else alpha
        sg = np.zeros(d, dout.dtype)
        sb = np.zeros(d, dout.dtype)
        for i in range(n):
            for j in range(d):
                h = he[i, j]
                factor = keep if h > zero else (alpha if h < zero else at_zero)
                g = de[i, j] * factor
                de[i, j] = g
                sb[j] += g
                sg[j] += g * xe[i, j]
        inv_n = one / dtype(n)
        gain, inv = scale[e].copy(), inverse_std[e].copy()
        dscale[e, :] = sg
        dshift[e, :] = sb
        for i in range(n):
            for j in range(d):
                de[i, j] = (gain[j] * inv[j]) * (
                    de[i, j] - sb[j] * inv_n - xe[i, j] * (sg[j] * inv_n)
                )


@fused("rmvvki")
def bias_activation_forward(z, bias, slope, dropout, keys, stream):
    """z ← dropout(LeakyReLU(z + bias)) in place."""
    n, d = z.shape[1], z.shape[2]
    dtype = z.dtype.type
    zero = dtype(0)
    for e in range(z.shape[0]):
        ze, b = z[e], bias[e].copy()
        alpha = dtype(slope[e])
        for i in range(n):
            for j in range(d):
                y = ze[i, j] + b[j]
                ze[i, j] = y if y > zero else alpha * y
        if dropout[e] > 0.0:
            _drop(ze, dropout[e], keys[e], stream)


@fused("rrvvm")
def bias_activation_backward(dout, out, slope, dropout, dbias):
    """dout ← dL/d(z + bias) in place; dbias = its sum over samples."""
    n, d = dout.shape[1], dout.shape[2]
    dtype = dout.dtype.type
    zero = dtype(0)
    for e in range(dout.shape[0]):
        de, he = dout[e], out[e]
        threshold = int(dropout[e] * 65536.0 + 0.5)
        keep = dtype(65536.0 / (65536.0 - threshold))
        alpha = dtype(slope[e]) * keep
        at_zero = zero if dropout[e] > 0.0 else alpha
        db = np.zeros(d, dout.dtype)
        for i in range(n):
            for j in range(d):
                h = he[i, j]
                factor = keep if h > zero else (alpha if h < zero else at_zero)
                g = de[i, j] * factor
                de[i, j] = g
                db[j] += g
        dbias[e, :] = db


@fused("rmmv")
def affine_activation(z, scale, shift, slope):
    """z ← LeakyReLU(scale·z + shift) in place (evaluation: folded batch norm)."""
    n, d = z.shape[1], z.shape[2]
    dtype = z.dtype.type
    zero = dtype(0)
    for e in range(z.shape[0]):
        ze, g, b = z[e], scale[e].copy(), shift[e].copy()
        alpha = dtype(slope[e])
        for i in range(n):
            for j in range(d):
                y = g[j] * ze[i, j] + b[j]
                ze[i, j] = y if y > zero else alpha * y
