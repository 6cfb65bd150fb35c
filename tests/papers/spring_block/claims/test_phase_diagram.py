"""Claims on the phase diagram hold on the published values and fail where they should."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.synthetic import turned_all

from layeratlas.claims.asking import Name
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE
from layeratlas.claims.turning.explaining import explain
from layeratlas.papers.spring_block.claims.load_uniformity import THRESHOLD as UNIFORMITY
from layeratlas.papers.spring_block.claims.panel_tables import PanelTables
from layeratlas.papers.spring_block.claims.phase_diagram import THRESHOLD, phase_diagram
from layeratlas.papers.spring_block.panels import PANELS

PUBLISHED_VALUES = {
    "a data": {
        "1": -0.1822,
        "2": 0.1802,
        "3a": 0.1192,
        "3b": 1,
        "4": 0.7619,
        "5": 0.8286,
        "6": 1,
        "7a": -0.8620,
        "7b": 0.0182,
        "8": -0.00907,
    },
    "c dropout": {
        "1": -0.1324,
        "2": 0.2707,
        "3a": 0.1272,
        "3b": 1,
        "4": 1.0,
        "5": 1.0,
        "6": 1,
        "7a": -0.8974,
        "7b": 0.0467,
        "8": -0.00444,
    },
}


@pytest.mark.parametrize("subject", PUBLISHED_VALUES)
def test_published_panels_satisfy_the_claims(judge_networks, by_id, paper, subject):
    found = by_id(judge_networks("phase_diagram", paper), subject)
    assert set(found) == set(PUBLISHED_VALUES[subject])
    for id, value in PUBLISHED_VALUES[subject].items():
        assert found[id].verdict == HOLDS, found[id]
        assert found[id].value == pytest.approx(value, abs=6e-5), id


def test_published_panels_agree_with_each_other(judge_networks, by_id, paper):
    found = by_id(judge_networks("phase_diagram", paper), "a and c")
    assert found["9"].verdict == HOLDS


def test_mirrored_curves_fail_every_claim_on_convexity(judge_networks, reflected, by_id, paper):
    cubes = {name: reflected(cube) for name, cube in paper.items()}
    found = by_id(judge_networks("phase_diagram", cubes), "a data")
    for id in ("1", "2", "3a", "4", "5"):
        assert found[id].verdict == FAILS, id
    # an even load is even in the mirror
    assert found["7a"].verdict == HOLDS


def permute_cells(values, seed):
    """Permute the first two axes jointly."""
    flat = values.reshape(-1, *values.shape[2:])
    return flat[np.random.default_rng(seed).permutation(len(flat))].reshape(values.shape)


def test_cells_in_random_places_fail_order_and_universality(judge_networks, replaced, by_id, paper):
    cubes = {}
    for k, (name, cube) in enumerate(paper.items()):
        D = cube["layers"]["data_separation"]
        cubes[name] = replaced(
            cube, "layers", data_separation=D.copy(data=permute_cells(D.values, k))
        )
    found = judge_networks("phase_diagram", cubes)
    panel = by_id(found, "a data")
    for id in ("3b", "4", "5", "7a"):
        assert panel[id].verdict == FAILS, id
    assert {claim.verdict for claim in found if claim.id == "9"} == {FAILS}


def test_one_rising_step_fails_monotony(judge_networks, replaced, by_id, paper):
    cube = paper["phase_diagram_dropout"]
    D = cube["layers"]["data_separation"].copy(deep=True)
    D[{"dropout": 2, "negative_slope": 3, "layer": 7}] += 5.0
    cubes = {**paper, "phase_diagram_dropout": replaced(cube, "layers", data_separation=D)}
    claim = by_id(judge_networks("phase_diagram", cubes), "c dropout")["8"]
    assert claim.verdict == FAILS
    assert claim.note.startswith("1 of 48 curves rise")
    assert "dropout 0.2, α 0.6" in claim.note


def test_row_without_change_of_sign_fails(judge_networks, replaced, by_id, synthetic):
    grid = synthetic.LAPTOP_GRID
    cubes = synthetic.theory_cubes(grid, synthetic.LAPTOP_SLOPES)
    name = "phase_diagram_learning_rate"
    D = cubes[name]["layers"]["data_separation"]
    flat = D.isel(learning_rate=[0]).broadcast_like(D.isel(learning_rate=[0]))
    values = np.repeat(flat.values, D.sizes["learning_rate"], axis=0)
    cubes[name] = replaced(cubes[name], "layers", data_separation=D.copy(data=values))
    found = by_id(judge_networks("phase_diagram", cubes), "b learning")
    assert (found["3b"].value, found["3b"].verdict) == (0, FAILS)
    assert (found["6"].value, found["6"].verdict) == (0, FAILS)


def test_he_su_measure_of_opposite_sign_fails(judge_networks, replaced, reflected, by_id, paper):
    good = by_id(judge_networks("phase_diagram_he_su", paper), "a data")["sign-at-ends"]
    assert (good.value, good.verdict) == (2, HOLDS)
    cube = paper["phase_diagram_data_noise"]
    mirrored = reflected(cube)["layers"]["data_separation"]
    cubes = {
        **paper,
        "phase_diagram_data_noise": replaced(
            cube, "layers", data_separation_pseudoinverse=mirrored
        ),
    }
    found = judge_networks("phase_diagram_he_su", cubes)
    assert by_id(found, "a data")["sign-at-ends"].verdict == FAILS
    assert by_id(found, "c dropout")["sign-at-ends"].verdict == HOLDS
    assert len(found) == 2


def test_a_diverged_cell_fails_what_needs_it_and_says_so(judge_networks, diverged, by_id, laptop):
    cubes = dict(laptop)
    cubes["phase_diagram_dropout"] = diverged(laptop["phase_diagram_dropout"], 0, 0)
    found = by_id(judge_networks("phase_diagram", cubes), "c dropout")
    assert found["1"].verdict == HOLDS  # the cell at the other end
    for id in ("3a", "3b", "4", "5", "7a", "7b", "8"):
        assert found[id].verdict == FAILS, id
        assert found[id].value is None
        assert "diverged" in found[id].note


def test_lost_seeds_are_told_even_where_the_claim_holds(judge_networks, diverged, by_id, laptop):
    cubes = dict(laptop)
    cubes["phase_diagram_dropout"] = diverged(laptop["phase_diagram_dropout"], 2, 1, seeds=0)
    claim = by_id(judge_networks("phase_diagram", cubes), "c dropout")["1"]
    assert claim.verdict == HOLDS
    assert claim.note == "left out of means: phase_diagram_dropout 1 of 36 runs (1 diverged)"


def test_reduced_grid_asks_what_the_reduced_grid_can_answer(judge_networks, by_id, laptop):
    found = judge_networks("phase_diagram", laptop)
    panel = by_id(found, "a data")
    assert panel["7a"].threshold == UNIFORMITY.uniformity_rank["reduced"]
    assert {claim.verdict for claim in found if claim.id == "9"} == {NOT_APPLICABLE}
    assert {claim.verdict for claim in found if claim.id in "123456"} == {HOLDS}
    assert "3a" not in by_id(found, "b learning")


def test_grid_is_told_by_coordinates_not_by_preset(judge_networks, by_id, synthetic):
    relabelled = synthetic.paper_cubes(preset="laptop")
    found = judge_networks("phase_diagram", relabelled)
    assert by_id(found, "a data")["7a"].threshold == UNIFORMITY.uniformity_rank["full"]
    assert NOT_APPLICABLE not in {claim.verdict for claim in found}


def test_full_grid_with_more_columns_is_still_full(judge_networks, by_id, synthetic, paper):
    values = (*synthetic.PUBLISHED_GRID["batch_size"], 5, 2560)
    wider = synthetic.theory_cube("batch_size", values, synthetic.PUBLISHED_SLOPES)
    found = judge_networks("phase_diagram", {**paper, "phase_diagram_batch_size": wider})
    assert by_id(found, "d batch")["5"].n == 9 * 6 * 2  # ten columns less batch size 10
    assert by_id(found, "a and d")["9"].n == 2 * 48 * 2


def test_tiny_grid_says_why_it_cannot_tell(judge_networks, by_id, synthetic):
    cubes = synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1)
    found = by_id(judge_networks("phase_diagram", cubes), "c dropout")
    for id, reason in (
        ("4", "2 columns"),
        ("5", "2 rows"),
        ("6", "no negative slope 0.4"),
    ):
        assert found[id].verdict == NOT_APPLICABLE
        assert reason in found[id].note
    assert found["1"].verdict == HOLDS


def test_ends_of_the_noise_axis_must_be_reached(judge_networks, by_id, synthetic, laptop):
    short = synthetic.theory_cube("batch_size", (80, 320), (0.0, 0.4, 1.0))
    found = by_id(
        judge_networks("phase_diagram", {**laptop, "phase_diagram_batch_size": short}), "d batch"
    )
    for id in ("1", "2", "3b", "6"):
        assert found[id].verdict == NOT_APPLICABLE
    assert (
        found["1"].note == "the least noisy column is batch_size 320; the statement is about 1280"
    )


def test_lazy_cubes_give_the_same_verdicts(judge_networks, laptop):
    lazy = {name: cube.chunk() for name, cube in laptop.items()}
    assert isinstance(lazy["phase_diagram_dropout"], xr.DataTree)
    assert judge_networks("phase_diagram", lazy) == judge_networks("phase_diagram", laptop)


def test_thresholds_are_those_that_the_module_states(judge_networks, by_id, paper):
    found = by_id(judge_networks("phase_diagram", paper), "c dropout")
    for id, threshold in (
        ("1", THRESHOLD.concave_corner),
        ("2", THRESHOLD.convex_corner),
        ("3a", THRESHOLD.noisy_relu),
        ("3b", THRESHOLD.sign_changes),
        ("4", THRESHOLD.row_rank),
        ("5", THRESHOLD.column_rank),
        ("8", THRESHOLD.monotone),
    ):
        assert found[id].threshold == threshold


@pytest.mark.parametrize("figure", ["phase_diagram", "phase_diagram_he_su"])
def test_the_order_in_which_noise_is_stored_changes_no_claim(judge_networks, paper, figure):
    assert judge_networks(figure, turned_all(paper)) == judge_networks(figure, paper)


# --- what seeds leave open ----------------------------------------------------------------------
@pytest.fixture(scope="module")
def scattered(synthetic):
    """`scattered(width)`: a laptop's cubes whose seeds bend apart by so much."""

    def make(width):
        grid, slopes = synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES
        return synthetic.theory_cubes(grid, slopes, seeds=3, scatter=width)

    return make


