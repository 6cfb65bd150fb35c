"""Tables of hyper-parameter scalings: formulas beside what they do, for a page or a paper.

Formulas are those that `layeratlas.networks.scalings` computes with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from layeratlas.figures.table import Table, draw
from layeratlas.networks.scalings import SETTINGS
from layeratlas.networks.scalings import Table as Scaling
from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed.figures import looks
from layeratlas.papers.feature_speed.orders import exponent_errors, exponents
from layeratlas.papers.feature_speed.reductions import axis
from layeratlas.papers.feature_speed.theory import EXPONENTS
from layeratlas.papers.given import Cubes, References

_HEADER = ("", "setting", "", "input", "hidden", "output", r"$S_{L-1}$ in $L$",
           r"$S_{L-1}$ in $m$", "loss decay in $L$")  # fmt: skip

#: An exponent further than this from the paper's is marked.
_FAR = 0.1


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
                cube,
                {"scaling": name, "setting": setting},
                name,
            )
        ]
        for name in ("ntk", "mf_mup", "fsc")
    ]
    return Table("Scalings of the ReLU MLP", _HEADER, groups, _note(cube), keys=2)


def hp_resnet_table(cubes: Cubes) -> Table:
    """Table 2: spreads and learning rates of the ReLU ResNet, β = O(1/√L)."""
    cube = cubes["hp_resnet"]
    groups = []
    for rule in ("1/sqrt(L)", "1/L"):
        rows = []
        for setting in SETTINGS:
            scaling = scaling_table("resnet_fsc", 10, 100, 20, 5, 0.1, setting=setting)
            at = {"branch_rule": rule, "setting": setting}
            rows += _rows(looks.of_rule(rule).label, setting, scaling, cube, at, "resnet_fsc")
        groups.append(rows)
    return Table("FSC scaling of the ReLU ResNet", _HEADER, groups, _note(cube), keys=2)


def _rows(
    name: str, setting: str, scaling: Scaling, cube: xr.DataTree, at: Mapping[str, str], key: str
) -> list[list[str]]:
    """Spreads with the measured exponents, and rates with those of the paper in brackets."""
    found, errors, want = exponents(cube, at), exponent_errors(cube, at), EXPONENTS[key]
    shown = [("S", 0), ("S", 1), ("loss", 0)]
    layers = (scaling.input, scaling.hidden, scaling.output)
    return [
        [name, setting, r"$\sigma$", *(f"${row.std_formula}$" for row in layers),
         *(_measured(found[q][k], errors[q][k], want[q][k]) for q, k in shown)],
        ["", "", r"$\eta$", *(f"${row.learning_rate_formula}$" for row in layers),
         *(_signed(f"({want[q][k]:g})") for q, k in shown)],
    ]  # fmt: skip


def _measured(found: float, error: float, want: float) -> str:
    """As `+0.42 ± 0.05`, with a star where it is off the paper's."""
    spread = f" ± {error:.2f}" if math.isfinite(error) else ""
    far = "*" if abs(found - want) > _FAR else ""
    return _signed(f"{found:+.2f}{spread}{far}")


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _note(cube: xr.DataTree) -> str:
    depths, widths = axis(cube, "depth"), axis(cube, "width")
    return (
        "σ: standard deviation of initial weights; η: learning rate, times one master step; "
        "$d$ inputs, $m$ units, $k$ outputs, $L$ weight matrices; all constants 1. Right: fitted "
        "exponents ± standard error (bootstrap), in brackets those of the paper, of the "
        f"sensitivity in depth at width {widths[-1]} and in width at depth 10, and of the loss "
        f"decay in depth; depths {depths[0]} to {depths[-1]}, widths {widths[0]} to {widths[-1]}, "
        f"medians over draws at initialisation. *: more than {_FAR:g} off the paper's; at widths a "
        "few times the depth, fluctuations lower the loss decay."
    )


def hp_mlp(cubes: Cubes, references: References) -> Figure:
    """Table 1 as a figure."""
    return draw(hp_mlp_table(cubes))


def hp_resnet(cubes: Cubes, references: References) -> Figure:
    """Table 2 as a figure."""
    return draw(hp_resnet_table(cubes))
