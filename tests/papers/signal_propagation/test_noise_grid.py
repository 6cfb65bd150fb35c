"""The hierarchy over noise and nonlinearity: shapes by cell, and the crossing of every slope."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from made.shifted import bump, correlations, held

from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.signal_propagation.noise_grid import EXPERIMENT, diagram

EXPERIMENTS = Path(__file__).parents[3] / "config" / "experiments"
L, SLOPES, NOISES = 10, (0.0, 0.4, 0.6, 1.0), (0.0, 0.2)


def cube_of(made_cube, peaks=(5, 4, 3, 2)):
    variables: dict = {}
    for a, peak in zip(SLOPES, peaks, strict=True):
        for p in NOISES:
            values = {
                "alignment": held(0.2 * bump(L, peak, 2 + p, 4)),
                "alignment_null": held(np.full(L, 0.02)),
                **correlations(0.3, L),
            }
            for name, value in values.items():
                variables.setdefault(name, {})[a, p] = value
    return made_cube(variables, {"negative_slope": SLOPES, "dropout": NOISES})


def test_cells_stand_as_the_published_diagram_has_them(made_cube):
    found = diagram(cube_of(made_cube))
    assert found.noises.tolist() == [0.2, 0.0] and found.slopes.tolist() == list(SLOPES)
    assert found.grid("peak").tolist() == [[5, 5], [4, 4], [3, 3], [2, 2]]
    np.testing.assert_allclose(found.grid("ascent"), [[2.2, 2.0]] * 4, rtol=1e-4)
    np.testing.assert_allclose(found.above_null, 10, rtol=1e-4)


def test_the_crossing_is_that_of_leaky_relu_and_a_linear_network_has_none(made_cube):
    found = diagram(cube_of(made_cube))
    # Specification §3.1, at c0 = 0.3 and L = 10.
    assert found.crossing[:3] == pytest.approx([4.63, 4.15, 1.64], abs=0.05)
    assert math.isnan(found.crossing[3])


def test_a_view_that_was_not_measured_is_refused(made_cube):
    with pytest.raises(LayerAtlasError, match="kept"):
        diagram(cube_of(made_cube), view="kept")


@pytest.mark.parametrize("preset", ["smoke", "laptop", "paper"])
def test_the_networks_are_those_of_the_spring_block_paper(preset):
    own, theirs = (
        [run.id for run in expand(load_experiment(name, preset, EXPERIMENTS))]
        for name in (EXPERIMENT, "phase_diagram_dropout")
    )
    assert own == theirs
