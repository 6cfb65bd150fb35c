"""Networks under several scalings: profiles, rates, growth."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, correlations, held

from layeratlas.papers.signal_propagation.scaled import scaled

L = 10


def cube_of(made_cube, ntk_height=0.1, **more):
    profiles = {"kaiming": 0.2 * bump(L, 4, 2, 4), "ntk": ntk_height * bump(L, 5, 2, 4)}
    variables = {
        "alignment": {(name,): held(p) for name, p in profiles.items()},
        "alignment_null": {(name,): held(np.full(L, 0.01)) for name in profiles},
    }
    for name, value in correlations(0.3, L).items():
        variables[name] = {(scaling,): value for scaling in profiles}
    cube = made_cube(variables, {"scaling": list(profiles)}, **more)
    root = cube["/"].to_dataset().assign_coords(learning_rate=("scaling", [0.01, 3.0]))
    cube["/"].dataset = root
    return cube


def test_each_scaling_has_its_profiles_and_its_master_step(made_cube):
    plain, lazy = scaled(cube_of(made_cube))
    assert (plain.name, plain.rate, lazy.name, lazy.rate) == ("kaiming", 0.01, "ntk", 3.0)
    assert plain.layers == L and plain.marked and plain.shape.peak == 4 and lazy.shape.peak == 5
    assert plain.growth == pytest.approx(10, rel=1e-4) and lazy.growth == pytest.approx(5, rel=1e-4)
    # g falls from 0.7 and b rises to 1, both straight: they cross at 0.7/1.7 of the way.
    assert plain.crossing == pytest.approx(1 + (L - 1) * 0.7 / 1.7, rel=1e-5)


def test_a_scaling_that_missed_the_mark_says_so(made_cube):
    reached = np.ones((2, 3, 3))
    reached[1, 0, 1] = 0
    plain, lazy = scaled(cube_of(made_cube, reached=reached))
    assert plain.marked and not lazy.marked and lazy.came.tolist() == [False, True, True]
