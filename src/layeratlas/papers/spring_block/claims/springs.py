"""Claims on the spring–block chain and on networks laid beside it.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353; thresholds are those of the project's
specification of that paper (§4.3, 4.4, 4.6, 4.10, 4.11). CI is the convexity index of a mean
curve (`load_curves.convexity_index`), D_l the distance y − x_l of block l to the target,
l = 0 … L, or a network's data separation.

Cubes hold float32, so what is exact in theory is claimed at 1e-6 here; the integrators
themselves are held to 1e-12 by the project's tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.statistics import spearman
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import beside_springs, spring_table
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state

SOURCE = "arXiv 2407.19353, spring–block model"
PUBLISHED = "spring_block_phase_diagram_published.csv"

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    straight_corner=0.01,  # 4.3 (1)
    order=0.02,  # 4.3 (2) and (3)
    stationary=0.02,  # 4.3 (4), noisiest column
    noise_free=1e-3,  # 4.3 (4), column without noise
    exact=1e-6,  # the precision of a cube
    straight=0.02,  # symmetric friction; 4.10
    rank=0.7,  # 4.3 (5)
    lazy=-0.05,  # 4.4, regime a at the end
    active=0.05,  # 4.4, regimes b and d at the end
    corner_c=0.15,  # 4.4
    input_drift=0.06,  # 4.4, networks
    ruler_unmoved=7,  # 4.6
    ruler_even=0.15,  # 4.6
    profile=0.01,  # 4.10
    second_order_noise_free=-0.1,  # 4.11
    parabola=0.015,  # 4.11
)

PANELS = {
    "phase_diagram_data_noise": "a data noise",
    "phase_diagram_learning_rate": "b learning rate",
    "phase_diagram_dropout": "c dropout",
    "phase_diagram_batch_size": "d batch size",
}

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


# ---------------------------------------------------------------------------------------------
# The springs' phase diagram
# ---------------------------------------------------------------------------------------------


def spring_phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.3 (1) to (4), (5) on the published panels, and the control with even friction."""
    ledger = Ledger("spring_phase_diagram", SOURCE)
    cube = cubes["spring_phase_diagram"]
    table = spring_table(cube).values
    seeds = cube["/"].sizes["seed"]
    _corners(ledger, table, seeds)
    _order(ledger, table, seeds)
    _closed_forms(ledger, cube)
    _symmetric(ledger, cubes["spring_phase_diagram_symmetric"])
    published = published_phase_diagram(references[PUBLISHED])
    for panel in published["panel"].values:
        axis = str(published["noise_axis"].sel(panel=panel).item())
        curves = published_panel(published, axis)["separation_normalised"]
        subject = f"published {panel} {axis.replace('_', ' ')}"
        _rank(ledger, subject, load_curves.convexity_index(curves), spring_table(cube))
    return ledger.claims


def two_phase_diagrams(cubes: Cubes, references: References) -> list[Claim]:
    """Claim 4.3 (5): the springs' diagram ranks the cells as each network diagram does."""
    ledger = Ledger("two_phase_diagrams", SOURCE)
    springs = spring_table(cubes["spring_phase_diagram"])
    for experiment, subject in PANELS.items():
        convexity = load_curves.convexity_index(load_curves.load_curve(cubes[experiment])).compute()
        _rank(ledger, subject, convexity, springs)
    return ledger.claims


def _corners(ledger: Ledger, table: np.ndarray, seeds: int) -> None:
    def corner(row: int, column: int, size=float):
        return lambda: (size(table[row, column]), seeds, "")

    for id, where, comparison, threshold, value in (
        ("1a", "convex top left: CI at most friction and most noise", ">", 0, corner(0, 0)),
        ("1b", "concave top right: CI at most friction, no noise", "<", 0, corner(0, -1)),
        ("1c", "convex bottom left: CI at no friction μ→, most noise", ">", 0, corner(-1, 0)),
        ("1d", "straight bottom right: |CI| at no friction μ→, no noise", "<",
         THRESHOLD.straight_corner, corner(-1, -1, abs)),
    ):  # fmt: skip
        ledger.decide(id, "springs", where, comparison, threshold, value)


