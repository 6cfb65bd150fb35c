"""One small step: the change of log A that is seen, and that which its two terms give.

d log A = r1 − r2 to first order in the change of the kernel, dK. Of a ReLU network dK is of first
order in the step only as long as no unit switches on any example: a unit that does changes the
cotangents of its example by 1/√width, and with them the kernel, however small the step. The second
order, ‖dK‖²/(2‖K‖²), then grows with the number of switches, which is in proportion to the step, as
the first one is (derived here, and checked: 13 switches among 230,000 units at a step of 1e-5, none
at 1e-7).
"""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.signal_propagation.profiles import profile

__all__ = ["EXPERIMENT", "FIRST_ORDER", "ROUND_OFF", "relative_errors", "tiny_rate", "tiny_steps"]

EXPERIMENT = "alignment_tiny_step"
#: Label of the record after the step.
STEP = "one_step"

#: Changes of log A that count. Kernels of this experiment are in double precision, and a change of
#: them is known to about 1e-15: to a thousandth of this.
ROUND_OFF = 1e-12

#: How far r1 − r2 may be from a small change of log A, as a share of it (specification §5).
FIRST_ORDER = 0.02


def tiny_steps(cube: xr.DataTree) -> xr.Dataset:
    """`observed` d log A_l and `predicted` r1 − r2 of the step, (learning_rate, seed, layer).

    Both come from the kernels before and after it: cubes hold A itself in single precision, in
    which a change small enough is lost.
    """
    seen, growth, norm = (
        profile(cube, name, "train", STEP).astype("float64")
        for name in ("alignment_change", "alignment_growth", "norm_growth")
    )
    dims = ("learning_rate", "seed", "layer")
    return xr.Dataset(
        {"observed": seen.transpose(*dims), "predicted": (growth - norm).transpose(*dims)}
    )


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
