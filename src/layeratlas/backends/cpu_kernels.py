"""Fused CPU kernels of the ensemble engine, compiled by numba.

Every kernel loops over members and works on one member's C-contiguous slab at a time, so a
member's bits do not depend on its neighbours or on how many there are. Reductions may be
re-associated by the compiler (`reassoc`), but only as a function of the array's length.
NaN and infinity keep their IEEE meaning: divergence must stay visible.

The twin of each kernel, written for clarity, is the method of the same name in
`layeratlas.backends.torch_backend`; `tests/backends` compares the two.

Shapes: member `e`, sample `n`, feature `d`, parameter tensor `t`. Random numbers are
Threefry-2x32-20 (Salmon et al., SC 2011): word = f(key, element, stream), no state.
All helpers stand in this one file because numba's cache does not see changes elsewhere.

Each kernel is compiled for one explicit signature a dtype. Left to itself numba would make a
second version for contiguous arguments, which a view of a one-member buffer happens to be, and
the two versions may round differently.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from numba import njit, types

# "nnan" and "ninf" are left out on purpose: a diverged member must show itself.
_FAST = {"reassoc", "contract", "arcp", "nsz"}
# Python's division-by-zero check is an early exit, which forbids vectorising a loop.
_OPTIONS = {"cache": True, "fastmath": _FAST, "error_model": "numpy", "nogil": True}
_inline = njit(inline="always", fastmath=_FAST, error_model="numpy")

# Argument kinds: r real slab (member, sample, feature); m matrix (member, parameter), any view;
# d data (sample, feature); f flat (member, width); v vector (member,) float64; q rates
# (member, tensor) float64; l labels and indices (member, sample); o offsets; k keys
# (member, 2); w words; i integer; x number.
_U, _I, _D = types.uint32, types.int64, types.float64
_FIXED = {
    "v": types.Array(_D, 1, "C"),
    "q": types.Array(_D, 2, "C"),
    "l": types.Array(_I, 2, "C"),
    "o": types.Array(_I, 1, "C"),
    "k": types.Array(_U, 2, "C"),
    "w": types.Array(_U, 1, "C"),
    "i": _I,
    "x": _D,
}
_REAL = {"r": (3, "C"), "m": (2, "A"), "d": (2, "C"), "f": (2, "C")}
_SIGNATURES: dict[str, tuple[Callable, str]] = {}


def _kernel(arguments: str):
    def register(function):
        _SIGNATURES[function.__name__] = (function, arguments)
        return function

    return register


@functools.cache
def compiled(name: str, dtype: str) -> Callable:
    """The kernel `name` compiled for float32 or float64 (cached on disk by numba)."""
    function, arguments = _SIGNATURES[name]
    real = types.float32 if dtype == "float32" else types.float64
    table = _FIXED | {k: types.Array(real, *shape) for k, shape in _REAL.items()}
    return njit(types.void(*(table[a] for a in arguments)), **_OPTIONS)(function)


def names() -> tuple[str, ...]:
    """Every kernel."""
    return tuple(_SIGNATURES)


_u32, _i32, _f32 = np.uint32, np.int32, np.float32
_LN2 = math.log(2.0)
_TURN = 2.0 * math.pi / 2.0**32


@_inline
def _rotate(x, r):
    return _u32(_u32(x << _u32(r)) | _u32(x >> _u32(32 - r)))


@_inline
def _four_rounds_a(x0, x1):
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 13) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 15) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 26) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 6) ^ x0)
    return x0, x1


@_inline
def _four_rounds_b(x0, x1):
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 17) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 29) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 16) ^ x0)
    x0 = _u32(x0 + x1)
    x1 = _u32(_rotate(x1, 24) ^ x0)
    return x0, x1


@_inline
def _threefry(k0, k1, c0, c1):
    # Written out: numba does not unroll a loop over the rotation table, and an inner loop
    # would keep LLVM from vectorising the caller's loop over elements.
    k2 = _u32(_u32(k0 ^ k1) ^ _u32(0x1BD11BDA))
    x0, x1 = _four_rounds_a(_u32(c0 + k0), _u32(c1 + k1))
    x0, x1 = _four_rounds_b(_u32(x0 + k1), _u32(x1 + _u32(k2 + _u32(1))))
    x0, x1 = _four_rounds_a(_u32(x0 + k2), _u32(x1 + _u32(k0 + _u32(2))))
    x0, x1 = _four_rounds_b(_u32(x0 + k0), _u32(x1 + _u32(k1 + _u32(3))))
    x0, x1 = _four_rounds_a(_u32(x0 + k1), _u32(x1 + _u32(k2 + _u32(4))))
    return _u32(x0 + k2), _u32(x1 + _u32(k0 + _u32(5)))


@_inline
def _box_muller(b0, b1):
    """Two standard normals from two words; |error| < 2e-6 against exact arithmetic."""
    # u in (0, 1): 23 bits plus half a step. log(u) is finite, and u exact in float32: a bit more
    # would round u to 1 at the upper end and lose the smallest radii.
    u = _f32(_i32(b0 >> _u32(9))) * _f32(2.0**-23) + _f32(2.0**-24)
    # ln u = e ln 2 + ln m with m in [sqrt(1/2), sqrt 2), ln m = 2 artanh((m-1)/(m+1)).
    bits = np.float32(u).view(np.int32)
    e = _i32(_i32(bits - _i32(0x3F3504F3)) >> _i32(23))
    m = np.int32(bits - _i32(e << _i32(23))).view(np.float32)
    s = _f32(m - _f32(1)) / _f32(m + _f32(1))
    w = s * s
    tail = w * (_f32(2 / 3) + w * (_f32(2 / 5) + w * (_f32(2 / 7) + w * _f32(2 / 9))))
    radius = math.sqrt(_f32(-2) * (_f32(e) * _f32(_LN2) + s * (_f32(2) + tail)))
    # The second word is a signed turn: nearest quarter q, remainder in [-1/8, 1/8) turn.
    turn = _i32(b1)
    q = _i32(_i32(turn + _i32(0x20000000)) >> _i32(30))
    x = _f32(_i32(turn - _i32(q << _i32(30)))) * _f32(_TURN)
    w = x * x
    sine = x * (_f32(1) + w * (_f32(-1 / 6) + w * (_f32(1 / 120) + w * _f32(-1 / 5040))))
    cosine = _f32(1) + w * (
        _f32(-1 / 2) + w * (_f32(1 / 24) + w * (_f32(-1 / 720) + w * _f32(1 / 40320)))
    )
    odd = _i32(q & _i32(1)) != _i32(0)
    a = sine if odd else cosine
    b = cosine if odd else sine
    a = -a if _i32(_i32(q + _i32(1)) & _i32(2)) != _i32(0) else a
    b = -b if _i32(q & _i32(2)) != _i32(0) else b
    return radius * a, radius * b


@_kernel("wiw")
def random_words(key, stream, out):
    """out[i], out[i + half] = Threefry(key, (i, stream)); out is uint32 of even length."""
    half = out.shape[0] // 2
    for i in range(half):
        out[i], out[half + i] = _threefry(key[0], key[1], _u32(i), _u32(stream))


@_kernel("dlr")
def gather(source, index, out):
    """out[e, i] = source[index[e, i]]."""
    for e in range(index.shape[0]):
        for i in range(index.shape[1]):
            row = source[index[e, i]]
            for j in range(source.shape[1]):
                out[e, i, j] = row[j]


@_kernel("rvki")
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
        k0, k1, c1 = keys[e, 0], keys[e, 1], _u32(stream)
        for i in range(half):
            b0, b1 = _threefry(k0, k1, _u32(i), c1)
            a, b = _box_muller(b0, b1)
            flat[i] += scale * flat.dtype.type(a)
            flat[half + i] += scale * flat.dtype.type(b)
        if size % 2:
            b0, b1 = _threefry(k0, k1, _u32(half), c1)
            a, _ = _box_muller(b0, b1)
            flat[size - 1] += scale * flat.dtype.type(a)


@_kernel("lviki")
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
            b0, b1 = _threefry(keys[e, 0], keys[e, 1], _u32(i), _u32(stream))
            j = i + int((np.uint64(b0) * np.uint64(n - i)) >> np.uint64(32))
            order[i], order[j] = order[j], order[i]
            labels[e, order[i]] = int((np.uint64(b1) * np.uint64(n_classes)) >> np.uint64(32))


@_kernel("kil")
def permutations(keys, stream, out):
    """out[e] = a uniform permutation of 0 … n-1 (Fisher–Yates)."""
    n = out.shape[1]
    for e in range(out.shape[0]):
        for i in range(n):
            out[e, i] = i
        for i in range(n - 1):
            b0, _ = _threefry(keys[e, 0], keys[e, 1], _u32(i), _u32(stream))
            j = i + int((np.uint64(b0) * np.uint64(n - i)) >> np.uint64(32))
            out[e, i], out[e, j] = out[e, j], out[e, i]


@_inline
def _drop(h, rate, key, stream):
    """Inverted dropout of one member's slab; the rate is a multiple of 2^-16."""
    size = h.shape[0] * h.shape[1]
    flat = h.reshape(size)
    threshold = _u32(int(rate * 65536.0 + 0.5))
    keep = flat.dtype.type(65536.0 / (65536.0 - threshold))
    zero = flat.dtype.type(0)
    quarter = size // 4
    k0, k1, c1 = key[0], key[1], _u32(stream)
    low = _u32(0xFFFF)
    for i in range(quarter):
        b0, b1 = _threefry(k0, k1, _u32(i), c1)
        flat[i] *= keep if _u32(b0 & low) >= threshold else zero
        flat[quarter + i] *= keep if _u32(b0 >> _u32(16)) >= threshold else zero
        flat[2 * quarter + i] *= keep if _u32(b1 & low) >= threshold else zero
        flat[3 * quarter + i] *= keep if _u32(b1 >> _u32(16)) >= threshold else zero
    for i in range(4 * quarter, size):
        b0, b1 = _threefry(k0, k1, _u32(i), c1)
        flat[i] *= keep if _u32(b1 & low) >= threshold else zero


