"""UC-NFC before training, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from made.beyond import start_cube, start_cubes
from made.counted import lost_at

from layeratlas.papers.nfa.starts import over_gains, starts


def test_every_family_and_width():
    found = {one.subject: one for one in starts(start_cubes())}
    assert list(found) == [
        "MLP, digits, width 64",
        "MLP, digits, width 128",
        "MLP, chain monomials, width 64",
        "MLP, chain monomials, width 128",
    ]
    for one in found.values():
        # Made so: sizes, samples and cosines were read as they are.
        np.testing.assert_allclose(one.off(one.finite_width), 0, atol=1e-5)
        assert one.measured.dims == ("seed", "layer")
        assert one.off(one.alike)[0] > 0.06
    assert found["MLP, digits, width 64"].off(found["MLP, digits, width 64"].mean_field)[0] > 0.06


def test_a_network_without_a_recursion_has_ranks_alone():
    cube = start_cube(widths=(64,))
    bare = cube.isel(width=0, drop=True)
    bare.attrs = {**cube.attrs, "axes": ""}
    (one,) = starts({"nfa_initialisation_cnn": bare})
    assert one.subject == "CNN, Fashion-MNIST"
    assert one.mean_field is None and np.isnan(one.off(one.mean_field)).all()


def test_gains():
    cube = start_cube(outputs=1, gains=(0.25, 1, 4))
    assert float(over_gains(cube).max()) == 0
    node = cube["affine"].to_dataset(inherit=False)
    node["uc_nfc"][{"init_gain": 2, "affine": 1, "seed": 0}] += 0.1
    cube["affine"].dataset = node
    assert float(over_gains(cube).max()) == pytest.approx(0.1, rel=1e-5)
    # What is shown is the gain nearest to 1.
    (one, _) = starts({"nfa_initialisation_chain": cube})
    np.testing.assert_allclose(one.off(one.finite_width), 0, atol=1e-5)


def test_runs_that_were_lost_take_no_other_network_with_them():
    cube = start_cube("digits")
    (narrow, wide) = starts({"nfa_initialisation": lost_at(cube, width=0)})
    assert np.isnan(narrow.off(narrow.finite_width)).all()
    np.testing.assert_allclose(wide.off(wide.finite_width), 0, atol=1e-5)
    for one in starts({"nfa_initialisation": lost_at(cube)}):
        assert np.isnan(one.off(one.mean_field)).all()
