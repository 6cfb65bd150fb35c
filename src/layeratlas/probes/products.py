"""Products of one stored matrix with a few vectors, for probes: memory is what they wait for.

A drawn matrix W `(out, in)` is held as its transpose, whose rows are read only where the vector, or
the wanted entry, is not zero: a ReLU halves the reading. Its numbers are 16-bit multiples of a
unit, a quarter of the bytes of double precision. They are exact; sums are in double precision.

By hand, in numba: no library multiplies 16-bit matrices by vectors of doubles, or leaves out the
rows that a ReLU has silenced.
"""

from __future__ import annotations

import numpy as np

from layeratlas.runs.compiling import cached_njit

__all__ = ["product", "transposed_product"]

_kernel = cached_njit(error_model="numpy", fastmath={"contract", "nsz", "reassoc"}, nogil=True)

# Above so many vectors at once one dense product is faster.
_FEW = 6


@_kernel
def _combine(y, x, a, b, c, d, e, f, g, h):
    # Eight rows in a function of their own: it vectorises, and enough reads are under way.
    p, q, r, s, t, u, v, w = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
    for j in range(y.shape[0]):
        low = (p * a[j] + q * b[j]) + (r * c[j] + s * d[j])
        high = (t * e[j] + u * f[j]) + (v * g[j] + w * h[j])
        y[j] += low + high


@_kernel
def _dots(y, index, out, a, b, c, d, e, f, g, h):
    p = q = r = s = t = u = v = w = 0.0
    for j in range(y.shape[0]):
        z = y[j]
        p += z * a[j]
        q += z * b[j]
        r += z * c[j]
        s += z * d[j]
        t += z * e[j]
        u += z * f[j]
        v += z * g[j]
        w += z * h[j]
    out[index[0]], out[index[1]], out[index[2]], out[index[3]] = p, q, r, s
    out[index[4]], out[index[5]], out[index[6]], out[index[7]] = t, u, v, w


@_kernel
def _rows_combined(matrix, vectors, out):
    """out_j = Σ_i u_i M_ij over the rows i with u_i ≠ 0."""
    for n in range(vectors.shape[0]):
        index = np.flatnonzero(vectors[n])
        x, y, m = vectors[n][index], out[n], matrix
        y[:] = 0.0
        whole = index.shape[0] // 8 * 8
        for k in range(0, whole, 8):
            i = index[k : k + 8]
            _combine(
                y, x[k : k + 8],
                m[i[0]], m[i[1]], m[i[2]], m[i[3]], m[i[4]], m[i[5]], m[i[6]], m[i[7]],
            )  # fmt: skip
        for k in range(whole, index.shape[0]):
            row = m[index[k]]
            for j in range(row.shape[0]):
                y[j] += x[k] * row[j]


@_kernel
def _rows_dotted(matrix, vectors, factor, out):
    """out_i = factor_i Σ_j M_ij u_j, rows read where factor_i ≠ 0."""
    for n in range(vectors.shape[0]):
        index = np.flatnonzero(factor[n])
        u, y, m = vectors[n], out[n], matrix
        y[:] = 0.0
        whole = index.shape[0] // 8 * 8
        for k in range(0, whole, 8):
            i = index[k : k + 8]
            _dots(
                u, i, y,
                m[i[0]], m[i[1]], m[i[2]], m[i[3]], m[i[4]], m[i[5]], m[i[6]], m[i[7]],
            )  # fmt: skip
        for k in range(whole, index.shape[0]):
            row, total = m[index[k]], 0.0
            for j in range(row.shape[0]):
                total += row[j] * u[j]
            y[index[k]] = total
        y *= factor[n]


def product(matrix: np.ndarray, vectors: np.ndarray, unit: float = 1.0) -> np.ndarray:
    """unit · W u of every u, `(…, sample, in)` → `(…, sample, out)`; W of any type, `(out, in)`.

    What leads the samples is independent: results are the same bits whatever else is there.
    """
    if _is_dense(matrix, vectors):
        out = vectors @ matrix.T.astype(vectors.dtype, copy=False)
    else:
        flat = np.ascontiguousarray(vectors.reshape(-1, vectors.shape[-1]))
        out = np.empty((len(flat), matrix.shape[0]))
        _rows_combined(matrix.T, flat, out)
        out = out.reshape(*vectors.shape[:-1], matrix.shape[0])
    if unit != 1:
        out *= unit
    return out


def transposed_product(
    matrix: np.ndarray, vectors: np.ndarray, factor: np.ndarray, unit: float = 1.0
) -> np.ndarray:
    """unit · factor ∘ Wᵀ u, `(…, sample, out)` → `(…, sample, in)`, as `product`.

    Nothing is read where factor is 0.
    """
    factor = factor if unit == 1 else unit * factor
    if _is_dense(matrix, vectors):
        return (vectors @ matrix.astype(vectors.dtype, copy=False)) * factor
    flat = np.ascontiguousarray(vectors.reshape(-1, vectors.shape[-1]))
    out = np.empty((len(flat), matrix.shape[1]))
    wanted = np.ascontiguousarray(factor.reshape(-1, matrix.shape[1]))
    _rows_dotted(matrix.T, flat, wanted, out)
    return out.reshape(*vectors.shape[:-1], matrix.shape[1])


def _is_dense(matrix: np.ndarray, vectors: np.ndarray) -> bool:
    """Whether a dense product is the better way: stored upright, or many samples.

    Other settings beside these samples do not count: they must not reach the numbers.
    """
    samples = vectors.shape[-2] if vectors.ndim > 1 else 1
    return samples > _FEW or not matrix.flags.f_contiguous