@_inline
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


@_kernel("rmmxx")
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


@_kernel("rmmmmmxxvvkimr")
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


@_kernel("rrrmmvvmm")
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


@_kernel("rmvvki")
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


@_kernel("rrvvm")
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


@_kernel("rmmv")
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


@_kernel("rmlvm")
def cross_entropy(logits, bias, labels, loss, dbias):
    """loss[e] = mean_i −ln softmax(logits + bias)[label]; logits ← its gradient in place."""
    n, k = logits.shape[1], logits.shape[2]
    dtype = logits.dtype.type
    for e in range(logits.shape[0]):
        ze, b = logits[e], bias[e].copy()
        db = np.zeros(k, logits.dtype)
        total = 0.0
        inv_n = dtype(1) / dtype(n)
        for i in range(n):
            top = ze[i, 0] + b[0]
            for j in range(k):
                ze[i, j] += b[j]
                top = max(top, ze[i, j])
            norm = dtype(0)
            picked = ze[i, labels[e, i]] - top
            for j in range(k):
                v = dtype(math.exp(ze[i, j] - top))
                ze[i, j] = v
                norm += v
            total += math.log(norm) - picked
            for j in range(k):
                ze[i, j] = ze[i, j] / norm * inv_n
            ze[i, labels[e, i]] -= inv_n
            for j in range(k):
                db[j] += ze[i, j]
        dbias[e, :] = db
        loss[e] = total / n


