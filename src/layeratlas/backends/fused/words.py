"""Random words and normals: Threefry-2x32-20 and Box–Muller, inlined into the kernels that draw.

word = f(key, element, stream), without state (Salmon, Moraes, Dror and Shaw, SC 2011). numba's
cache does not see a change of what a kernel of another file inlines. These functions are fixed by
known-answer tests, so they may be shared across files; anything else stays in one file with its
users.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.backends.kernels import fused, inline

u32, _i32, _f32 = np.uint32, np.int32, np.float32
_LN2 = math.log(2.0)
_TURN = 2.0 * math.pi / 2.0**32


@inline
def _rotate(x, r):
    return u32(u32(x << u32(r)) | u32(x >> u32(32 - r)))


@inline
def _four_rounds_a(x0, x1):
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 13) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 15) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 26) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 6) ^ x0)
    return x0, x1


@inline
def _four_rounds_b(x0, x1):
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 17) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 29) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 16) ^ x0)
    x0 = u32(x0 + x1)
    x1 = u32(_rotate(x1, 24) ^ x0)
    return x0, x1


@inline
def threefry(k0, k1, c0, c1):
    # Written out: numba does not unroll a loop over the rotation table, and an inner loop
    # would keep LLVM from vectorising the caller's loop over elements.
    k2 = u32(u32(k0 ^ k1) ^ u32(0x1BD11BDA))
    x0, x1 = _four_rounds_a(u32(c0 + k0), u32(c1 + k1))
    x0, x1 = _four_rounds_b(u32(x0 + k1), u32(x1 + u32(k2 + u32(1))))
    x0, x1 = _four_rounds_a(u32(x0 + k2), u32(x1 + u32(k0 + u32(2))))
    x0, x1 = _four_rounds_b(u32(x0 + k0), u32(x1 + u32(k1 + u32(3))))
    x0, x1 = _four_rounds_a(u32(x0 + k1), u32(x1 + u32(k2 + u32(4))))
    return u32(x0 + k2), u32(x1 + u32(k0 + u32(5)))


@inline
def box_muller(b0, b1):
    """Two standard normals from two words; |error| < 2e-6 against exact arithmetic."""
    # u in (0, 1): 23 bits plus half a step. log(u) is finite, and u exact in float32: a bit more
    # would round u to 1 at the upper end and lose the smallest radii.
    u = _f32(_i32(b0 >> u32(9))) * _f32(2.0**-23) + _f32(2.0**-24)
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


@fused("wiw")
def random_words(key, stream, out):
    """out[i], out[i + half] = Threefry(key, (i, stream)); out is uint32 of even length."""
    half = out.shape[0] // 2
    for i in range(half):
        out[i], out[half + i] = threefry(key[0], key[1], u32(i), u32(stream))
