"""Claims on aligned and total feature updates, of the paper's first versions.

Thresholds are those of the project's specification of the paper (§4).
"""

from __future__ import annotations

from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.claims.precision import ROUNDING
from layeratlas.papers.feature_speed.source import PUBLISHED
from layeratlas.papers.given import Cubes, References

#: Every number that decides a claim, besides those of `precision`.
THRESHOLD = SimpleNamespace(
    total=0.5,  # v1: "total ≫ aligned"
    stays_aligned=0.65,  # v1
)


def bafu_layer_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """The aligned part never exceeds the whole, and in the MLP is soon much smaller."""
    ledger = Ledger("bafu_layer_mlp", PUBLISHED)
    cos, depth = _aligned(ledger, cubes["bfa_layer"], "1")
    ledger.decide(
        "total-larger",
        "MLP",
        "total ≫ aligned beyond the first layers: largest cos θ_v over the second half",
        "<",
        THRESHOLD.total,
        lambda: (
            float(cos.sel(layer=slice(depth // 2, depth - 1)).max()),
            count_runs(cos),
            "the first draw",
        ),
    )
    return ledger.claims


def bafu_layer_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """In the ResNet with β = 1/√L most of the update stays aligned."""
    ledger = Ledger("bafu_layer_resnet", PUBLISHED)
    cos, depth = _aligned(ledger, cubes["bfa_layer"], "1/sqrt(L)")
    ledger.decide(
        "stays-aligned",
        "ResNet, β = 1/√L",
        "aligned over total, cos θ_v, stays above 0.65: smallest",
        ">",
        THRESHOLD.stays_aligned,
        lambda: (
            float(cos.sel(layer=slice(2, depth - 1)).min()),
            count_runs(cos),
            "the first draw",
        ),
    )
    return ledger.claims


def _aligned(ledger: Ledger, cube: xr.DataTree, rule: str) -> tuple[xr.DataArray, int]:
    cos = fs.quantity(cube, "cos_backward_feature_angle").sel(branch_rule=rule).isel(seed=0)
    depth = int(fs.depths(cube).max())
    hidden = cos.sel(layer=slice(2, depth - 1))
    ledger.decide(
        "no-more-than-total",
        f"β = {rule}",
        "aligned ≤ total: largest cos θ_v − 1",
        "<=",
        ROUNDING,
        lambda: (
            float(hidden.max()) - 1,
            count_runs(hidden),
            f"{hidden.sizes['layer']} layers of the first draw",
        ),
    )
    ledger.decide(
        "equal-at-2",
        f"β = {rule}",
        "aligned = total at v = 2: |cos θ_2 − 1|",
        "<=",
        ROUNDING,
        lambda: (abs(float(cos.sel(layer=2)) - 1), count_runs(cos), "the first draw"),
    )
    return cos, depth