@_kernel("rmlvm")
def mean_squared_error(logits, bias, labels, loss, dbias):
    """loss[e] = mean over samples and outputs of (logits + bias − onehot)²; gradient in place."""
    n, k = logits.shape[1], logits.shape[2]
    dtype = logits.dtype.type
    for e in range(logits.shape[0]):
        ze, b = logits[e], bias[e].copy()
        db = np.zeros(k, logits.dtype)
        total = 0.0
        factor = dtype(2.0 / (n * k))
        for i in range(n):
            for j in range(k):
                r = ze[i, j] + b[j]
                if j == labels[e, i]:
                    r -= dtype(1)
                total += r * r
                ze[i, j] = factor * r
                db[j] += factor * r
        dbias[e, :] = db
        loss[e] = total / (n * k)


@_kernel("ffffqoxxxi")
def adam(theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step):
    """Adam (Kingma & Ba 2015) with a learning rate per (member, tensor)."""
    dtype = theta.dtype.type
    b1, b2 = dtype(beta1), dtype(beta2)
    c1, c2 = dtype(1.0 - beta1), dtype(1.0 - beta2)
    root = dtype(1.0 / math.sqrt(1.0 - beta2**step))
    epsilon = dtype(eps)
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            # Slices, and loops from 0: an offset start hides from LLVM that no index wraps
            # around, and the loop stays scalar (8 times slower).
            start, stop = offsets[t], offsets[t + 1]
            p, g = theta[e, start:stop], gradient[e, start:stop]
            m, v = first[e, start:stop], second[e, start:stop]
            size = dtype(rate[e, t] / (1.0 - beta1**step))
            for i in range(stop - start):
                a = b1 * m[i] + c1 * g[i]
                b = b2 * v[i] + c2 * g[i] * g[i]
                m[i] = a
                v[i] = b
                p[i] -= size * a / (dtype(math.sqrt(b)) * root + epsilon)


