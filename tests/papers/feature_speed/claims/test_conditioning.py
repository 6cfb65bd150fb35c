"""Claims on kernels and Jacobians fail on numbers against them."""

from __future__ import annotations

from made.turned import changed

from layeratlas.claims.claim import FAILS, HOLDS


def test_a_spectrum_that_does_not_give_the_angle_fails(check, probed):
    cube = probed.cube("bfa_conditioning")
    wrong = changed(cube, "/layers", "kernel_moment_2", lambda v: 9 * v)
    found = check("bfa_conditioning", bfa_conditioning=wrong)
    assert {c.verdict for c in found if c.id == "kernel"} == {FAILS}
    assert {c.verdict for c in found if c.id != "kernel"} == {HOLDS}


def test_jacobians_that_are_not_singular_fail(check, probed):
    cube = probed.cube("bfa_conditioning")
    wrong = changed(cube, "/layers", "jacobian_smallest_singular_value", lambda v: v + 1e-6)
    verdicts = {c.id: c.verdict for c in check("bfa_conditioning", bfa_conditioning=wrong)}
    assert verdicts["degenerate"] == FAILS
