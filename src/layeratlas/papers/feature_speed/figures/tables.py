"""Tables of hyper-parameter scalings: formulas beside what they do, for a page or a paper.

Formulas are those that `layeratlas.networks.scalings` computes with.
"""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures.table import Table, draw
from layeratlas.networks.scalings import SETTINGS
from layeratlas.networks.scalings import Table as Scaling
from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed.figures import looks
from layeratlas.papers.feature_speed.orders import exponents
from layeratlas.papers.feature_speed.reductions import axis
from layeratlas.papers.feature_speed.theory import EXPONENTS
from layeratlas.papers.given import Cubes, References

_HEADER = ("", "setting", "", "input", "hidden", "output", r"$S_{L-1}$ in $L$, $m$",
           "loss decay in $L$")  # fmt: skip


def hp_mlp_table(cubes: Cubes) -> Table:
    """Table 1: spreads and learning rates of the ReLU MLP, dense and sparse, and exponents."""
    cube = cubes["hp_mlp"]
    groups = [
        [
            row
            for setting in SETTINGS
            for row in _rows(
                looks.of_scaling(name).label,
                setting,
                scaling_table(name, 10, 100, 20, 5, setting=setting),
                exponents(cube, {"scaling": name, "setting": setting}),
                name,
            )
        ]
        for name in ("ntk", "mf_mup", "fsc")
    ]
    return Table("Scalings of the ReLU MLP", _HEADER, groups, _note(cube))


def hp_resnet_table(cubes: Cubes) -> Table:
    """Table 2: spreads and learning rates of the ReLU ResNet, β = O(1/√L)."""
    cube = cubes["hp_resnet"]
    groups = []
    for rule in ("1/sqrt(L)", "1/L"):
        rows = []
        for setting in SETTINGS:
            scaling = scaling_table("resnet_fsc", 10, 100, 20, 5, 0.1, setting=setting)
            found = exponents(cube, {"branch_rule": rule, "setting": setting})
            rows += _rows(looks.of_rule(rule).label, setting, scaling, found, "resnet_fsc")
        groups.append(rows)
    return Table("FSC scaling of the ReLU ResNet", _HEADER, groups, _note(cube))


def _rows(name: str, setting: str, scaling: Scaling, found, key: str) -> list[list[str]]:
    want = EXPONENTS[key]
    layers = (scaling.input, scaling.hidden, scaling.output)
    S = "{:+.2f} ({:g}), {:+.2f} ({:g})".format(
        found["S"][0], want["S"][0], found["S"][1], want["S"][1]
    )
    loss = f"{found['loss'][0]:+.2f} ({want['loss'][0]:g})"
    S, loss = (text.replace("-", "−") for text in (S, loss))
    return [
        [name, setting, r"$\sigma$", *(f"${row.std_formula}$" for row in layers), S, loss],
        ["", "", r"$\eta$", *(f"${row.learning_rate_formula}$" for row in layers), "", ""],
    ]


def _note(cube: xr.DataTree) -> str:
    depths, widths = axis(cube, "depth"), axis(cube, "width")
    return (
        "σ: standard deviation of initial weights; η: learning rate, times one master step; "
        "$d$ inputs, $m$ units, $k$ outputs, $L$ weight matrices; all constants 1. Right: fitted "
        "exponents (in brackets those of the paper) of the sensitivity in depth at width "
        f"{widths[-1]} and in width at depth 10, and of the loss decay in depth; depths "
        f"{depths[0]} to {depths[-1]}, widths {widths[0]} to {widths[-1]}, medians of "
        f"n = {cube.sizes['seed']} draws, one gradient step at initialisation."
    )


def hp_mlp(cubes: Cubes, references: References) -> Figure:
    """Table 1 as a figure."""
    return draw(hp_mlp_table(cubes))


def hp_resnet(cubes: Cubes, references: References) -> Figure:
    """Table 2 as a figure."""
    return draw(hp_resnet_table(cubes))
