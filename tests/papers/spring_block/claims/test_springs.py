"""Claims on springs hold on simulated chains and fail on physics that contradicts them."""

from __future__ import annotations

import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.claims import files
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.errors import LayerAtlasError
from layeratlas.papers import FIGURES
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import beside_springs, spring_table

NAMES = [name for name, entry in FIGURES.items() if "claims.springs:" in (entry.claims or "")]
PUBLISHED = "spring_block_phase_diagram_published.csv"


@pytest.fixture
def check(simulated, synthetic):
    def checked(figure: str, **replaced: xr.DataTree):
        cubes = simulated.cubes(figure, synthetic) | replaced
        return papers.check(figure, cubes, {PUBLISHED: synthetic.REFERENCE})

    return checked


def verdicts(found, subject=""):
    return {claim.id: claim.verdict for claim in found if claim.subject.startswith(subject)}


@pytest.mark.parametrize("figure", NAMES)
def test_all_hold_on_the_specified_physics(check, figure):
    found = check(figure)
    assert found
    assert {claim.verdict for claim in found} == {HOLDS}, [
        (claim.id, claim.subject, claim.value) for claim in found if claim.verdict != HOLDS
    ]
    again = files.from_json(files.to_json(found))
    assert [claim.verdict for claim in again] == [claim.verdict for claim in found]


# --- negative controls -----------------------------------------------------------------------


def test_without_friction_to_the_left_nothing_is_convex(check, simulated):
    cube = simulated.cube("spring_phase_diagram", seeds=10, friction_left=0.0)
    found = verdicts(check("spring_phase_diagram", spring_phase_diagram=cube), "springs")
    assert found["1a"] == FAILS
    # The closed forms follow the friction that the experiment states.
    assert found["4a"] == found["4b"] == found["exact"] == HOLDS


def test_even_friction_is_told_from_uneven(check, simulated):
    uneven = simulated.cube("spring_phase_diagram")
    found = verdicts(
        check("spring_phase_diagram", spring_phase_diagram_symmetric=uneven), "springs, "
    )
    assert found == {"symmetric-straight": FAILS, "symmetric-never-convex": FAILS}


def test_a_short_run_has_not_reached_the_closed_forms(check, simulated):
    cube = simulated.cube("spring_phase_diagram", seeds=4, steps=10_000, step_size=1e-4)
    found = verdicts(check("spring_phase_diagram", spring_phase_diagram=cube), "springs")
    assert found["4a"] == found["4b"] == found["exact"] == FAILS


def test_networks_that_answer_noise_the_other_way_fail_the_rank(check, synthetic):
    values = synthetic.LAPTOP_GRID["dropout"]
    cube = synthetic.theory_cube("dropout", values, synthetic.LAPTOP_SLOPES)
    turned = xr.DataTree.from_dict(
        {
            node.path: node.to_dataset(inherit=False).assign_coords(
                dropout=list(values[::-1]),
                negative_slope=list(synthetic.LAPTOP_SLOPES[::-1]),
            )
            for node in cube.subtree
        }
    )
    found = check("two_phase_diagrams", phase_diagram_dropout=turned)
    assert verdicts(found, "c dropout") == {"5": FAILS}
    assert verdicts(found, "a data") == {"5": HOLDS}


def swapped(cube: xr.DataTree, axis: str) -> xr.DataTree:
    """The two values of an axis exchanged."""
    values = cube[axis].values[::-1]
    return xr.DataTree.from_dict(
        {
            node.path: node.to_dataset(inherit=False).assign_coords({axis: values})
            for node in cube.subtree
        }
    )


def test_noise_that_does_nothing_or_the_opposite_fails_the_trajectories(check, simulated):
    found = check(
        "trajectories",
        network_trajectories=swapped(simulated.network_trajectories(), "dropout"),
        spring_trajectories=swapped(simulated.cube("spring_trajectories"), "noise_strength"),
    )
    for subject in ("a1", "b1", "a2", "b2"):
        assert verdicts(found, subject)["final"] == FAILS
    assert verdicts(found, "b1")["crossing"] == verdicts(found, "b2")["crossing"] == FAILS
    assert verdicts(found, "a2")["early"] == HOLDS


def test_a_drifting_input_is_told(check, simulated):
    cube = simulated.network_trajectories()
    layers = cube["layers"].to_dataset(inherit=False)
    # What running statistics show early in training.
    drifting = layers["data_separation"].sel(batch_norm_mode="running_statistics")
    layers["data_separation"] = drifting.broadcast_like(layers["data_separation"]).transpose(
        *layers["data_separation"].dims
    )
    cube["layers"].dataset = layers
    found = check("trajectories", network_trajectories=cube)
    assert {verdicts(found, f"{letter}1")["input"] for letter in "abcd"} == {FAILS}