def _order(ledger: Ledger, table: np.ndarray, seeds: int) -> None:
    # Columns run from the strongest noise to none, rows from the most friction to none.
    ledger.decide(
        "2",
        "springs",
        "every row: CI does not fall as noise grows (largest fall between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(np.diff(table, axis=1).max()), table.size, f"{seeds} chains a cell"),
    )
    ledger.decide(
        "3",
        "springs",
        "every column: CI does not rise with friction μ→ (largest rise between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(-np.diff(table, axis=0).min()), table.size, f"{seeds} chains a cell"),
    )


def _closed_forms(ledger: Ledger, cube: xr.DataTree) -> None:
    curves = _curves(cube).sortby(["friction_right", "noise_strength"]).compute()
    frictions = curves["friction_right"].values
    left, k, y, blocks = _chain(cube, "friction_left", "stiffness", "target", "length")
    theory = {
        "noisy": [stationary_state(blocks, f, left, k, y) for f in frictions],
        "quiet": [noise_free_state(blocks, f, k, y) for f in frictions],
    }
    ends = {"noisy": curves.isel(noise_strength=-1), "quiet": curves.isel(noise_strength=0)}
    quiet = float(curves["noise_strength"].min()) == 0
    unless = None if quiet else "the grid has no column without noise"

    def distances(end: str) -> tuple[np.ndarray, np.ndarray]:
        """|ΔCI| and max_l |ΔD_l| of every row."""
        want = xr.DataArray(y - np.array(theory[end])[:, :-1], dims=("friction_right", "layer"))
        got = ends[end].transpose("friction_right", "layer").drop_vars(["layer", "layer_name"])
        got = got.drop_vars("friction_right")
        bend = abs(load_curves.convexity_index(got) - load_curves.convexity_index(want)).values
        return bend, abs(got - want).max("layer").values

    def convexity(end: str) -> tuple[float, int, str]:
        bend, apart = distances(end)
        return float(bend.max()), len(bend), f"largest |ΔD_l| of a curve: {apart.max():.2g} y"

    ledger.decide(
        "4a",
        "springs",
        "strongest noise: CI is that of the stationary parabola, |ΔCI|, the worst row",
        "<=",
        THRESHOLD.stationary,
        lambda: convexity("noisy"),
    )
    ledger.decide(
        "4b",
        "springs",
        "no noise: CI is that of the exact final state, |ΔCI|, the worst row",
        "<=",
        THRESHOLD.noise_free,
        lambda: convexity("quiet"),
        unless=unless,
    )
    ledger.decide(
        "exact",
        "springs",
        "no noise: every D_l is that of the exact final state, largest |ΔD_l|/y (float32 cube)",
        "<=",
        THRESHOLD.exact,
        lambda: (float(distances("quiet")[1].max() / abs(y)), len(frictions), ""),
        unless=unless,
    )


def _symmetric(ledger: Ledger, cube: xr.DataTree) -> None:
    """Convex only if μ← > μ→: the same friction in both directions gives straight lines."""
    table = spring_table(cube).values
    seeds = cube["/"].sizes["seed"]
    note = f"{seeds} chains a cell"
    ledger.decide(
        "symmetric-straight",
        "springs, μ← = μ→",
        "control: at the strongest noise no row bends, largest |CI|",
        "<",
        THRESHOLD.straight,
        lambda: (float(abs(table[:, 0]).max()), table.shape[0], note),
    )
    ledger.decide(
        "symmetric-never-convex",
        "springs, μ← = μ→",
        "control: no cell is convex, largest CI of the diagram",
        "<",
        THRESHOLD.straight,
        lambda: (float(table.max()), table.size, note),
    )


