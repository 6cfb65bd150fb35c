"""Claims on backward–feature angles: by layer, by depth, by branch scale.

Thresholds are those of the project's specification of the paper (§4); angles are of exact
velocities, not of the finite steps that the figures draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory
from layeratlas.papers.feature_speed.claims.formula import formula
from layeratlas.papers.feature_speed.claims.intervals import between
from layeratlas.papers.feature_speed.claims.precision import ROUNDING
from layeratlas.papers.feature_speed.source import PUBLISHED
from layeratlas.papers.given import Cubes, References

#: Every number that decides a claim, besides those of `precision`.
THRESHOLD = SimpleNamespace(
    drop=0.1,  # Fig. 1a, rad: "non-decreasing up to noise"
    mlp_closed_form=0.35,  # Fig. 1a
    resnet_closed_form=0.05,  # Fig. 1a
    wide_branch_closed_form=0.10,  # Fig. 1a, β = 2/√L
    flat=0.05,  # Fig. 1b, rad
    mlp_slope=(-0.6, -0.4),  # Fig. 1b
    thin_slope=(-0.50, -0.38),  # Fig. 1b, β = 1/L
    collapse=0.05,  # Fig. 1c, rad
    limit=0.05,  # Fig. 1c, rad
    guide=-0.75,  # nearer to 1/c than to c^(−1/2)
)
#: Layers, depths and c at which the paper's statements are made.
LAYERS = (5, 50)
WINDOWS = ((50, 100), (150, 200))
COLLAPSE_AT = (0.25, 0.5, 1.0, 2.0)
LIMIT_UP_TO = 4.0


# ---------------------------------------------------------------------------------------------
# By layer
# ---------------------------------------------------------------------------------------------


def bfa_layer(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1a: angles by layer."""
    cube = cubes["bfa_layer"]
    ledger = Ledger("bfa_layer", PUBLISHED)
    theta = fs.quantity(cube, "backward_feature_angle")
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    depth = int(fs.depths(cube).max())
    betas = fs.branch_scales(cube)
    ledger.decide(
        "aligned",
        "all branch rules",
        "the first trained layer moves along minus its gradient: largest |θ_2|",
        "<=",
        ROUNDING,
        lambda: (float(abs(theta.sel(layer=2)).max()), count_runs(theta.sel(layer=2)), "rad"),
    )
    mean = theta.mean("seed").sel(layer=slice(2, depth - 1))

    def drop() -> tuple[float, int, str]:
        by_layer = mean.transpose(..., "layer").values
        fall = np.maximum.accumulate(by_layer, axis=-1) - by_layer
        return float(fall.max()), count_runs(theta), "rad, below the running maximum"

    ledger.decide(
        "grows",
        "all branch rules",
        "θ_v does not fall with v, up to noise: largest fall of the mean over draws",
        "<=",
        THRESHOLD.drop,
        drop,
    )
    last = theta.sel(layer=depth - 1).sortby(betas)
    gaps = [
        (f"{lower} < {upper}", float(last.sel(branch_rule=upper).min("seed")
                                     - last.sel(branch_rule=lower).max("seed")))
        for lower, upper in pairwise(last["branch_rule"].values)
    ]  # fmt: skip
    ledger.decide(
        "ordered",
        f"v = {depth - 1}",
        "larger branches, larger angles, and no two draws of neighbouring rules overlap: smallest "
        "gap",
        ">",
        0.0,
        lambda: (min(gap for _, gap in gaps), count_runs(last),
                 "rad; " + ", ".join(f"{pair}: {gap:.3f}" for pair, gap in gaps)),
        unless=None if len(gaps) else "one branch rule has no neighbour",
    )  # fmt: skip
    for rule in fs.axis(cube, "branch_rule"):
        beta = float(betas.sel(branch_rule=rule))
        _closed_form(ledger, cos.sel(branch_rule=rule), f"β = {rule}", beta, depth)
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _closed_form(ledger: Ledger, each: xr.DataArray, subject: str, beta: float, depth: int) -> None:
    """The mean cos θ_v of one branch scale against its closed form, where one is stated."""
    layers, told = np.arange(2, depth), "every v"
    if beta == 1:
        layers = np.arange(LAYERS[0], min(LAYERS[1], depth - 1) + 1)
        allowed, told = THRESHOLD.mlp_closed_form, f"{layers[0]} ≤ v ≤ {layers[-1]}"
    elif beta * np.sqrt(depth) <= 1 + 1e-9:
        allowed = THRESHOLD.resnet_closed_form
    elif beta * np.sqrt(depth) <= 2 + 1e-9:
        allowed = THRESHOLD.wide_branch_closed_form
    else:
        return
    cos, runs = each.mean("seed"), count_runs(each)
    off = abs(cos.sel(layer=layers).values / fs.cos_theory(beta, depth - 2)[layers - 2] - 1)
    ledger.decide(
        "closed-form",
        subject,
        f"mean cos θ_v is that of the closed form at large width, {told}: largest relative error",
        "<=",
        allowed,
        lambda: (float(off.max()), runs, f"{runs} draws; worst at v = {layers[off.argmax()]}"),
    )


