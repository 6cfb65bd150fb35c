"""The feature speed formula itself, claimed under every figure of probes."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed.claims.precision import IDENTITY
from layeratlas.papers.feature_speed.reductions import quantity

__all__ = ["formula"]


def formula(ledger: Ledger, cube: xr.DataTree, subject: str) -> None:
    """−⟨b_v, ḟ_v⟩ = D_v for every network and layer (Thm 2.1)."""
    residual = quantity(cube, "feature_speed_residual")
    numbers = int(np.isfinite(residual).sum())
    ledger.decide(
        "formula",
        subject,
        "feature speed formula: −⟨b_v, ḟ_v⟩ (a Jacobian–vector product) equals Σ_{l≤v} η_l|G_l|² "
        "(gradient norms), largest relative error over networks and layers",
        "<=",
        IDENTITY,
        lambda: (
            float(residual.max()),
            count_runs(residual),
            f"{numbers} layers, double precision",
        ),
    )