def _rank(ledger: Ledger, subject: str, convexity: xr.DataArray, springs: xr.DataArray) -> None:
    both = beside_springs(convexity, springs)
    cells, most = both.sizes["cell"], springs.size
    ledger.decide(
        "5",
        subject,
        "the springs rank the cells as the network does: Spearman of CI, cells matched by their "
        "place in the published 6 × 8 layout (α = 0, 0.2, …, 1 ↔ μ→ from most to none; columns "
        "by rank of noise)",
        ">=",
        THRESHOLD.rank,
        lambda: (
            float(spearman(both["convexity_index"], both["convexity_index_springs"], "cell")),
            cells,
            f"{cells} of {most} cells",
        ),
        unless=f"{cells} cells: a rank correlation needs at least 3" if cells < 3 else None,
    )


# ---------------------------------------------------------------------------------------------
# Trajectories
# ---------------------------------------------------------------------------------------------

#: Regime → (negative slope, dropout) of the network, (μ→, ε̄) of the chain.
REGIMES = {
    "a": ((0.0, 0.0), (0.10, 0.0)),
    "b": ((0.0, 0.28), (0.10, 0.3)),
    "c": ((0.8, 0.0), (0.02, 0.0)),
    "d": ((0.8, 0.28), (0.02, 0.3)),
}
#: Moments called early: epochs 1 and 2; the first 200 steps.
EARLY = {"epoch": 2, "step": 200}