def shaken(laptop, width):
    """Seeds of every cell of panel c bend apart on their own, and the mean stays."""
    cube = laptop["phase_diagram_dropout"]
    D = cube["layers"].to_dataset(inherit=False)["data_separation"]
    dice = np.random.default_rng(3)
    apart = dice.normal(size=tuple(D.sizes[dim] for dim in D.dims[:3]))
    apart -= apart.mean(-1, keepdims=True)
    hump = np.sin(np.linspace(0, np.pi, D.sizes["layer"] - 1))
    noise = width * apart[..., None, None, None] * np.append(hump, 0)
    copy = cube.copy()
    layers = copy["layers"].to_dataset(inherit=False)
    copy["layers"].dataset = layers.assign(data_separation=D + noise.astype("float32"))
    return {**laptop, "phase_diagram_dropout": copy}


def test_orders_that_seeds_leave_open_are_ties(judge_networks, by_id, laptop):
    """The same means throughout: what shakes little changes nothing, what shakes much does."""
    little, much = (
        by_id(judge_networks("phase_diagram", shaken(laptop, width)), "c dropout")
        for width in (0.01, 8.0)
    )
    for id in ("3b", "4", "5", "6"):
        assert (little[id].verdict, much[id].verdict) == (HOLDS, TIE), id
        assert little[id].value == much[id].value
    # Sizes are judged as they are.
    assert {much[id].verdict for id in ("1", "2", "3a")} == {HOLDS}
    # A tie names the cells that may change places.
    assert "open: dropout" in much["4"].note and "±" in much["4"].note
    assert min(much["4"].orders) < much["4"].threshold <= much["4"].value


