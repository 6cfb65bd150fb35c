"""Figures of aligned and total feature updates, of the paper's first versions."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures import looks, notes
from layeratlas.papers.given import Cubes, References


def bafu_layer_mlp(cubes: Cubes, references: References) -> Figure:
    """Aligned and total speed of each feature, and 1/(m |b_v|_rms), of one MLP."""
    return _aligned(cubes["bfa_layer"], "1", 1.0)


def bafu_layer_resnet(cubes: Cubes, references: References) -> Figure:
    """As `bafu_layer_mlp`, of one ResNet with β = 1/√L; the third curve is divided by 12."""
    return _aligned(cubes["bfa_layer"], "1/sqrt(L)", 12.0)


@style.styled
def _aligned(cube: xr.DataTree, rule: str, divisor: float) -> Figure:
    total, cos, backward = (
        fs.quantity(cube, name, "finite_step").sel(branch_rule=rule)
        for name in ("feature_velocity", "cos_backward_feature_angle", "backward_norm")
    )
    n = total.sizes["seed"]
    width, depth = fs.setting(cube, "model.width"), int(fs.depths(cube).max())
    hidden = slice(2, depth - 1)
    figure = style.new_figure(style.COLUMN, 2.6)
    axes = figure.subplots()
    over = "" if divisor == 1 else f"/{divisor:g}"
    colour = looks.of_rule(rule).colour
    for values, label, ink, line in (
        (total, r"total, $\Vert\delta f_v\Vert_{\rm rms}/\delta t$", colour, "-"),
        (cos * total, r"aligned, $\Vert\delta^a f_v\Vert_{\rm rms}/\delta t$", colour, "--"),
        (1 / (width * backward) / divisor, rf"$1/(m\,\Vert b_v\Vert_{{\rm rms}}){over}$", "0.3",
         ":"),
    ):  # fmt: skip
        part = values.sel(layer=hidden)
        axes.plot(part["layer"], part.isel(seed=0).values, color=ink, ls=line, label=label)
        if n > 1:
            axes.fill_between(
                part["layer"], part.min("seed"), part.max("seed"), color=ink, alpha=0.15, lw=0
            )
    axes.set(xlabel="layer $v$", ylabel="feature speed", xlim=(0, depth))
    axes.set_ylim(bottom=0)
    style.open_frame(axes)
    axes.legend(loc="upper left")
    bands = "Lines: one draw, as published; bands: least to largest of all. "
    style.note(
        figure,
        f"{looks.of_rule(rule).label}, depth {depth}, width {width}, one input, step "
        f"{notes.finite_step(cube)}. {bands if n > 1 else ''}From the first versions of the paper, "
        "whose axis has no label.",
    )
    return figure