def test_a_ruler_with_little_friction_opens_everywhere(check, simulated):
    slippery = simulated.cube("folding_ruler", friction_right=0.01, friction_left=0.01)
    found = verdicts(check("folding_ruler", folding_ruler=slippery))
    assert found["steady-inner"] == found["steady-outer"] == FAILS
    calm = simulated.cube("folding_ruler", grid={"noise_strength": (0.0, 0.02)})
    assert verdicts(check("folding_ruler", folding_ruler=calm))["shaken-even"] == FAILS


def test_uneven_friction_bends_the_first_notebook(check, simulated):
    bent = simulated.cube("first_order_chain", friction_left=0.2)
    found = verdicts(check("first_order_chain", first_order_chain=bent))
    assert found["linear"] == found["profile"] == FAILS
    few = simulated.cube("first_order_chain", seeds=5)
    assert set(verdicts(check("first_order_chain", first_order_chain=few)).values()) == {
        NOT_APPLICABLE
    }


def test_second_notebook_needs_common_noise_that_fades(check, simulated):
    independent = simulated.cube("second_order_chain_independent")
    found = verdicts(check("second_order_chain", second_order_chain_common=independent))
    assert found["parabola"] == FAILS
    growing = simulated.cube("second_order_chain_common").copy()
    layers = growing["layers"].to_dataset(inherit=False)
    backward = layers["spring_velocity"].values[..., ::-1, :]
    layers["spring_velocity"] = layers["spring_velocity"].copy(data=backward)
    growing["layers"].dataset = layers
    found = verdicts(check("second_order_chain", second_order_chain_common=growing))
    assert found["velocity"] == FAILS
    slippery = simulated.cube("second_order_chain_common", friction_right=0.0)
    found = verdicts(check("second_order_chain", second_order_chain_common=slippery))
    assert found["noise-free"] == FAILS


# --- grids -----------------------------------------------------------------------------------


def test_grids_without_a_regime_or_a_quiet_column_say_so(check, simulated):
    cube = simulated.cube("spring_trajectories", grid={
        "friction_right": (0.10,), "noise_strength": (0.0, 0.3),
    })  # fmt: skip
    found = check("trajectories", spring_trajectories=cube)
    assert set(verdicts(found, "c2").values()) == {NOT_APPLICABLE}
    assert "friction_right 0.02" in next(c.note for c in found if c.subject.startswith("d2"))
    assert set(verdicts(found, "b2").values()) == {HOLDS}


def test_cells_are_matched_by_their_published_place(simulated, synthetic):
    springs = spring_table(simulated.cube("spring_phase_diagram"))
    assert springs.shape == (6, 8)
    # Row 0 has the most friction, column 0 the most noise.
    assert springs[5, 0] > springs[0, 0] > 0 > springs[0, 7]
    values = (0.0, 0.08, 0.28, 0.5)
    cube = synthetic.theory_cube("dropout", values, (1.0, 0.2))
    both = beside_springs(load_curves.convexity_index(load_curves.load_curve(cube)), springs)
    # 0.5 is not published; 0.28, 0.08 and 0 are columns 0, 5 and 7, slopes 0.2 and 1 rows 1 and 5.
    assert sorted(zip(both["row"].values, both["column"].values, strict=True)) == [
        (1, 0), (1, 5), (1, 7), (5, 0), (5, 5), (5, 7),
    ]  # fmt: skip
    for cell in both.transpose("cell")["cell"].values if "cell" in both.coords else range(6):
        one = both.isel(cell=cell)
        assert one["convexity_index_springs"] == springs[int(one["row"]), int(one["column"])]
    ci = load_curves.convexity_index(load_curves.load_curve(cube))
    here = both.isel(cell=(both["row"] == 5).values & (both["column"] == 5).values)
    assert float(here["convexity_index"].item()) == pytest.approx(
        float(ci.sel(dropout=0.08, negative_slope=1.0)), abs=1e-12
    )


def test_another_spring_grid_is_refused(check, simulated):
    small = simulated.cube("spring_phase_diagram", seeds=2, grid={
        "friction_right": (0.1, 0.0), "noise_strength": (0.3, 0.0),
    })  # fmt: skip
    with pytest.raises(LayerAtlasError, match="6 × 8 cells; this diagram has 2 × 2"):
        check("two_phase_diagrams", spring_phase_diagram=small)
    with pytest.raises(LayerAtlasError, match="friction_right"):
        spring_table(simulated.cube("folding_ruler"))
