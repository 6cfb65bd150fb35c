"""Claims on the tables of hyper-parameter scalings: exponents and constants.

Thresholds are those of the project's specification of the paper (§2.5, §4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.selecting import finished_runs
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.feature_speed import theory
from layeratlas.papers.feature_speed.claims.formula import formula
from layeratlas.papers.feature_speed.orders import contributions, exponents
from layeratlas.papers.feature_speed.reductions import axis, setting
from layeratlas.papers.feature_speed.source import PUBLISHED
from layeratlas.papers.given import Cubes, References

Point = Mapping[str, Any]

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    exponent=0.15,  # of S
    loose_exponent=0.45,  # of −dloss/dt and |ḟ|
    constant=0.4,  # L C_l
)
LAYERS = ("input", "hidden", "output")
_TOLD = {"S": "S_{L−1}", "loss": "−dloss/dt", "speed": "|ḟ_{L−1}|_rms"}


def hp_mlp(cubes: Cubes, references: References) -> list[Claim]:
    """Table 1, and Prop. 5.3 behind it."""
    cube = cubes["hp_mlp"]
    ledger = Ledger("hp_mlp", PUBLISHED)
    for scaling in axis(cube, "scaling"):
        _row(ledger, cube, "mlp", scaling, {"scaling": scaling}, TITLES[scaling])
    _sizes(ledger, cubes["hp_mlp_sizes"])
    formula(ledger, cube, "all networks of the table")
    return ledger.claims


def hp_resnet(cubes: Cubes, references: References) -> list[Claim]:
    """Table 2, and Prop. 5.4 behind it."""
    cube = cubes["hp_resnet"]
    ledger = Ledger("hp_resnet", PUBLISHED)
    for rule in axis(cube, "branch_rule"):
        _row(ledger, cube, "resnet", "resnet_fsc", {"branch_rule": rule}, f"β = {rule}")
    formula(ledger, cube, "all networks of the table")
    return ledger.claims


def _row(
    ledger: Ledger, cube: xr.DataTree, family: str, scaling: str, where: Point, subject: str
) -> None:
    """Exponents and constants of one row of a table, dense and sparse."""
    for kind in axis(cube, "setting"):
        at = {**where, "setting": kind}
        _exponents(ledger, cube, scaling, at, f"{subject}, {kind}")
        _constants(ledger, cube, scaling, at, f"{subject}, {kind}", family)


def _exponents(ledger: Ledger, cube: xr.DataTree, scaling: str, at: Point, subject: str) -> None:
    found, seeds = exponents(cube, at), cube["/"].sizes["seed"]
    finished = finished_runs(cube).sel(at)
    widest = axis(cube, "width")[-1]
    # Exponents in depth are those of the widest networks, in width of depth 10.
    runs = [int(finished.sel(place).sum()) for place in ({"width": widest}, {"depth": 10})]
    for name, wanted in theory.EXPONENTS[scaling].items():
        for letter, n, where, want, got in zip(
            ("L", "m"),
            runs,
            (f"at width {widest}", "at depth 10"),
            wanted,
            found[name],
            strict=True,
        ):
            _distance(
                ledger,
                f"exponent-{name}-{letter}",
                subject,
                f"{_TOLD[name]} scales as {letter}^{want:g} {where}: distance of the fitted "
                "exponent",
                THRESHOLD.exponent if name == "S" else THRESHOLD.loose_exponent,
                abs(got - want),
                n,
                f"exponent {got:+.3f}; medians of {seeds} draws",
            )


def _constants(
    ledger: Ledger, cube: xr.DataTree, scaling: str, at: Point, subject: str, family: str
) -> None:
    found, runs, unless = (math.nan,) * 3, 0, None
    if 10 in axis(cube, "depth") and 300 in axis(cube, "width"):
        place = {**at, "depth": 10, "width": 300}
        found, runs = contributions(cube, place), int(finished_runs(cube).sel(place))
    else:
        unless = "the grid lacks depth 10 at width 300"
    factor = 10**-0.5 if scaling == "mf_mup" else 1.0
    for layer, got, want in zip(LAYERS, found, theory.CONSTANTS[family], strict=True):
        _distance(
            ledger,
            f"constant-{layer}",
            subject,
            f"L C_l of the {layer} layer is {want * factor:.3g} at depth 10, width 300: relative "
            "distance",
            THRESHOLD.constant,
            abs(got / (want * factor) - 1),
            runs,
            f"{got:.3f}",
            unless,
        )


def _sizes(ledger: Ledger, cube: xr.DataTree) -> None:
    """One constant for all numbers of inputs and outputs."""
    depth, seeds = setting(cube, "model.depth"), cube["/"].sizes["seed"]
    rows = {
        (d, k, kind): contributions(cube, {"n_inputs": d, "n_outputs": k, "setting": kind})
        for d in axis(cube, "n_inputs")
        for k in axis(cube, "n_outputs")
        for kind in axis(cube, "setting")
    }
    for i, (layer, want) in enumerate(zip(LAYERS, theory.CONSTANTS["mlp"], strict=True)):
        off = {size: abs(row[i] / want - 1) for size, row in rows.items()}
        (d, k, kind), largest = max(off.items(), key=lambda item: item[1])
        _distance(
            ledger,
            f"independent-{layer}",
            "FSC",
            f"η of the {layer} layer is c/(L|G_l|²) with one c for all numbers of inputs and "
            f"outputs, dense and sparse: largest relative distance of L C_l from {want:g}",
            THRESHOLD.constant,
            largest,
            int(finished_runs(cube).sum()),
            f"worst at d = {d}, k = {k}, {kind} of {len(off)}; depth {depth}, {seeds} draws a size",
        )


def _distance(
    ledger: Ledger,
    id: str,
    subject: str,
    statement: str,
    allowed: float,
    value: float,
    n: int,
    note: str,
    unless: str | None = None,
) -> None:
    """Something measured is not farther than allowed from what the tables state."""
    ledger.decide(id, subject, statement, "<=", allowed, lambda: (value, n, note), unless=unless)
