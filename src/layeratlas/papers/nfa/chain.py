"""Chain monomials: the matrix of the target itself, and what three matrices make of it.

    y(x) = Σ_{k=1…r} x_{k mod r} x_{(k+1) mod r} = ½ xᵀA x,   EGOP = E[∇y ∇yᵀ] = A²

with A the adjacency matrix of the r-cycle and x ~ N(0, 1_d) (specification §2.1). Matrices
correlate by their cosine ρ, no mean subtracted.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.cubes.told import told_setting
from layeratlas.papers.nfa import curves

__all__ = [
    "GD",
    "GD_MATRICES",
    "MIDDLE",
    "SLO",
    "SLO_MATRICES",
    "correlation",
    "egop",
    "egop_of",
    "matrices",
    "rebound",
    "scales",
    "top_share",
]

#: Experiments: gradient descent, a fast first and a fast second layer, and matrices of the ends.
GD, SLO, MIDDLE = "nfa_chain_gd", "nfa_chain_slo", "nfa_chain_slo_middle"
GD_MATRICES, SLO_MATRICES = "nfa_chain_gd_matrices", "nfa_chain_slo_matrices"


def egop(dimension: int, period: int) -> np.ndarray:
    """A², `(dimension, dimension)`: on the block of the cycle 2 on the diagonal and 1 two apart.

    Of a cycle of 4 or 3 entries neighbours coincide, and the product says what there is.
    """
    a = np.zeros((dimension, dimension))
    k = np.arange(period)
    a[k, (k + 1) % period] += 1
    a[(k + 1) % period, k] += 1
    return a @ a


def egop_of(cube: xr.DataTree) -> np.ndarray:
    """The matrix of the target that the networks of a cube learn."""
    own = told_setting(cube, "dataset.settings")
    return egop(own["dimension"], own["period"])


def correlation(a: xr.DataArray, b: xr.DataArray | np.ndarray) -> xr.DataArray:
    """ρ(A, B) = ⟨A, B⟩/(|A| |B|) over `input` and `other_input`."""
    both = ("input", "other_input")
    other = b if isinstance(b, xr.DataArray) else xr.DataArray(b, dims=both)
    return (a * other).sum(both) / np.sqrt((a * a).sum(both) * (other * other).sum(both))


def top_share(matrices: xr.DataArray, count: int = 5) -> xr.DataArray:
    """Share of the trace in the `count` largest eigenvalues, of symmetric matrices."""

    def share(values: np.ndarray) -> np.ndarray:
        known = np.isfinite(values).all((-2, -1))
        found = np.linalg.eigvalsh(np.where(known[..., None, None], values, 0.0))
        with np.errstate(invalid="ignore"):
            return np.where(known, found[..., -count:].sum(-1) / found.sum(-1), np.nan)

    return xr.apply_ufunc(share, matrices, input_core_dims=[["input", "other_input"]])


def matrices(cube: xr.DataTree, variable: str, moment: str = "final") -> xr.DataArray:
    """`nfm`, `agop` or `rotated_agop` of the first layer, (init_gain, seed, input, other_input)."""
    return curves.at(curves.curve(cube, variable), moment).sel(layer=0, drop=True)


def rebound(cube: xr.DataTree, below: float) -> xr.DataArray:
    """The largest training loss after it first was below; NaN where it never was.

    (init_gain, seed), of every run whatever its status, from the losses of all epochs, which by
    full batches are those of all steps.
    """
    loss = selecting.node_of(cube, "training")["train_loss"]
    axis = loss.get_axis_num("epoch")
    small = np.logical_or.accumulate(loss.values < below, axis=axis)
    return loss.where(small).max("epoch").astype("float64")


def scales(cube: xr.DataTree) -> list[float]:
    """The scales of initial weights, ascending."""
    return sorted(float(s) for s in cube["/"].to_dataset()["init_gain"].values)
