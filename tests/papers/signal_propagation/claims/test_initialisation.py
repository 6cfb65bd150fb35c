"""Claims on signals before training, on cubes made up."""

from __future__ import annotations

import numpy as np
import pytest
from made.initial_cubes import initial_cube

from layeratlas.papers.signal_propagation.claims.initialisation import signal_propagation


def verdicts(cube):
    return {(c.id, c.subject): c for c in signal_propagation({"signal_propagation": cube}, {})}


def test_networks_near_the_recursion_hold_everything():
    found = verdicts(initial_cube()[0])
    assert {c.verdict for c in found.values()} <= {"holds", "not applicable"}
    exponents = [c.value for key, c in found.items() if key[0].startswith("exponent")]
    assert exponents == pytest.approx([-0.5] * 4, abs=0.05)
    assert found["crossing", "width 128"].verdict == "not applicable"
    assert found["crossing", "width 2048"].value < 0.1


@pytest.mark.parametrize(("power", "end"), [(-0.1, "high"), (-0.9, "low")])
def test_errors_that_fall_otherwise_fail(power, end):
    found = verdicts(initial_cube(power=power)[0])
    for name in ("forward", "backward"):
        (claim,) = (c for key, c in found.items() if key[0] == f"exponent-{name}-{end}")
        assert claim.verdict == "fails"
        assert claim.value == pytest.approx(power, abs=0.05)


def test_errors_that_are_large_fail_at_the_widest():
    found = verdicts(initial_cube(power=-0.05)[0])
    assert found["error-forward", "width 2048"].verdict == "fails"
    assert found["error-backward", "width 2048"].verdict == "fails"


def test_pairs_that_are_exchanged_fail_the_control():
    """Networks whose pairs do not follow their own cosines: no recursion is near."""
    cube, *_ = initial_cube()
    order = np.random.default_rng(8).permutation(60)
    affine = cube["affine"].to_dataset()
    values = affine["forward_cosines"].values.copy()
    values[..., 1:, :] = values[..., 1:, order]
    cube["affine"]["forward_cosines"] = affine["forward_cosines"].copy(data=values)
    assert verdicts(cube)["control-forward", "width 2048"].verdict == "fails"


def test_networks_that_fall_or_cross_twice_fail():
    cube, *_ = initial_cube()
    affine = cube["affine"].to_dataset()
    values = affine["backward_correlation"].values.copy()
    values[0, :, :, :, 0] = 0.99
    cube["affine"]["backward_correlation"] = affine["backward_correlation"].copy(data=values)
    found = verdicts(cube)
    assert found["monotone-backward", "width 128"].verdict == "fails"
    assert found["monotone-backward", "width 512"].verdict == "holds"
    once = found["one-crossing", "every network"]
    assert (once.verdict, once.value) == ("fails", 3)


def test_two_widths_decide_no_exponent():
    found = verdicts(initial_cube(widths=(128, 512))[0])
    some = [c for key, c in found.items() if key[0].startswith(("exponent", "error"))]
    assert {c.verdict for c in some} == {"not applicable"}
