"""One small step: the change of log A that is seen, and that which its two terms give."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.dynamics import logarithmic_change, predicted_change

__all__ = ["EXPERIMENT", "FIRST_ORDER", "ROUND_OFF", "relative_errors", "tiny_rate", "tiny_steps"]

EXPERIMENT = "alignment_tiny_step"

#: Changes of log A that count. Cubes hold A in single precision, which is wrong by 6e-8 of it, so a
#: difference of two logarithms by 1.2e-7: half a percent of this.
ROUND_OFF = 2.4e-5

#: How far r1 − r2 may be from a small change of log A, as a share of it (specification §5).
FIRST_ORDER = 0.02


def tiny_steps(cube: xr.DataTree) -> xr.Dataset:
    """`observed` d log A_l and `predicted` r1 − r2 of the step, (learning_rate, seed, layer)."""
    records = [moments.INIT, "one_step"]
    seen, told = (
        change(cube, "train", records).isel(record=1, drop=True)
        for change in (logarithmic_change, predicted_change)
    )
    dims = ("learning_rate", "seed", "layer")
    return xr.Dataset({"observed": seen.transpose(*dims), "predicted": told.transpose(*dims)})


def relative_errors(steps: xr.Dataset) -> xr.DataArray:
    """|predicted − observed| / |observed|; NaN where the observed change is but round-off."""
    observed = steps["observed"]
    error = abs(steps["predicted"] - observed) / abs(observed)
    return error.where(abs(observed) > ROUND_OFF)


def tiny_rate(steps: xr.Dataset) -> float | None:
    """The smallest learning rate at which most layers change by more than round-off, or None."""
    counted = relative_errors(steps).notnull()
    enough = counted.mean(("seed", "layer")) > 0.5
    rates = [float(rate) for rate in steps["learning_rate"].values[enough.values]]
    return min(rates) if rates else None
