"""Claims on the sensitivity of the last hidden feature against depth.

Thresholds are those of the project's specification of the paper (§4); sensitivities are of exact
velocities, not of the finite steps that the figures draw.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.networks.scalings import TITLES, table
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.claims.formula import formula
from layeratlas.papers.feature_speed.claims.intervals import between
from layeratlas.papers.feature_speed.source import PUBLISHED
from layeratlas.papers.given import Cubes, References

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    mlp_slope={"fsc": (-0.05, 0.2), "mf_mup": (0.45, 0.7)},  # Fig. 2a
    fsc_level=(0.6, 1.0),  # Fig. 2a
    ntk_level=0.4,  # Fig. 2a
    same=1e-9,  # Fig. 2a, exact cross-check
    resnet_slope=0.1,  # Fig. 2b
    resnet_ratio=(1.18, 1.38),  # Fig. 2b
    resnet_level={"1/sqrt(L)": (1.2, 1.45), "1/L": (0.95, 1.1)},  # Fig. 2b
)
#: Depths at which the paper's statements on the MLP are made.
SLOPE_DEPTHS = (5, 10, 20, 40)


def sensitivity_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 2a."""
    cube = cubes["sensitivity_mlp"]
    ledger = Ledger("sensitivity_mlp", PUBLISHED)
    S = fs.last_hidden(fs.quantity(cube, "sensitivity"))
    median, seeds = S.median("seed"), S.sizes["seed"]
    at = [depth for depth in SLOPE_DEPTHS if depth in fs.axis(cube, "depth")]
    few = None if len(at) == len(SLOPE_DEPTHS) else f"the grid lacks a depth of {SLOPE_DEPTHS}"
    slopes = fs.log_slope(median.sel(depth=at), "depth")
    note = f"medians of {seeds} draws"

    def slope(name: str) -> tuple[float, int, str]:
        return float(slopes.sel(scaling=name)), count_runs(S.sel(scaling=name, depth=at)), note

    for name, ends in THRESHOLD.mlp_slope.items():
        between(
            ledger,
            "slope",
            TITLES[name],
            "log–log slope of S_{L−1} in depth over L = 5, 10, 20, 40",
            ends,
            partial(slope, name),
            unless=few,
        )
    low, high = THRESHOLD.fsc_level
    runs = {name: count_runs(S.sel(scaling=name)) for name in ("fsc", "ntk")}
    fsc = median.sel(scaling="fsc")
    ledger.decide("level-low", "FSC", f"smallest median S_{{L−1}} over depths is at least {low}",
                  ">=", low, lambda: (float(fsc.min()), runs["fsc"], note))  # fmt: skip
    ledger.decide("level-high", "FSC", f"largest median S_{{L−1}} over depths is at most {high}",
                  "<=", high, lambda: (float(fsc.max()), runs["fsc"], note))  # fmt: skip
    ntk = median.sel(scaling="ntk")
    ledger.decide("level", "NTK", "features move little: largest median S_{L−1} over depths", "<",
                  THRESHOLD.ntk_level, lambda: (float(ntk.max()), runs["ntk"], note))  # fmt: skip
    ledger.decide(
        "grows",
        "NTK",
        "S_{L−1} grows with depth (caption: constant; proof of Prop. 5.3: √(L/m)): median at L = "
        "40 minus at L = 5",
        ">",
        0.0,
        lambda: (
            float(ntk.sel(depth=40) - ntk.sel(depth=5)),
            count_runs(S.sel(scaling="ntk", depth=[5, 40])),
            note,
        ),
        unless=few,
    )
    spread = _spread(cube, S)
    ledger.decide(
        "same",
        "NTK, MF+µP, FSC",
        "S_{L−1} σ_L |f_L − y| is one number for the three scalings of one draw: largest relative "
        "difference",
        "<=",
        THRESHOLD.same,
        lambda: (float(spread.max()), count_runs(S), "so S differs by σ_L and the output alone"),
    )
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _spread(cube: xr.DataTree, S: xr.DataArray) -> xr.DataArray:
    """Relative difference between scalings of S_{L−1} σ_L |b_L|."""
    width, depths = fs.setting(cube, "model.width"), S["depth"]
    stds = xr.DataArray(
        [
            [table(str(name), int(depth), width, 10, 1).output.std for depth in depths.values]
            for name in S["scaling"].values
        ],
        coords={"scaling": S["scaling"], "depth": depths},
    )
    product = S * stds * fs.quantity(cube, "output_gradient_norm")
    return (product.max("scaling") - product.min("scaling")) / product.mean("scaling")


def sensitivity_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 2b; the published level is not reproducible from the stated settings."""
    cube = cubes["sensitivity_resnet"]
    ledger = Ledger("sensitivity_resnet", PUBLISHED)
    S = fs.last_hidden(fs.quantity(cube, "sensitivity"))
    for rule in THRESHOLD.resnet_level:
        _of_rule(ledger, S.sel(branch_rule=rule), rule)
    between(
        ledger,
        "ratio",
        "β = 1/√L over 1/L",
        "ratio of the median S_{L−1}",
        THRESHOLD.resnet_ratio,
        lambda: (
            float(S.sel(branch_rule="1/sqrt(L)").median() / S.sel(branch_rule="1/L").median()),
            count_runs(S.sel(branch_rule=["1/sqrt(L)", "1/L"])),
            "",
        ),
    )
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _of_rule(ledger: Ledger, S: xr.DataArray, rule: str) -> None:
    """Slope and level of one branch rule."""
    median, seeds = S.median("seed"), S.sizes["seed"]
    ledger.decide(
        "slope",
        f"β = {rule}",
        "S_{L−1} does not depend on depth: |log–log slope|",
        "<",
        THRESHOLD.resnet_slope,
        lambda: (
            abs(float(fs.log_slope(median, "depth"))),
            count_runs(S),
            f"medians of {seeds} draws",
        ),
    )
    between(
        ledger,
        "level",
        f"β = {rule}",
        "median S_{L−1} over all depths with σ_L = 1/m (published: about seven times higher)",
        THRESHOLD.resnet_level[rule],
        lambda: (float(S.median()), count_runs(S), ""),
    )