def test_seeds_that_move_together_leave_no_order_open(judge_networks, by_id, scattered):
    """Cells of a grid share the draws of a seed: their difference does not move."""
    found = by_id(judge_networks("phase_diagram", scattered(0.5)), "c dropout")
    assert (found["4"].verdict, found["5"].verdict) == (HOLDS, HOLDS)
    assert found["4"].orders == found["5"].orders == ()


@pytest.mark.spreads
def test_numbers_have_standard_errors_and_n_counts_runs(judge_networks, by_id, scattered):
    found = judge_networks("phase_diagram", scattered(0.5))
    panel = by_id(found, "c dropout")
    assert {id: panel[id].n for id in ("1", "3b", "4", "7a", "8")} == {
        "1": 3, "3b": 12, "4": 36, "7a": 36, "8": 36,
    }  # fmt: skip
    cube = scattered(0.5)["phase_diagram_dropout"]
    each = PanelTables(PANELS[2], cube).row_cells(0).seeds[:, 0]
    assert panel["1"].spread == pytest.approx(each.std(ddof=1) / np.sqrt(3), rel=1e-6)
    assert panel["3b"].spread is None


@pytest.mark.parametrize(("id", "rows"), [("1", 1), ("3b", 1), ("6", 1), ("4", 3), ("8", 3)])
def test_a_claim_reads_the_cells_that_it_is_about(scattered, id, rows):
    """What else `why` would disturb and name: a row's claim does not depend on the others."""
    cubes = scattered(0.5)
    cube = cubes["phase_diagram_dropout"]["layers"].dataset
    why = explain(lambda others: phase_diagram(others, {}), cubes, Name(id, "c dropout"))
    curves = rows * cube.sizes["dropout"]
    assert why is not None and why.reads == ("layers/data_separation",)
    assert why.n_places == curves * (cube.sizes["layer"] - 1)


def test_networks_that_were_trained_too_little_decide_nothing(judge_networks, synthetic):
    small = synthetic.theory_cubes(
        synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1, n_train=640, preset="laptop"
    )
    for figure in ("phase_diagram", "phase_diagram_he_su", "phase_diagram_fidelity"):
        found = judge_networks(figure, small)
        assert {claim.verdict for claim in found} == {NOT_APPLICABLE}
        assert {claim.note.split(";")[0] for claim in found} == {
            "trained on too little: 640 training images"
        }
