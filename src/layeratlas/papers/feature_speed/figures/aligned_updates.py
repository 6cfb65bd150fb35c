"""Figures of aligned and total feature updates, of the paper's first versions."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
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
        fs.quantity(cube, name, "finite_step").sel(branch_rule=rule).isel(seed=0)
        for name in ("feature_velocity", "cos_backward_feature_angle", "backward_norm")
    )
    width, depth = fs.setting(cube, "model.width"), int(fs.depths(cube).max())
    hidden = slice(2, depth - 1)
    figure = style.new_figure(style.COLUMN, 2.6)
    axes = figure.subplots()
    over = "" if divisor == 1 else f"/{divisor:g}"
    for values, label, colour, dash in (
        (cos * total, r"aligned, $\Vert\delta^a f_v\Vert_{\rm rms}/\delta t$", palette.BLUE, "-"),
        (total, r"total, $\Vert\delta f_v\Vert_{\rm rms}/\delta t$", palette.ORANGE, "-"),
        (1 / (width * backward) / divisor, rf"$1/(m\,\Vert b_v\Vert_{{\rm rms}}){over}$", "0.3",
         "--"),
    ):  # fmt: skip
        part = values.sel(layer=hidden)
        axes.plot(part["layer"], part.values, color=colour, ls=dash, label=label)
    axes.set(xlabel="layer $v$", ylabel="feature speed", xlim=(0, depth))
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    style.note(
        figure,
        f"One network: {looks.of_rule(rule).label}, depth {depth}, width {width}, one input, step "
        f"{notes.finite_step(cube)}; n = 1 draw. From the first versions of the paper, whose "
        "axis has no label.",
    )
    return figure
