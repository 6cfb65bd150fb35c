"""Claims on the springs' diagram hold on simulated chains, and fail on other physics."""

from __future__ import annotations

from itertools import pairwise

import pytest
import xarray as xr

from layeratlas.claims.claim import FAILS, HOLDS
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.beside_springs import spring_table


def test_without_friction_to_the_left_nothing_is_convex(verdicts, check, simulated):
    cube = simulated.cube("spring_phase_diagram", seeds=10, friction_left=0.0)
    found = verdicts(check("spring_phase_diagram", spring_phase_diagram=cube), "springs")
    assert found["1a"] == FAILS
    # The closed forms follow the friction that the experiment states.
    assert found["4a"] == found["4b"] == found["exact"] == HOLDS


def test_the_largest_fall_and_rise_are_those_between_neighbours(by_id, check, simulated):
    """Along rows noise falls, along columns friction does: in a loop over the table."""
    cube = simulated.cube("spring_phase_diagram", seeds=4)
    found = by_id(check("spring_phase_diagram", spring_phase_diagram=cube), "springs")
    table = spring_table(cube).values.tolist()
    falls = [right - left for row in table for left, right in pairwise(row)]
    rises = [up - down for upper, lower in pairwise(table)
             for up, down in zip(upper, lower, strict=True)]  # fmt: skip
    assert found["2"].value == pytest.approx(max(falls), rel=1e-12)
    assert found["3"].value == pytest.approx(max(rises), rel=1e-12)


def test_even_friction_is_told_from_uneven(verdicts, check, simulated):
    uneven = simulated.cube("spring_phase_diagram")
    found = verdicts(
        check("spring_phase_diagram", spring_phase_diagram_symmetric=uneven), "springs, "
    )
    assert found == {"symmetric-straight": FAILS, "symmetric-never-convex": FAILS}


def test_a_short_run_has_not_reached_the_closed_forms(verdicts, check, simulated):
    cube = simulated.cube("spring_phase_diagram", seeds=4, steps=10_000, step_size=1e-4)
    found = verdicts(check("spring_phase_diagram", spring_phase_diagram=cube), "springs")
    assert found["4a"] == found["4b"] == found["exact"] == FAILS


def test_networks_that_answer_noise_the_other_way_fail_the_rank(verdicts, check, synthetic):
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


def test_another_spring_grid_is_refused(check, simulated):
    small = simulated.cube("spring_phase_diagram", seeds=2, grid={
        "friction_right": (0.1, 0.0), "noise_strength": (0.3, 0.0),
    })  # fmt: skip
    with pytest.raises(LayerAtlasError, match="6 × 8 cells; this diagram has 2 × 2"):
        check("two_phase_diagrams", spring_phase_diagram=small)
    with pytest.raises(LayerAtlasError, match="friction_right"):
        spring_table(simulated.cube("folding_ruler"))
