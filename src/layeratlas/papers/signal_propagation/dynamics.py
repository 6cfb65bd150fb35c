"""What is read of the experiment with a dense log: rates that are drawn, change of log A."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.papers.signal_propagation import moments

__all__ = [
    "EXPERIMENT",
    "logarithmic_change",
    "predicted_change",
    "rates_shown",
    "residual_cosine",
]

EXPERIMENT = "alignment_dynamics"
SIM = "residual_label_cosine"

#: Columns of a figure.
_MOST = 3


def rates_shown(cube: xr.DataTree) -> list[float]:
    """At most three learning rates: those whose runs came to the mark first, the others after.

    Ascending. Of more that came there the smallest, the middle one and the largest.
    """
    rates = [float(rate) for rate in cube.to_dataset()["learning_rate"].values]
    came = rates
    if moments.MARK in moments.labels(cube):
        reached = moments.reached(cube, moments.MARK).any("seed")
        came = [rate for rate in rates if bool(reached.sel(learning_rate=rate))] or rates
    if len(came) > _MOST:
        came = [came[0], came[len(came) // 2], came[-1]]
    others = [rate for rate in rates if rate not in came]
    return sorted([*came, *others[: max(0, 2 - len(came))]])


def logarithmic_change(cube: xr.DataTree, view: str, records: list[str]) -> xr.DataArray:
    """log A_l at each record less that at the one before it, (axes, seed, record, layer).

    The first record has none. NaN where an alignment is not positive.
    """
    values = moments.history(cube, "alignment", view, records)
    logs = values.where(values > 0)
    logs = logs.copy(data=np.log(logs.values))
    return logs - logs.shift(record=1)


def residual_cosine(cube: xr.DataTree, view: str, records: list[str]) -> xr.DataArray | None:
    """SIM = ⟨w, Ỹ⟩_F / (‖w‖ ‖Ỹ‖), w = softmax(f) − Y, at each record, (axes, seed, record).

    None where it was not measured.
    """
    network = cube.children.get("network")
    if network is None or SIM not in network.data_vars:
        return None
    return moments.of_network(cube, SIM, view, records)


def predicted_change(cube: xr.DataTree, view: str, records: list[str]) -> xr.DataArray:
    """r1 − r2 of each record, first order in the change of the kernel since the one before.

    r1 = yᵀ dKᶜ y / yᵀ Kᶜ y and r2 = ⟨Kᶜ, dKᶜ⟩_F / ‖Kᶜ‖_F² (specification §2.7).
    """
    growth, norm = (
        moments.history(cube, name, view, records) for name in ("alignment_growth", "norm_growth")
    )
    return growth - norm
