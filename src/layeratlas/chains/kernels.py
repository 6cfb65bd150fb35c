"""The two integrators, compiled by numba, many chains at a time.

State is `(block, chain)`: the inner loop runs over chains, so it vectorises although a chain
has only a handful of blocks. A chain's arithmetic never sees its neighbours. Random words are
Threefry-2x32-20 of (chain's key, step, pair of blocks), as in `backends.fused.words`; that
generator is fixed by known-answer tests, so sharing it across files is safe with the cache, which
watches the file of a kernel only.
"""

from __future__ import annotations

import math

import numpy as np

from layeratlas.backends.fused.words import box_muller, threefry, u32
from layeratlas.runs.compiling import cached_njit

_kernel = cached_njit(error_model="numpy", fastmath={"contract", "nsz"}, nogil=True)


@_kernel
def _normal_pair(first, second, step, pair, upper, lower):
    # A function of its own, on whole rows: inside a longer one LLVM gives up vectorising it.
    for c in range(first.shape[0]):
        b0, b1 = threefry(first[c], second[c], step, pair)
        upper[c], lower[c] = box_muller(b0, b1)


@_kernel
def _normals(keys, step, out):
    """out[l, c] = standard normals of this step; rows 2i and 2i+1 share a pair of words."""
    for i in range(out.shape[0] // 2):
        _normal_pair(keys[0], keys[1], u32(step), u32(i), out[2 * i], out[2 * i + 1])


@_kernel
def first_order(x, keys, k, eta, mu_right, mu_left, noise, noisy, start, steps, record, out):
    """x_l += η σ(F_l + ε̄ ξ_l) for `steps` steps after `start`; x is `(L + 2, chain)`.

    σ(z) = z − μ→ above μ→, z + μ← below −μ←, 0 between. `record` lists, ascending, the steps
    after which y − x goes to `out[r]`, `(L + 1, chain)`.
    """
    length, chains = x.shape[0] - 2, x.shape[1]
    # An even number of rows: normals come in pairs.
    xi = np.zeros((length + length % 2, chains), np.float32)
    old = np.empty(chains)
    now = np.empty(chains)
    r = 0
    while r < record.shape[0] and record[r] <= start:
        r += 1
    for step in range(start + 1, start + steps + 1):
        if noisy:
            _normals(keys, step, xi)
        old[:] = x[0]
        for layer in range(1, length + 1):
            here, right, draw = x[layer], x[layer + 1], xi[layer - 1]
            now[:] = here
            for c in range(chains):
                z = k[c] * (right[c] - 2.0 * now[c] + old[c]) + noise[c] * draw[c]
                ahead = max(z - mu_right[c], 0.0)
                back = max(-z - mu_left[c], 0.0)
                here[c] = now[c] + eta[c] * (ahead - back)
            old[:] = now
        if r < record.shape[0] and record[r] == step:
            for layer in range(length + 1):
                for c in range(chains):
                    out[r, layer, c] = x[length + 1, c] - x[layer, c]
            r += 1


@_kernel
def second_order(
    x, v, keys, k, mass, gamma, mu_right, mu_left, noise, decay, dt, common, noisy,
    start, steps, record, out, speed,
):  # fmt: skip
    """Euler–Maruyama for dx = v dt, m dv = [k Δx − γ v − m fric(v)] dt + m e(t) dW.

    fric(v) = μ→ for v > 0, −μ← for v < 0, 0 at rest; e(t) = ε exp(−λ t). `common`: all blocks
    of a chain get the same noise, the sum of L independent Wieners (strength e √L).
    """
    length, chains = x.shape[0] - 2, x.shape[1]
    # An even number of rows: normals come in pairs.
    xi = np.zeros((length + length % 2, chains), np.float32)
    old = np.empty(chains)
    now = np.empty(chains)
    r = 0
    while r < record.shape[0] and record[r] <= start:
        r += 1
    for step in range(start + 1, start + steps + 1):
        if noisy:
            _normals(keys, step, xi)
            if common:
                xi[0] += xi[1:length].sum(axis=0)
                for layer in range(1, length):
                    xi[layer] = xi[0]
        old[:] = x[0]
        for layer in range(1, length + 1):
            here, right, draw, velocity = x[layer], x[layer + 1], xi[layer - 1], v[layer]
            now[:] = here
            for c in range(chains):
                u = velocity[c]
                friction = mu_right[c] if u > 0.0 else (-mu_left[c] if u < 0.0 else 0.0)
                pull = k[c] * (right[c] - 2.0 * now[c] + old[c]) - gamma[c] * u
                shake = noise[c] * math.exp(-decay[c] * dt[c] * (step - 1)) * math.sqrt(dt[c])
                here[c] = now[c] + dt[c] * u
                velocity[c] = u + dt[c] * (pull / mass[c] - friction) + shake * draw[c]
            old[:] = now
        if r < record.shape[0] and record[r] == step:
            for layer in range(length + 1):
                for c in range(chains):
                    out[r, layer, c] = x[length + 1, c] - x[layer, c]
                    speed[r, layer, c] = v[layer, c]
            r += 1
