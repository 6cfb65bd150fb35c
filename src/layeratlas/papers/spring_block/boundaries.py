"""Where load curves turn from convex to concave: the quantity, and the theory of springs."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve

__all__ = ["convexity", "straight_lines"]

_FRICTIONS = ("friction_right", "friction_left")


def convexity(cube: xr.DataTree) -> xr.DataArray:
    """Convexity index of every run's own load curve: springs' separations, or networks'.

    CI > 0 convex, CI < 0 concave; NaN of a run that did not end well.
    """
    springs = "spring_separation" in cube["layers"].data_vars
    variable = "spring_separation" if springs else "data_separation"
    return convexity_index(load_curve(cube, variable=variable, over=None))


def straight_lines(cube: xr.DataTree) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Where noisy chains in their stationary state are straight: μ→ = μ←, whatever the noise.

    The mean force on every block is then (μ→ − μ←)/2 (specification §3.4 ii). Of chains that are
    not given the time, and of little noise, it does not hold. No line for networks, and where
    neither friction is an axis.
    """
    if "refined" not in cube.children:
        return []
    refine = json.loads(cube["refined"].attrs["refine"])
    chain = json.loads(cube.attrs["settings"]).get("chain")
    axes = refine["axes"]
    varied = [axis for axis in axes if axis in _FRICTIONS]
    if chain is None or not varied:
        return []
    ends = {axis: np.asarray(refine["plane"][axis], float) for axis in axes}
    name = "μ→ = μ← (stationary)"
    if len(varied) == 2:
        low = max(ends[axis].min() for axis in axes)
        high = min(ends[axis].max() for axis in axes)
        both = np.array([low, high])
        return [(name, both, both)] if low < high else []
    (axis,) = varied
    other = next(friction for friction in _FRICTIONS if friction != axis)
    value = float(chain.get(other, 0.1))
    if not ends[axis].min() <= value <= ends[axis].max():
        return []
    at = np.array([value, value])
    along = ends[axes[1] if axis == axes[0] else axes[0]]
    return [(name, at, along) if axis == axes[0] else (name, along, at)]
