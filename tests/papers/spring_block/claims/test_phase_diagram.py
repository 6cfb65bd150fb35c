"""Claims hold on the published values and fail where they should."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.claims import files, scoreboard
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, judge
from layeratlas.papers.spring_block.claims import phase_diagram as module
from layeratlas.papers.spring_block.noise import noise_axis

FIGURES = ("phase_diagram", "load_uniformity", "phase_diagram_he_su", "phase_diagram_fidelity")


def check(figure, cubes, synthetic):
    return papers.check(figure, cubes, {module.PUBLISHED: synthetic.REFERENCE})


def by_id(found, subject):
    return {claim.id: claim for claim in found if claim.subject.startswith(subject)}


@pytest.fixture(scope="module")
def paper(synthetic):
    return synthetic.paper_cubes()


@pytest.fixture(scope="module")
def laptop(synthetic):
    return synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)


# --- the published values --------------------------------------------------------------------

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
def test_published_panels_satisfy_the_claims(paper, synthetic, subject):
    found = by_id(check("phase_diagram", paper, synthetic), subject)
    assert set(found) == set(PUBLISHED_VALUES[subject])
    for id, value in PUBLISHED_VALUES[subject].items():
        assert found[id].verdict == HOLDS, found[id]
        assert found[id].value == pytest.approx(value, abs=6e-5), id


def test_published_panels_agree_with_each_other(paper, synthetic):
    found = by_id(check("phase_diagram", paper, synthetic), "a and c")
    assert found["9"].verdict == HOLDS


def test_published_panels_reproduce_themselves(paper, synthetic):
    for claim in check("phase_diagram_fidelity", paper, synthetic):
        assert claim.verdict == HOLDS
        assert claim.n == 48 == len(claim.table)
        assert claim.value < 1e-4


# --- negative controls -----------------------------------------------------------------------


def reflected(cube):
    """Every curve mirrored about its chord: convex becomes concave."""
    layers = cube["layers"].to_dataset(inherit=False)
    D = layers["data_separation"]
    ends = D.isel(layer=[0, 7]).mean("layer")
    mirrored = 2 * (D.isel(layer=0) + (D.isel(layer=7) - D.isel(layer=0)) * D["layer"] / 7) - D
    assert ends.notnull().any()
    return replaced(cube, "layers", data_separation=mirrored.transpose(*D.dims))


def replaced(cube, node, **variables):
    copy = cube.copy()
    copy[node].dataset = copy[node].to_dataset(inherit=False).assign(variables)
    return copy


def permute_cells(values, seed):
    """Permute the first two axes jointly."""
    flat = values.reshape(-1, *values.shape[2:])
    return flat[np.random.default_rng(seed).permutation(len(flat))].reshape(values.shape)


def test_mirrored_curves_fail_every_claim_on_convexity(paper, synthetic):
    cubes = {name: reflected(cube) for name, cube in paper.items()}
    found = by_id(check("phase_diagram", cubes, synthetic), "a data")
    for id in ("1", "2", "3a", "4", "5"):
        assert found[id].verdict == FAILS, id
    # an even load is even in the mirror
    assert found["7a"].verdict == HOLDS


def test_cells_in_random_places_fail_order_and_universality(paper, synthetic):
    cubes = {}
    for k, (name, cube) in enumerate(paper.items()):
        D = cube["layers"]["data_separation"]
        cubes[name] = replaced(
            cube, "layers", data_separation=D.copy(data=permute_cells(D.values, k))
        )
    found = check("phase_diagram", cubes, synthetic)
    panel = by_id(found, "a data")
    for id in ("3b", "4", "5", "7a"):
        assert panel[id].verdict == FAILS, id
    assert all(claim.verdict == FAILS for claim in found if claim.id == "9")
    fidelity = by_id(check("phase_diagram_fidelity", cubes, synthetic), "a data")
    assert fidelity["fidelity-convexity"].verdict == FAILS
    assert fidelity["fidelity-accuracy"].verdict == HOLDS


def test_accuracy_that_prefers_bent_curves_fails(paper, synthetic):
    cubes = {}
    for name, cube in paper.items():
        accuracy = cube["evaluation"]["test_accuracy"]
        cubes[name] = replaced(cube, "evaluation", test_accuracy=1.7 - accuracy)
    for figure in ("phase_diagram", "load_uniformity"):
        for subject in ("a data", "c dropout"):
            found = by_id(check(figure, cubes, synthetic), subject)
            assert found["7a"].verdict == FAILS
            assert found["7b"].verdict == FAILS
    fidelity = by_id(check("phase_diagram_fidelity", cubes, synthetic), "c dropout")
    assert fidelity["fidelity-accuracy"].verdict == FAILS


def test_one_rising_step_fails_monotony(paper, synthetic):
    cube = paper["phase_diagram_dropout"]
    D = cube["layers"]["data_separation"].copy(deep=True)
    D[{"dropout": 2, "negative_slope": 3, "layer": 7}] += 5.0
    cubes = {**paper, "phase_diagram_dropout": replaced(cube, "layers", data_separation=D)}
    claim = by_id(check("phase_diagram", cubes, synthetic), "c dropout")["8"]
    assert claim.verdict == FAILS
    assert claim.note.startswith("1 of 48 curves rise")
    assert "dropout 0.2, α 0.6" in claim.note


def test_row_without_change_of_sign_fails(synthetic):
    grid = synthetic.LAPTOP_GRID
    cubes = synthetic.theory_cubes(grid, synthetic.LAPTOP_SLOPES)
    name = "phase_diagram_learning_rate"
    D = cubes[name]["layers"]["data_separation"]
    flat = D.isel(learning_rate=[0]).broadcast_like(D.isel(learning_rate=[0]))
    values = np.repeat(flat.values, D.sizes["learning_rate"], axis=0)
    cubes[name] = replaced(cubes[name], "layers", data_separation=D.copy(data=values))
    found = by_id(check("phase_diagram", cubes, synthetic), "b learning")
    assert (found["3b"].value, found["3b"].verdict) == (0, FAILS)
    assert (found["6"].value, found["6"].verdict) == (0, FAILS)


def test_he_su_measure_of_opposite_sign_fails(paper, synthetic):
    good = by_id(check("phase_diagram_he_su", paper, synthetic), "a data")["sign-at-ends"]
    assert (good.value, good.verdict) == (2, HOLDS)
    cube = paper["phase_diagram_data_noise"]
    mirrored = reflected(cube)["layers"]["data_separation"]
    cubes = {
        **paper,
        "phase_diagram_data_noise": replaced(
            cube, "layers", data_separation_pseudoinverse=mirrored
        ),
    }
    found = check("phase_diagram_he_su", cubes, synthetic)
    assert by_id(found, "a data")["sign-at-ends"].verdict == FAILS
    assert by_id(found, "c dropout")["sign-at-ends"].verdict == HOLDS
    assert len(found) == 2


# --- missing data ----------------------------------------------------------------------------


def diverged(cube, slope, column, seeds=slice(None)):
    root = cube["/"].to_dataset()
    status = root["status"].copy(deep=True)
    status[{noise_axis(cube): column, "negative_slope": slope, "seed": seeds}] = 1
    return replaced(cube, "/", status=status)


def test_a_diverged_cell_fails_what_needs_it_and_says_so(laptop, synthetic):
    cubes = dict(laptop)
    cubes["phase_diagram_dropout"] = diverged(laptop["phase_diagram_dropout"], 0, 0)
    found = by_id(check("phase_diagram", cubes, synthetic), "c dropout")
    assert found["1"].verdict == HOLDS  # the cell at the other end
    for id in ("3a", "3b", "4", "5", "7a", "7b", "8"):
        assert found[id].verdict == FAILS, id
        assert found[id].value is None
        assert "diverged" in found[id].note
    fidelity = by_id(check("phase_diagram_fidelity", cubes, synthetic), "c dropout")
    assert fidelity["fidelity-convexity"].verdict == FAILS
    json.loads(files.to_json(list(fidelity.values())))


def test_lost_seeds_are_told_even_where_the_claim_holds(laptop, synthetic):
    cubes = dict(laptop)
    cubes["phase_diagram_dropout"] = diverged(laptop["phase_diagram_dropout"], 2, 1, seeds=0)
    claim = by_id(check("phase_diagram", cubes, synthetic), "c dropout")["1"]
    assert claim.verdict == HOLDS
    assert claim.note == "1 of 36 runs diverged or missing"


# --- grids -----------------------------------------------------------------------------------


def test_reduced_grid_asks_what_the_reduced_grid_can_answer(laptop, synthetic):
    found = check("phase_diagram", laptop, synthetic)
    panel = by_id(found, "a data")
    assert panel["7a"].threshold == -0.4
    assert {claim.verdict for claim in found if claim.id == "9"} == {NOT_APPLICABLE}
    assert {claim.verdict for claim in found if claim.id in "123456"} == {HOLDS}
    assert "3a" not in by_id(found, "b learning")


def test_grid_is_told_by_coordinates_not_by_preset(synthetic):
    relabelled = synthetic.paper_cubes(preset="laptop")
    found = check("phase_diagram", relabelled, synthetic)
    assert by_id(found, "a data")["7a"].threshold == -0.5
    assert NOT_APPLICABLE not in {claim.verdict for claim in found}


def test_full_grid_with_more_columns_is_still_full(synthetic, paper):
    values = (*synthetic.PUBLISHED_GRID["batch_size"], 5, 2560)
    wider = synthetic.theory_cube("batch_size", values, synthetic.PUBLISHED_SLOPES)
    found = check("phase_diagram", {**paper, "phase_diagram_batch_size": wider}, synthetic)
    assert by_id(found, "d batch")["5"].n == 9  # ten columns less batch size 10
    assert by_id(found, "a and d")["9"].n == 48


def test_tiny_grid_says_why_it_cannot_tell(synthetic):
    cubes = synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1)
    found = by_id(check("phase_diagram", cubes, synthetic), "c dropout")
    for id, reason in (
        ("4", "2 columns"),
        ("5", "2 rows"),
        ("6", "no negative slope 0.4"),
    ):
        assert found[id].verdict == NOT_APPLICABLE
        assert reason in found[id].note
    assert found["1"].verdict == HOLDS


def test_ends_of_the_noise_axis_must_be_reached(synthetic, laptop):
    short = synthetic.theory_cube("batch_size", (80, 320), (0.0, 0.4, 1.0))
    found = by_id(
        check("phase_diagram", {**laptop, "phase_diagram_batch_size": short}, synthetic), "d batch"
    )
    for id in ("1", "2", "3b", "6"):
        assert found[id].verdict == NOT_APPLICABLE
    assert (
        found["1"].note == "the least noisy column is batch_size 320; the statement is about 1280"
    )


def test_no_coinciding_cell(synthetic, laptop):
    odd = synthetic.theory_cube("dropout", (0.27, 0.01), (0.1, 0.9))
    found = check("phase_diagram_fidelity", {**laptop, "phase_diagram_dropout": odd}, synthetic)
    assert by_id(found, "c dropout")["fidelity-accuracy"].verdict == NOT_APPLICABLE


# --- the machinery ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "comparison", "verdict"),
    [
        (0.5, "<=", HOLDS),
        (0.51, "<=", FAILS),
        (0.5, ">=", HOLDS),
        (0.49, ">=", FAILS),
        (0.5, "<", FAILS),
        (0.5, "==", HOLDS),
        (np.nan, "<=", FAILS),
        (np.inf, ">=", FAILS),
    ],
)
def test_judge(value, comparison, verdict):
    claim = judge(
        id="x",
        figure="f",
        subject="s",
        statement="t",
        source="u",
        value=value,
        comparison=comparison,
        threshold=0.5,
        n=1,
    )
    assert claim.verdict == verdict
    assert (claim.value is None) == (not np.isfinite(value))


def test_json_is_deterministic_and_comes_back(laptop, synthetic):
    found = [claim for figure in FIGURES for claim in check(figure, laptop, synthetic)]
    text = files.to_json(found, {"code": "abc", "cube": "def"})
    assert text == files.to_json(found, {"cube": "def", "code": "abc"})
    again = files.from_json(text)
    assert files.to_json(again, {"code": "abc", "cube": "def"}) == text
    document = json.loads(text)
    assert sum(document["count"].values()) == len(found)
    tables = [record["table"] for record in document["claims"] if "table" in record]
    assert len(tables) == 4
    assert set(tables[0][0]) == {
        "data_noise",
        "negative_slope",
        "reproduced",
        "published",
        "difference",
    }


def test_scoreboard_shows_every_claim(laptop, synthetic):
    from rich.console import Console

    found = [claim for figure in FIGURES for claim in check(figure, laptop, synthetic)]
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(scoreboard.scoreboard(found))
    text = console.export_text()
    for figure in FIGURES:
        assert figure in text
    assert f"{sum(claim.verdict == HOLDS for claim in found)} holds" in text


def test_every_claimed_figure_resolves():
    for entry in papers.FIGURES.values():
        assert entry.claims is None or callable(papers.resolve(entry.claims))


def test_tables_load_nothing_heavy():
    code = (
        "import sys, layeratlas.figures, layeratlas.claims;"
        "heavy = {'matplotlib', 'xarray', 'pandas', 'numpy', 'rich', 'torch'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lazy_cubes_give_the_same_verdicts(laptop, synthetic):
    lazy = {name: cube.chunk() for name, cube in laptop.items()}
    assert isinstance(lazy["phase_diagram_dropout"], xr.DataTree)
    assert check("phase_diagram", lazy, synthetic) == check("phase_diagram", laptop, synthetic)