# ---------------------------------------------------------------------------------------------
# By depth
# ---------------------------------------------------------------------------------------------


def bfa_depth(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1b: angle of the last hidden feature by depth."""
    cube, mlps = cubes["bfa_depth"], cubes["bfa_depth_mlp"]
    ledger = Ledger("bfa_depth", PUBLISHED)
    theta = fs.last_hidden(fs.quantity(cube, "backward_feature_angle"))
    rules = fs.axis(cube, "branch_rule")
    for rule, told in (("0.5/sqrt(L)", "1/(2√L)"), ("1/sqrt(L)", "1/√L"), ("2/sqrt(L)", "2/√L")):
        if rule in rules:
            _flat(ledger, theta.sel(branch_rule=rule), f"β = {told}")
    if "1/L" in rules:
        _thin(ledger, theta.sel(branch_rule="1/L"))
    width = fs.setting(mlps, "model.width")
    cos = fs.last_hidden(fs.quantity(mlps, "cos_backward_feature_angle"))
    draws = cos.sizes["seed"]
    cos = cos.sel(branch_rule="1")
    each = cos.where(cos["depth"] <= width / 5, drop=True)
    cos = each.mean("seed")
    between(
        ledger,
        "mlp-slope",
        f"MLP, width {width}",
        "cos θ_{L−1} falls as the root of depth: log–log slope of the mean over draws in L − 2, "
        "L ≤ m/5",
        THRESHOLD.mlp_slope,
        lambda: (
            float(fs.log_slope(cos, "depth", cos["depth"] - 2)), count_runs(each),
            f"{draws} draws a depth, L = {int(cos['depth'].min())} … {int(cos['depth'].max())}",
        ),
    )  # fmt: skip
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _flat(ledger: Ledger, theta: xr.DataArray, subject: str) -> None:
    parts = [
        theta.where((theta["depth"] >= a) & (theta["depth"] <= b), drop=True) for a, b in WINDOWS
    ]
    few = any(part.sizes["depth"] < 3 for part in parts)
    first, second = (float(part.median()) for part in parts)
    ledger.decide(
        "flat",
        subject,
        "θ_{L−1} does not depend on depth: |median over L in [50, 100] − over [150, 200]|",
        "<",
        THRESHOLD.flat,
        lambda: (
            abs(first - second),
            count_runs(*parts),
            f"rad; medians {first:.3f}, {second:.3f}",
        ),
        unless="fewer than 3 depths in a window" if few else None,
    )


def _thin(ledger: Ledger, theta: xr.DataArray) -> None:
    short = theta["depth"].max() < 200 or theta["depth"].min() > 10
    between(
        ledger,
        "thin-slope",
        "β = 1/L",
        "θ_{L−1} closes with depth: log–log slope over L = 10 … 200",
        THRESHOLD.thin_slope,
        lambda: (
            float(fs.log_slope(theta.mean("seed"), "depth")),
            count_runs(theta),
            f"{theta.sizes['depth']} depths; −1/2 at large depth",
        ),
        unless="depths do not span 10 … 200" if short else None,
    )


# ---------------------------------------------------------------------------------------------
# By branch scale
# ---------------------------------------------------------------------------------------------


def bfa_branch_scale(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1c: one curve of c = √L β for all depths."""
    cube = cubes["bfa_branch_scale"]
    ledger = Ledger("bfa_branch_scale", PUBLISHED)
    each = fs.last_hidden(fs.quantity(cube, "backward_feature_angle"))
    theta, depths = each.mean("seed"), fs.axis(cube, "depth")
    runs = {depth: _runs_by_scale(each.sel(depth=depth)) for depth in depths}
    curves = {
        depth: (np.sqrt(depth) * theta["branch_scale"].values, theta.sel(depth=depth).values)
        for depth in depths
    }
    for depth, curve in curves.items():
        _grows(ledger, f"L = {depth}", curve[1], runs[depth])
    for at in COLLAPSE_AT:
        angles = {
            depth: float(np.interp(np.log(at), np.log(c), values))
            for depth, (c, values) in curves.items()
        }
        behind = {depth: int(runs[depth][_beside(at, c)].sum()) for depth, (c, _) in curves.items()}
        _collapse(ledger, f"c = {at:g}", angles, behind)
    for depth, (c, values) in curves.items():
        _limit(ledger, depth, c, values, runs[depth])
    formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def _runs_by_scale(each: xr.DataArray) -> np.ndarray:
    """Draws behind each point of a curve over branch scales."""
    return np.array([count_runs(point) for point in each.transpose("branch_scale", "seed")])


def _beside(at: float, c: np.ndarray) -> list[int]:
    """Points between which a curve is interpolated at c = `at`; one where it is a point's own c."""
    after = int(np.searchsorted(c, at))
    if after == len(c) or c[after] == at:
        return [min(after, len(c) - 1)]
    return [after - 1, after] if after else [0]


def _grows(ledger: Ledger, subject: str, angles: np.ndarray, runs: np.ndarray) -> None:
    fall = float((np.maximum.accumulate(angles) - angles).max())
    ledger.decide(
        "grows",
        subject,
        "θ_{L−1} grows with the branch scale, up to noise: largest fall of the mean",
        "<=",
        THRESHOLD.drop,
        lambda: (fall, int(runs.sum()), f"rad; {angles.size} points"),
    )


def _collapse(
    ledger: Ledger, subject: str, angles: Mapping[int, float], runs: Mapping[int, int]
) -> None:
    ledger.decide(
        "collapse",
        subject,
        "depths 100 and 500 have one curve: |Δθ| at equal √L β (interpolated in ln c)",
        "<",
        THRESHOLD.collapse,
        lambda: (
            abs(angles[100] - angles[500]),
            runs[100] + runs[500],
            ", ".join(f"{angle:.3f} at L = {depth}" for depth, angle in angles.items()),
        ),
        unless=None if {100, 500} <= set(angles) else "the grid lacks depth 100 or 500",
    )


def _limit(ledger: Ledger, depth: int, c: np.ndarray, angles: np.ndarray, runs: np.ndarray) -> None:
    c, angles, runs = (values[c <= LIMIT_UP_TO] for values in (c, angles, runs))
    closed = [theory.cos_relu_resnet_limit(float(value)) for value in c]
    off = abs(angles - np.arccos(np.minimum(closed, 1)))
    ledger.decide(
        "limit",
        f"L = {depth}",
        "θ_{L−1} is the closed form at infinite depth for c ≤ 4: largest error",
        "<=",
        THRESHOLD.limit,
        lambda: (
            float(off.max()),
            int(runs.sum()),
            f"rad; worst at c = {c[off.argmax()]:.3g} of {c.size}",
        ),
        unless=None if depth >= 100 else "stated for the curves of depth 100 and 500",
    )


def bfa_large_c(cubes: Cubes, references: References) -> list[Claim]:
    """cos φ(c) falls as 1/c (Prop. 5.1, the notebook), not as c^(−1/2) (the text of §5.1)."""
    cube = cubes["bfa_branch_scale"]
    ledger = Ledger("bfa_large_c", PUBLISHED)
    cos = fs.last_hidden(fs.quantity(cube, "cos_backward_feature_angle"))
    for depth in reversed(fs.axis(cube, "depth")):
        _decay(ledger, cos, depth)
    return ledger.claims


def _decay(ledger: Ledger, cos: xr.DataArray, depth: int) -> None:
    c = np.sqrt(depth) * cos["branch_scale"].values
    inside = (c >= fs.LARGE_C[0]) & (c <= fs.LARGE_C[1])
    runs = int(_runs_by_scale(cos.sel(depth=depth))[inside].sum())
    # β must stay far below 1: at depth 30, c = 5 is an MLP.
    shallow = f"stated for β ≪ 1; at depth {depth} the range ends at β = 1"
    ledger.decide(
        "decay",
        f"L = {depth}",
        "cos θ_{L−1} decays as 1/c rather than c^(−1/2): log–log slope over c in [2, 20]",
        "<=",
        THRESHOLD.guide,
        lambda: (fs.large_c_slope(cos, depth), runs, f"{inside.sum()} points"),
        unless=shallow if depth < 400 else None,
    )
