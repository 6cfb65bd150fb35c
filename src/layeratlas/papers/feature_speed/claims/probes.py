"""Claims of *The Feature Speed Formula* (Chizat and Netrapalli, arXiv 2311.18718).

Thresholds are those of the project's specification of that paper (§4, §5); angles and
sensitivities are of exact velocities, not of the finite steps that the figures draw. A statement
about an interval is two claims, one for each end.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.networks.scalings import TITLES, table
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory

SOURCE = "arXiv 2311.18718, NeurIPS 2024"

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    identity=1e-10,  # §5 (1)
    aligned=1e-12,  # Fig. 1a: θ_2 = 0
    drop=0.1,  # Fig. 1a, rad: "non-decreasing up to noise"
    mlp_closed_form=0.35,  # Fig. 1a
    resnet_closed_form=0.05,  # Fig. 1a
    wide_branch_closed_form=0.10,  # Fig. 1a, β = 2/√L
    flat=0.05,  # Fig. 1b, rad
    mlp_slope=(-0.6, -0.4),  # Fig. 1b
    thin_slope=(-0.50, -0.38),  # Fig. 1b, β = 1/L
    collapse=0.05,  # Fig. 1c, rad
    limit=0.05,  # Fig. 1c, rad
    guide=-0.75,  # Fig. 1c: nearer to 1/c than to c^(−1/2)
    fsc_slope=(-0.05, 0.2),  # Fig. 2a
    mf_slope=(0.45, 0.7),  # Fig. 2a
    fsc_level=(0.6, 1.0),  # Fig. 2a
    ntk_level=0.4,  # Fig. 2a
    same=1e-9,  # Fig. 2a, exact cross-check
    resnet_slope=0.1,  # Fig. 2b
    resnet_ratio=(1.18, 1.38),  # Fig. 2b
    resnet_level={"1/sqrt(L)": (1.2, 1.45), "1/L": (0.95, 1.1)},  # Fig. 2b
    exponent=0.15,  # Tables, exponents of S
    loose_exponent=0.45,  # Tables, exponents of −dloss/dt and |ḟ|
    constant=0.4,  # Tables, L C_l
    kernel=0.1,  # §5 (3)
    total=0.5,  # v1: "total ≫ aligned"
    stays_aligned=0.65,  # v1
)
#: Depths and c at which the paper's statements are made.
LAYERS = (5, 50)
WINDOWS = ((50, 100), (150, 200))
COLLAPSE_AT = (0.25, 0.5, 1.0, 2.0)
LIMIT_UP_TO = 4.0
SLOPE_DEPTHS = (5, 10, 20, 40)


def _between(ledger: Ledger, id: str, subject, statement: str, ends, value, **options) -> None:
    """Two claims: the value is not below the first end, and not above the second."""
    low, high = ends
    told = f"{statement} (between {low:g} and {high:g})"
    ledger.decide(f"{id}-low", subject, told, ">=", low, value, **options)
    ledger.decide(f"{id}-high", subject, told, "<=", high, value, **options)


def _formula(ledger: Ledger, cube: xr.DataTree, subject: str) -> None:
    residual = fs.quantity(cube, "feature_speed_residual")
    n = int(np.isfinite(residual).sum())
    ledger.decide(
        "formula",
        subject,
        "feature speed formula: −⟨b_v, ḟ_v⟩ (a Jacobian–vector product) equals Σ_{l≤v} η_l|G_l|² "
        "(gradient norms), largest relative error over networks and layers",
        "<=",
        THRESHOLD.identity,
        lambda: (float(residual.max()), n, "double precision"),
    )


# ---------------------------------------------------------------------------------------------
# Angles
# ---------------------------------------------------------------------------------------------


def bfa_layer(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1a: angles by layer."""
    cube = cubes["bfa_layer"]
    ledger = Ledger("bfa_layer", SOURCE)
    theta = fs.quantity(cube, "backward_feature_angle")
    cos = fs.quantity(cube, "cos_backward_feature_angle").mean("seed")
    depth, seeds = int(fs.depths(cube).max()), theta.sizes["seed"]
    betas = fs.branch_scales(cube)
    ledger.decide(
        "aligned",
        "all branch rules",
        "the first trained layer moves along minus its gradient: largest |θ_2|",
        "<=",
        THRESHOLD.aligned,
        lambda: (float(abs(theta.sel(layer=2)).max()), theta.isel(layer=2).size, "rad"),
    )
    hidden = slice(2, depth - 1)
    mean = theta.mean("seed").sel(layer=hidden)

    def drop() -> tuple[float, int, str]:
        fall = np.maximum.accumulate(mean.transpose(..., "layer").values, axis=-1)
        fall = fall - mean.transpose(..., "layer").values
        return float(fall.max()), mean.sizes["branch_rule"], "rad, below the running maximum"

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
        lambda: (min(gap for _, gap in gaps), seeds * last.sizes["branch_rule"],
                 "rad; " + ", ".join(f"{pair}: {gap:.3f}" for pair, gap in gaps)),
        unless=None if len(gaps) else "one branch rule has no neighbour",
    )  # fmt: skip
    for rule in theta["branch_rule"].values:
        beta = float(betas.sel(branch_rule=rule))
        here = cos.sel(branch_rule=rule)
        if beta == 1:
            layers = np.arange(LAYERS[0], min(LAYERS[1], depth - 1) + 1)
            allowed = THRESHOLD.mlp_closed_form
            told = f"{layers[0]} ≤ v ≤ {layers[-1]}"
        elif beta * np.sqrt(depth) <= 1 + 1e-9:
            layers, allowed = np.arange(2, depth), THRESHOLD.resnet_closed_form
            told = "every v"
        elif beta * np.sqrt(depth) <= 2 + 1e-9:
            layers, allowed = np.arange(2, depth), THRESHOLD.wide_branch_closed_form
            told = "every v"
        else:
            continue
        expected = fs.cos_theory(beta, depth - 2)[layers - 2]
        off = abs(here.sel(layer=layers).values / expected - 1)
        ledger.decide(
            "closed-form",
            f"β = {rule}",
            f"mean cos θ_v is that of the closed form at large width, {told}: largest relative "
            "error",
            "<=",
            allowed,
            lambda off=off, layers=layers: (
                float(off.max()), seeds, f"{seeds} draws; worst at v = {layers[off.argmax()]}"
            ),
        )  # fmt: skip
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def bfa_depth(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1b: angle of the last hidden feature by depth."""
    cube, mlps = cubes["bfa_depth"], cubes["bfa_depth_mlp"]
    ledger = Ledger("bfa_depth", SOURCE)
    theta = fs.last_hidden(fs.quantity(cube, "backward_feature_angle"))
    for rule, told in (("0.5/sqrt(L)", "1/(2√L)"), ("1/sqrt(L)", "1/√L"), ("2/sqrt(L)", "2/√L")):
        if rule not in theta["branch_rule"].values:
            continue
        here = theta.sel(branch_rule=rule)
        parts = [
            here.where((here["depth"] >= a) & (here["depth"] <= b), drop=True) for a, b in WINDOWS
        ]
        few = any(part.sizes["depth"] < 3 for part in parts)
        medians = [float(part.median()) for part in parts]
        ledger.decide(
            "flat",
            f"β = {told}",
            "θ_{L−1} does not depend on depth: |median over L in [50, 100] − over [150, 200]|",
            "<",
            THRESHOLD.flat,
            lambda medians=medians, parts=parts: (
                abs(medians[0] - medians[1]), sum(p.size for p in parts),
                f"rad; medians {medians[0]:.3f}, {medians[1]:.3f}",
            ),
            unless="fewer than 3 depths in a window" if few else None,
        )  # fmt: skip
    if "1/L" in theta["branch_rule"].values:
        thin = theta.sel(branch_rule="1/L").mean("seed").sortby("depth")
        short = thin["depth"].max() < 200 or thin["depth"].min() > 10
        _between(
            ledger,
            "thin-slope",
            "β = 1/L",
            "θ_{L−1} closes with depth: log–log slope over L = 10 … 200",
            THRESHOLD.thin_slope,
            lambda: (float(fs.log_slope(thin, "depth")), thin.size, "−1/2 at large depth"),
            unless="depths do not span 10 … 200" if short else None,
        )
    width = fs.setting(mlps, "model.width")
    cos = fs.last_hidden(fs.quantity(mlps, "cos_backward_feature_angle"))
    cos = cos.sel(branch_rule="1")
    cos = cos.where(cos["depth"] <= width / 5, drop=True).mean("seed")
    draws = mlps["/"].sizes["seed"]
    _between(
        ledger,
        "mlp-slope",
        f"MLP, width {width}",
        "cos θ_{L−1} falls as the root of depth: log–log slope of the mean over draws in L − 2, "
        "L ≤ m/5",
        THRESHOLD.mlp_slope,
        lambda: (
            float(fs.log_slope(cos, "depth", cos["depth"] - 2)), cos.size,
            f"{draws} draws a depth, L = {int(cos['depth'].min())} … {int(cos['depth'].max())}",
        ),
    )  # fmt: skip
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def bfa_branch_scale(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 1c: one curve of c = √L β for all depths."""
    cube = cubes["bfa_branch_scale"]
    ledger = Ledger("bfa_branch_scale", SOURCE)
    theta = fs.last_hidden(fs.quantity(cube, "backward_feature_angle")).mean("seed")
    theta = theta.sortby("branch_scale")
    seeds = cube["/"].sizes["seed"]
    depths = sorted(int(depth) for depth in theta["depth"].values)
    c = {depth: np.sqrt(depth) * theta["branch_scale"].values for depth in depths}
    for depth in depths:
        values = theta.sel(depth=depth).values
        fall = float((np.maximum.accumulate(values) - values).max())
        ledger.decide(
            "grows",
            f"L = {depth}",
            "θ_{L−1} grows with the branch scale, up to noise: largest fall of the mean",
            "<=",
            THRESHOLD.drop,
            lambda fall=fall, values=values: (fall, values.size, f"rad; {seeds} draws a point"),
        )
    both = {100, 500} <= set(depths)
    for at in COLLAPSE_AT:
        angles = {
            depth: float(np.interp(np.log(at), np.log(c[depth]), theta.sel(depth=depth).values))
            for depth in depths
        }
        ledger.decide(
            "collapse",
            f"c = {at:g}",
            "depths 100 and 500 have one curve: |Δθ| at equal √L β (interpolated in ln c)",
            "<",
            THRESHOLD.collapse,
            lambda a=angles: (
                abs(a[100] - a[500]), 2 * seeds, ", ".join(f"{v:.3f} at L = {d}"
                                                           for d, v in a.items())
            ),
            unless=None if both else "the grid lacks depth 100 or 500",
        )  # fmt: skip
    for depth in depths:
        part = c[depth] <= LIMIT_UP_TO
        closed = [theory.cos_relu_resnet_limit(float(value)) for value in c[depth][part]]
        off = abs(theta.sel(depth=depth).values[part] - np.arccos(np.minimum(closed, 1)))
        ledger.decide(
            "limit",
            f"L = {depth}",
            "θ_{L−1} is the closed form at infinite depth for c ≤ 4: largest error",
            "<=",
            THRESHOLD.limit,
            lambda off=off, depth=depth, part=part: (
                float(off.max()), int(part.sum()), f"rad; worst at c = "
                f"{c[depth][part][off.argmax()]:.3g}; {seeds} draws a point",
            ),
            unless=None if depth >= 100 else "stated for the curves of depth 100 and 500",
        )  # fmt: skip
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def bfa_large_c(cubes: Cubes, references: References) -> list[Claim]:
    """cos φ(c) falls as 1/c (Prop. 5.1, the notebook), not as c^(−1/2) (the text of §5.1)."""
    cube = cubes["bfa_branch_scale"]
    ledger = Ledger("bfa_large_c", SOURCE)
    cos = fs.last_hidden(fs.quantity(cube, "cos_backward_feature_angle"))
    for depth in sorted((int(depth) for depth in cos["depth"].values), reverse=True):
        c = np.sqrt(depth) * cos["branch_scale"].values
        points = int(((c >= fs.LARGE_C[0]) & (c <= fs.LARGE_C[1])).sum())
        # β must stay far below 1: at depth 30, c = 5 is an MLP.
        shallow = f"stated for β ≪ 1; at depth {depth} the range ends at β = 1"
        ledger.decide(
            "decay",
            f"L = {depth}",
            "cos θ_{L−1} decays as 1/c rather than c^(−1/2): log–log slope over c in [2, 20]",
            "<=",
            THRESHOLD.guide,
            lambda depth=depth, points=points: (fs.large_c_slope(cos, depth), points, ""),
            unless=shallow if depth < 400 else None,
        )
    return ledger.claims


def bfa_conditioning(cubes: Cubes, references: References) -> list[Claim]:
    """Thm 3.2 and §3.4: the kernel's spectrum gives the angle."""
    cube = cubes["bfa_conditioning"]
    ledger = Ledger("bfa_conditioning", SOURCE)
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    predicted = fs.quantity(cube, "kernel_moment_1") / np.sqrt(fs.quantity(cube, "kernel_moment_2"))
    depth, width = int(fs.depths(cube).max()), fs.setting(cube, "model.width")
    hidden = slice(2, depth - 1)
    for rule in cos["branch_rule"].values:
        off = abs(cos - predicted).sel(branch_rule=rule, layer=hidden)
        ledger.decide(
            "kernel",
            f"β = {rule}",
            "cos θ_v is M_1/√M_2 of the backward-to-feature kernel: median over layers and draws "
            "of the difference",
            "<=",
            THRESHOLD.kernel,
            lambda off=off: (
                float(off.median()),
                off.size,
                f"width {width}; largest {float(off.max()):.3f}",
            ),
        )
    smallest = fs.quantity(cube, "jacobian_smallest_singular_value").sel(layer=hidden)
    if "1" in cos["branch_rule"].values:
        worst = float(smallest.sel(branch_rule="1").max())
        ledger.decide(
            "degenerate",
            "MLP",
            "Jacobians of the ReLU MLP are singular: largest s_min/s_rms",
            "<=",
            THRESHOLD.aligned,
            lambda: (worst, smallest.sel(branch_rule="1").size, "half of the units are off"),
        )
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


# ---------------------------------------------------------------------------------------------
# Sensitivities
# ---------------------------------------------------------------------------------------------


def sensitivity_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 2a."""
    cube = cubes["sensitivity_mlp"]
    ledger = Ledger("sensitivity_mlp", SOURCE)
    S = fs.last_hidden(fs.quantity(cube, "sensitivity"))
    median, seeds = S.median("seed"), S.sizes["seed"]
    at = [depth for depth in SLOPE_DEPTHS if depth in median["depth"].values]
    few = None if len(at) == len(SLOPE_DEPTHS) else f"the grid lacks a depth of {SLOPE_DEPTHS}"
    slopes = fs.log_slope(median.sel(depth=at), "depth")
    note = f"medians of {seeds} draws"
    for name, label, ends in (
        ("fsc", "FSC", THRESHOLD.fsc_slope),
        ("mf_mup", "MF+µP", THRESHOLD.mf_slope),
    ):
        _between(
            ledger,
            "slope",
            label,
            "log–log slope of S_{L−1} in depth over L = 5, 10, 20, 40",
            ends,
            lambda name=name: (float(slopes.sel(scaling=name)), len(at), note),
            unless=few,
        )
    low, high = THRESHOLD.fsc_level
    fsc = median.sel(scaling="fsc")
    ledger.decide("level-low", "FSC", f"smallest median S_{{L−1}} over depths is at least {low}",
                  ">=", low, lambda: (float(fsc.min()), fsc.size, note))  # fmt: skip
    ledger.decide("level-high", "FSC", f"largest median S_{{L−1}} over depths is at most {high}",
                  "<=", high, lambda: (float(fsc.max()), fsc.size, note))  # fmt: skip
    ntk = median.sel(scaling="ntk")
    ledger.decide("level", "NTK", "features move little: largest median S_{L−1} over depths", "<",
                  THRESHOLD.ntk_level, lambda: (float(ntk.max()), ntk.size, note))  # fmt: skip
    ledger.decide(
        "grows",
        "NTK",
        "S_{L−1} grows with depth (caption: constant; proof of Prop. 5.3: √(L/m)): median at L = "
        "40 minus at L = 5",
        ">",
        0.0,
        lambda: (float(ntk.sel(depth=40) - ntk.sel(depth=5)), 2 * seeds, note),
        unless=few,
    )
    width = fs.setting(cube, "model.width")
    stds = xr.DataArray(
        [
            [table(str(name), int(L), width, 10, 1).output.std for L in S["depth"].values]
            for name in S["scaling"].values
        ],
        coords={"scaling": S["scaling"], "depth": S["depth"]},
    )
    gradient = cube["/"].to_dataset()["output_gradient_norm"].load()
    product = S * stds * gradient
    spread = (product.max("scaling") - product.min("scaling")) / product.mean("scaling")
    ledger.decide(
        "same",
        "NTK, MF+µP, FSC",
        "S_{L−1} σ_L |f_L − y| is one number for the three scalings of one draw: largest relative "
        "difference",
        "<=",
        THRESHOLD.same,
        lambda: (float(spread.max()), spread.size, "so S differs by σ_L and the output alone"),
    )
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


def sensitivity_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """Fig. 2b; the published level is not reproducible from the stated settings."""
    cube = cubes["sensitivity_resnet"]
    ledger = Ledger("sensitivity_resnet", SOURCE)
    S = fs.last_hidden(fs.quantity(cube, "sensitivity"))
    median, seeds = S.median("seed"), S.sizes["seed"]
    note = f"medians of {seeds} draws"
    slopes = fs.log_slope(median, "depth")
    for rule in THRESHOLD.resnet_level:
        here = median.sel(branch_rule=rule)
        ledger.decide(
            "slope",
            f"β = {rule}",
            "S_{L−1} does not depend on depth: |log–log slope|",
            "<",
            THRESHOLD.resnet_slope,
            lambda rule=rule, here=here: (
                abs(float(slopes.sel(branch_rule=rule))),
                here.size,
                note,
            ),
        )
        _between(
            ledger,
            "level",
            f"β = {rule}",
            "median S_{L−1} over all depths with σ_L = 1/m (published: about seven times higher)",
            THRESHOLD.resnet_level[rule],
            lambda here=here, rule=rule: (
                float(S.sel(branch_rule=rule).median()),
                here.size * seeds,
                "",
            ),
        )
    _between(
        ledger,
        "ratio",
        "β = 1/√L over 1/L",
        "ratio of the median S_{L−1}",
        THRESHOLD.resnet_ratio,
        lambda: (
            float(S.sel(branch_rule="1/sqrt(L)").median() / S.sel(branch_rule="1/L").median()),
            S.size,
            "",
        ),
    )
    _formula(ledger, cube, "all networks of the figure")
    return ledger.claims


# ---------------------------------------------------------------------------------------------
# Aligned and total updates
# ---------------------------------------------------------------------------------------------


def bafu_layer_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """The aligned part never exceeds the whole, and in the MLP is soon much smaller."""
    ledger = Ledger("bafu_layer_mlp", SOURCE)
    cos, depth = _aligned(ledger, cubes["bfa_layer"], "1")
    ledger.decide(
        "total-larger",
        "MLP",
        "total ≫ aligned beyond the first layers: largest cos θ_v over the second half",
        "<",
        THRESHOLD.total,
        lambda: (float(cos.sel(layer=slice(depth // 2, depth - 1)).max()), cos.size, "n = 1 draw"),
    )
    return ledger.claims


def bafu_layer_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """In the ResNet with β = 1/√L most of the update stays aligned."""
    ledger = Ledger("bafu_layer_resnet", SOURCE)
    cos, depth = _aligned(ledger, cubes["bfa_layer"], "1/sqrt(L)")
    ledger.decide(
        "stays-aligned",
        "ResNet, β = 1/√L",
        "aligned over total, cos θ_v, stays above 0.65: smallest",
        ">",
        THRESHOLD.stays_aligned,
        lambda: (float(cos.sel(layer=slice(2, depth - 1)).min()), cos.size, "n = 1 draw"),
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
        THRESHOLD.aligned,
        lambda: (float(hidden.max()) - 1, hidden.size, "n = 1 draw"),
    )
    ledger.decide(
        "equal-at-2",
        f"β = {rule}",
        "aligned = total at v = 2: |cos θ_2 − 1|",
        "<=",
        THRESHOLD.aligned,
        lambda: (abs(float(cos.sel(layer=2)) - 1), 1, "n = 1 draw"),
    )
    return cos, depth


# ---------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------

_TOLD = {
    "S": "S_{L−1}",
    "loss": "−dloss/dt",
    "speed": "|ḟ_{L−1}|_rms",
}


def hp_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """Table 1, and Prop. 5.3 behind it."""
    ledger = Ledger("hp_mlp", SOURCE)
    for scaling in cubes["hp_mlp"]["/"]["scaling"].values:
        _row(ledger, cubes["hp_mlp"], "mlp", str(scaling), {"scaling": scaling}, TITLES[scaling])
    _sizes(ledger, cubes["hp_mlp_sizes"])
    _formula(ledger, cubes["hp_mlp"], "all networks of the table")
    return ledger.claims


def hp_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """Table 2, and Prop. 5.4 behind it."""
    ledger = Ledger("hp_resnet", SOURCE)
    cube = cubes["hp_resnet"]
    for rule in cube["/"]["branch_rule"].values:
        _row(ledger, cube, "resnet", "resnet_fsc", {"branch_rule": rule}, f"β = {rule}")
    _formula(ledger, cube, "all networks of the table")
    return ledger.claims


def _row(ledger: Ledger, cube, family: str, scaling: str, where, subject: str) -> None:
    """Exponents and constants of one row of a table, dense and sparse."""
    for setting in cube["/"]["setting"].values:
        at = {**where, "setting": setting}
        _exponents(ledger, cube, scaling, at, f"{subject}, {setting}")
        _constants(ledger, cube, scaling, at, f"{subject}, {setting}", family)


def _exponents(ledger: Ledger, cube, scaling: str, at, subject: str) -> None:
    found, seeds = fs.exponents(cube, at), cube["/"].sizes["seed"]
    sizes = cube["/"].sizes
    width = int(cube["/"]["width"].max())
    for name, (in_depth, in_width) in theory.EXPONENTS[scaling].items():
        allowed = THRESHOLD.exponent if name == "S" else THRESHOLD.loose_exponent
        for axis, want, got, n in (
            ("L", in_depth, found[name][0], sizes["depth"]),
            ("m", in_width, found[name][1], sizes["width"]),
        ):
            where = f"at width {width}" if axis == "L" else "at depth 10"
            ledger.decide(
                f"exponent-{name}-{axis}",
                subject,
                f"{_TOLD[name]} scales as {axis}^{want:g} {where}: distance of the fitted exponent",
                "<=",
                allowed,
                lambda got=got, want=want, n=n: (
                    abs(got - want),
                    n,
                    f"exponent {got:+.3f}; medians of {seeds} draws",
                ),
            )


def _constants(ledger: Ledger, cube, scaling: str, at, subject: str, family: str) -> None:
    grid = cube["/"]
    if 10 not in grid["depth"].values or 300 not in grid["width"].values:
        reason = "the grid lacks depth 10 at width 300"
        got = (np.nan,) * 3
    else:
        reason, got = None, fs.contributions(cube, {**at, "depth": 10, "width": 300})
    factor = 10**-0.5 if scaling == "mf_mup" else 1.0
    for layer, value, want in zip(
        ("input", "hidden", "output"), got, theory.CONSTANTS[family], strict=True
    ):
        ledger.decide(
            f"constant-{layer}",
            subject,
            f"L C_l of the {layer} layer is {want * factor:.3g} at depth 10, width 300: relative "
            "distance",
            "<=",
            THRESHOLD.constant,
            lambda value=value, want=want: (
                abs(value / (want * factor) - 1), grid.sizes["seed"], f"{value:.3f}"
            ),
            unless=reason,
        )  # fmt: skip


def _sizes(ledger: Ledger, cube: xr.DataTree) -> None:
    grid, depth = cube["/"], fs.setting(cube, "model.depth")
    rows = {
        (int(d), int(k), str(s)): fs.contributions(
            cube, {"n_inputs": d, "n_outputs": k, "setting": s}
        )
        for d in grid["n_inputs"].values
        for k in grid["n_outputs"].values
        for s in grid["setting"].values
    }
    for i, layer in enumerate(("input", "hidden", "output")):
        off = {size: abs(row[i] / theory.CONSTANTS["mlp"][i] - 1) for size, row in rows.items()}
        worst = max(off, key=off.get)
        ledger.decide(
            f"independent-{layer}",
            "FSC",
            f"η of the {layer} layer is c/(L|G_l|²) with one c for all numbers of inputs and "
            f"outputs, dense and sparse: largest relative distance of L C_l from "
            f"{theory.CONSTANTS['mlp'][i]:g}",
            "<=",
            THRESHOLD.constant,
            lambda off=off, worst=worst: (
                off[worst], len(off), f"worst at d = {worst[0]}, k = {worst[1]}, {worst[2]}; "
                f"depth {depth}, {grid.sizes['seed']} draws a size",
            ),
        )  # fmt: skip