def trajectories(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.4, for each regime a to d; 1 is the network, 2 the chain.

    Networks are measured under batch statistics, which leave D_0 constant; seed means.
    """
    ledger = Ledger("trajectories", SOURCE)
    network = load_curves.load_curve(
        cubes["network_trajectories"], batch_norm_mode="batch_statistics", keep_epochs=True
    ).compute()
    springs = load_curves.load_curve(
        cubes["spring_trajectories"], variable="spring_separation", keep_epochs=True
    ).compute()
    for letter, (of_network, of_springs) in REGIMES.items():
        places = (
            (f"{letter}1 network", network, ("negative_slope", "dropout"), of_network, "epoch"),
            (f"{letter}2 springs", springs, ("friction_right", "noise_strength"), of_springs,
             "step"),
        )  # fmt: skip
        for subject, curves, axes, values, moment in places:
            missing = [
                f"{axis} {value:g}"
                for axis, value in zip(axes, values, strict=True)
                if not np.isclose(curves[axis].values, value).any()
            ]
            unless = f"the grid has no {' or '.join(missing)}" if missing else None
            curve = None
            if not missing:
                where = dict(zip(axes, values, strict=True))
                curve = curves.sel(where, method="nearest")
            _trajectory(ledger, letter, subject, curve, moment, unless)
    return ledger.claims


def _trajectory(
    ledger: Ledger,
    letter: str,
    subject: str,
    curve: xr.DataArray | None,
    moment: str,
    unless: str | None,
) -> None:
    def convexity() -> xr.DataArray:
        """CI(t); at t = 0 the chain carries no load and has none."""
        ci = load_curves.convexity_index(curve)
        return ci.isel({moment: ci[moment].values > 0})

    def early() -> tuple[float, int, str]:
        ci = convexity()
        first = ci.values[ci[moment].values <= EARLY[moment]]
        return float(first.max()) if first.size else np.nan, first.size, ""

    def last() -> tuple[float, int, str]:
        ci = convexity()
        return float(ci.values[-1]), ci.size, f"{moment} {int(ci[moment].values[-1])}"

    def distance() -> tuple[float, int, str]:
        value, n, note = last()
        return abs(value), n, f"{note}: CI {value:+.3f}"

    def crossings() -> tuple[float, int, str]:
        """Upward less downward changes of sign: 1 exactly where CI begins < 0 and ends > 0."""
        ci = convexity()
        if not np.isfinite(ci.values).all():
            return np.nan, ci.size, ""
        kept = ci.values != 0
        signs, when = np.sign(ci.values[kept]), ci[moment].values[kept]
        up, down = ((np.diff(signs) == change).sum() for change in (2, -2))
        turns = when[1:][np.diff(signs) == 2]
        where = ", ".join(str(int(turn)) for turn in turns[:3]) or "never"
        return float(up - down), ci.size, f"upward at {moment} {where}; back {int(down)} times"

    def drift() -> tuple[float, int, str]:
        D = curve.isel(layer=0).values
        value = float(np.ptp(D)) if np.isfinite(D).all() else np.nan
        return value, D.size, f"D_0 = {D[0]:.3f} at the start"

    def decide(id: str, statement: str, comparison: str, threshold: float, value) -> None:
        ledger.decide(id, subject, statement, comparison, threshold, value, unless=unless)

    begun = "epochs 1 and 2" if moment == "epoch" else f"the first {EARLY['step']} steps"
    decide("early", f"deep layers move first: largest CI of {begun}", "<", 0.0, early)
    if letter == "a":
        decide("final", "lazy: CI at the end", "<", THRESHOLD.lazy, last)
    elif letter == "c":
        decide("final", "|CI| at the end", "<=", THRESHOLD.corner_c, distance)
    else:
        decide("final", "active: CI at the end", ">", THRESHOLD.active, last)
        decide("crossing", "CI(t) crosses zero from below (net crossings)", "==", 1, crossings)
    # Springs: the wall does not move at all.
    exactly = moment == "step"
    decide(
        "input",
        "D_0 is constant: its range over time",
        "==" if exactly else "<=",
        0.0 if exactly else THRESHOLD.input_drift,
        drift,
    )


# ---------------------------------------------------------------------------------------------
# The folding ruler
# ---------------------------------------------------------------------------------------------


def folding_ruler(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.6 on the stand-in: steady pulling opens the outer segments, shaking all evenly."""
    ledger = Ledger("folding_ruler", SOURCE)
    cube = cubes["folding_ruler"]
    (y,) = _chain(cube, "target")
    chains = _curves(cube, over=None).sortby("noise_strength").compute()
    steady = chains.isel(noise_strength=0).isel(seed=0).values
    calm = float(chains["noise_strength"].values[0]) == 0
    unless = None if calm else "the grid has no chain without noise"
    ledger.decide(
        "steady-inner",
        "steady",
        "inner blocks that never moved, counted from the wall",
        "==",
        THRESHOLD.ruler_unmoved,
        lambda: (float(np.argmax(np.append(steady[1:] != y, True))), len(steady) - 1, ""),
        unless=unless,
    )
    ledger.decide(
        "steady-outer",
        "steady",
        "the three outer blocks are at 0.1, 0.3, 0.6: largest distance (float32 cube)",
        "<=",
        THRESHOLD.exact,
        lambda: (float(abs(y - steady[-3:] - [0.1, 0.3, 0.6]).max()), 3, ""),
        unless=unless,
    )

    def unevenness() -> tuple[float, int, str]:
        shaken = chains.isel(noise_strength=-1).transpose("seed", "layer").values
        # The last spring runs from block L to the target, where the distance is 0.
        elongations = -np.diff(np.column_stack([shaken, np.zeros(len(shaken))]), axis=1)
        ratio = elongations.std(axis=1) / elongations.mean(axis=1)
        return float(ratio.max()), len(ratio), f"mean over chains {ratio.mean():.3f}"

    ledger.decide(
        "shaken-even",
        "shaken",
        "all elongations are even: standard deviation / mean, the worst chain",
        "<",
        THRESHOLD.ruler_even,
        unevenness,
    )
    return ledger.claims


# ---------------------------------------------------------------------------------------------
# The authors' two notebooks
# ---------------------------------------------------------------------------------------------


def first_order_chain(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.10: even friction and noise end in a straight line, the outer blocks ahead."""
    ledger = Ledger("first_order_chain", SOURCE)
    cube = cubes["first_order_chain"]
    (y,) = _chain(cube, "target")
    seeds = cube["/"].sizes["seed"]
    noisy = _curves(cube, keep_epochs=True).sortby("noise_strength").isel(noise_strength=-1)
    noisy = noisy.transpose("step", "layer").compute()
    end = noisy.isel(step=-1)
    few = None if seeds >= 100 else f"{seeds} chains; the statement is about at least 100"
    ledger.decide(
        "linear",
        "mean over chains",
        "the final profile is straight: |CI|",
        "<",
        THRESHOLD.straight,
        lambda: (abs(float(load_curves.convexity_index(end))), seeds, ""),
        unless=few,
    )
    straight = y * (1 - np.arange(end.size) / end.size)
    ledger.decide(
        "profile",
        "mean over chains",
        "D_l is 1 − l/8 at the end: largest distance over l = 1 … 7",
        "<=",
        THRESHOLD.profile,
        lambda: (float(abs(end.values - straight)[1:].max()), seeds, ""),
        unless=few,
    )

    def order() -> tuple[float, int, str]:
        D = noisy.sel(step=500).values[1:]
        return float(-np.diff(D).max()), seeds, "D_1 … D_7: " + " ".join(f"{d:.3f}" for d in D)

    recorded = 500 in noisy["step"].values
    ledger.decide(
        "order",
        "mean over chains",
        "D_1 > D_2 > … > D_7 at step 500: smallest difference of neighbours",
        ">",
        0.0,
        order,
        unless=few or (None if recorded else "step 500 was not recorded"),
    )
    return ledger.claims


def second_order_chain(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.11: concave without noise, on the stationary parabola with common noise."""
    ledger = Ledger("second_order_chain", SOURCE)
    cube = cubes["second_order_chain_common"]
    right, left, k, y, blocks = _chain(
        cube, "friction_right", "friction_left", "stiffness", "target", "length"
    )
    seeds = cube["/"].sizes["seed"]
    curves = _curves(cube).sortby("noise_strength").compute()
    noise = curves["noise_strength"].values
    few = None if seeds >= 20 else f"{seeds} chains; the statement is about at least 20"
    ledger.decide(
        "noise-free",
        "no noise",
        "concave: CI at the end",
        "<",
        THRESHOLD.second_order_noise_free,
        lambda: (float(load_curves.convexity_index(curves.isel(noise_strength=0))), 1, ""),
        unless=None if noise[0] == 0 else "the grid has no chain without noise",
    )
    parabola = y - stationary_state(blocks, right, left, k, y)[:-1]

    def distance() -> tuple[float, int, str]:
        mean = curves.isel(noise_strength=-1)
        ci = float(load_curves.convexity_index(mean))
        apart = float(abs(mean.values - parabola).max())
        return apart, seeds, f"CI {ci:+.3f}; of the parabola {_convexity_of(parabola):+.3f}"

    ledger.decide(
        "parabola",
        "common noise",
        "the mean profile is the stationary parabola: largest |D_l − D_l*|",
        "<=",
        THRESHOLD.parabola,
        distance,
        unless=few or (None if noise[-1] > 0 else "the grid has no chain with noise"),
    )

    def envelope() -> tuple[float, int, str]:
        layers = cube["layers"].to_dataset()["spring_velocity"].sortby("noise_strength")
        v = layers.isel(noise_strength=-1).transpose("step", "seed", "layer").values[1:, :, 1:]
        size = [float(np.sqrt((part.astype(float) ** 2).mean())) for part in np.array_split(v, 4)]
        note = "quarters: " + ", ".join(f"{s:.2g}" for s in size)
        return max(b / a for a, b in pairwise(size)), seeds, note

    ledger.decide(
        "velocity",
        "common noise",
        "the envelope of v shrinks: root mean square of a quarter of the run over that of the "
        "quarter before, the largest ratio",
        "<",
        1.0,
        envelope,
    )
    return ledger.claims


# ---------------------------------------------------------------------------------------------


def _curves(cube: xr.DataTree, **choice: Any) -> xr.DataArray:
    return load_curves.load_curve(cube, variable="spring_separation", **choice).astype("float64")


def _convexity_of(curve: np.ndarray) -> float:
    return float(load_curves.convexity_index(xr.DataArray(curve, dims="layer")))


def _chain(cube: xr.DataTree, *names: str) -> list[Any]:
    """Settings of the chain that the experiment states."""
    chain = json.loads(cube.attrs["settings"])["chain"]
    return [chain[name] for name in names]
