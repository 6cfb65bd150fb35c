"""Claims on what the angles come from: spectra of kernels, conditioning of Jacobians.

Thresholds are those of the project's specification of the paper (§3.4, §5 (3)).
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.claims.formula import formula
from layeratlas.papers.feature_speed.claims.precision import ROUNDING
from layeratlas.papers.feature_speed.source import PUBLISHED
from layeratlas.papers.given import Cubes, References

#: Every number that decides a claim, besides those of `precision`.
THRESHOLD = SimpleNamespace(kernel=0.1)  # §5 (3)


def bfa_conditioning(cubes: Cubes, references: References) -> list[Claim]:
    """Thm 3.2 and §3.4: the kernel's spectrum gives the angle."""
    cube = cubes["bfa_conditioning"]
    ledger = Ledger("bfa_conditioning", PUBLISHED)
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    predicted = fs.quantity(cube, "kernel_moment_1") / np.sqrt(fs.quantity(cube, "kernel_moment_2"))
    depth, width = int(fs.depths(cube).max()), fs.setting(cube, "model.width")
    hidden, rules = slice(2, depth - 1), fs.axis(cube, "branch_rule")
    for rule in rules:
        off = abs(cos - predicted).sel(branch_rule=rule, layer=hidden)
        _kernel(ledger, f"β = {rule}", off, width)
    if "1" in rules:
        smallest = fs.quantity(cube, "jacobian_smallest_singular_value")
        smallest = smallest.sel(branch_rule="1", layer=hidden)
        ledger.decide(
            "degenerate",
            "MLP",
            "Jacobians of the ReLU MLP are singular: largest s_min/s_rms",
            "<=",
            ROUNDING,
            lambda: (float(smallest.max()), count_runs(smallest), "half of the units are off"),
        )
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _kernel(ledger: Ledger, subject: str, off: xr.DataArray, width: int) -> None:
    ledger.decide(
        "kernel",
        subject,
        "cos θ_v is M_1/√M_2 of the backward-to-feature kernel: median over layers and draws of "
        "the difference",
        "<=",
        THRESHOLD.kernel,
        lambda: (
            float(off.median()),
            count_runs(off),
            f"{off.size} layers, width {width}; largest {float(off.max()):.3f}",
        ),
    )