@_kernel("fffqox")
def sgd(theta, gradient, velocity, rate, offsets, momentum):
    """Heavy-ball SGD: velocity ← momentum·velocity + gradient; theta ← theta − rate·velocity."""
    dtype = theta.dtype.type
    mu = dtype(momentum)
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            start, stop = offsets[t], offsets[t + 1]
            p, g, u = theta[e, start:stop], gradient[e, start:stop], velocity[e, start:stop]
            size = dtype(rate[e, t])
            for i in range(stop - start):
                a = mu * u[i] + g[i]
                u[i] = a
                p[i] -= size * a


@_kernel("ffqoo")
def scale_invariant_sgd(theta, gradient, rate, offsets, blocks):
    """theta ← theta − rate·gradient/(B·|gradient of the tensor's block|²), B blocks in all.

    blocks[t]: block of tensor t, −1 for a tensor that stays. Sums are double; a block without any
    gradient stays.
    """
    dtype = theta.dtype.type
    count = 0
    for t in range(blocks.shape[0]):
        count = max(count, blocks[t] + 1)
    square = np.empty(max(count, 1), np.float64)
    for e in range(theta.shape[0]):
        square[:] = 0.0
        for t in range(blocks.shape[0]):
            if blocks[t] < 0:
                continue
            g = gradient[e, offsets[t] : offsets[t + 1]]
            total = 0.0
            for i in range(g.shape[0]):
                total += np.float64(g[i]) * np.float64(g[i])
            square[blocks[t]] += total
        for t in range(blocks.shape[0]):
            # A NaN is no zero: what diverged stays visible.
            if blocks[t] < 0 or square[blocks[t]] == 0.0:
                continue
            start, stop = offsets[t], offsets[t + 1]
            p, g = theta[e, start:stop], gradient[e, start:stop]
            size = dtype(rate[e, t] / (count * square[blocks[t]]))
            for i in range(stop - start):
                p[i] -= size * g[i]
