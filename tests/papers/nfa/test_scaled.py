"""Correlations under scalings, at the mark."""

from __future__ import annotations

import numpy as np
from made.beyond import scaled_cube

from layeratlas.papers.nfa.scaled import scaled


def test_hidden_layers_of_every_scaling():
    lazy, rich = scaled(scaled_cube())
    assert (lazy.title, rich.title) == ("NTK", "MF+µP")
    assert rich.c.dims == ("seed", "layer") and rich.c["layer"].values.tolist() == [1, 2, 3]
    np.testing.assert_allclose(rich.c.mean("layer"), [0.901, 0.902, 0.903], rtol=1e-5)
    np.testing.assert_allclose(lazy.start, 0.5)
    np.testing.assert_allclose(lazy.moved, 0.05, rtol=1e-6)
    assert lazy.marked and rich.marked


def test_runs_that_missed_the_mark_are_none():
    missed = scaled_cube(
        reached=lambda record, scaling, seed, **at: (
            record != "mark_0.1" or scaling != "ntk" or int(seed) > 1
        )
    )
    lazy, rich = scaled(missed)
    assert not lazy.marked and rich.marked
    assert np.isnan(lazy.c.values[0]).all() and np.isfinite(lazy.c.values[1:]).all()
    # Before training it is there.
    assert np.isfinite(lazy.start).all()
