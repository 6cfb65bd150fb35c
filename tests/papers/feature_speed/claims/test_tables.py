"""Claims on the tables fail on numbers against them."""

from __future__ import annotations

import numpy as np
import xarray as xr
from made.turned import changed

from layeratlas.claims.claim import FAILS, HOLDS


def test_sensitivities_that_grow_with_depth_fail_the_table(check, probed):
    cube = probed.cube("hp_resnet")
    root = xr.DataArray(np.sqrt(cube["/"]["depth"].values), dims="depth")
    cube = changed(cube, "/velocities", "sensitivity", lambda S: S * root)
    verdicts = {c.id: c.verdict for c in check("hp_resnet", hp_resnet=cube)}
    assert verdicts["exponent-S-L"] == FAILS
    assert verdicts["exponent-S-m"] == HOLDS


def test_a_constant_that_depends_on_the_number_of_inputs_fails(check, probed):
    cube = probed.cube("hp_mlp_sizes")
    d = xr.DataArray(cube["/"]["n_inputs"].values.astype(float), dims="n_inputs")
    cube = changed(cube, "/layers", "contribution", lambda C: C * d / d.mean())
    verdicts = {c.id: c.verdict for c in check("hp_mlp", hp_mlp_sizes=cube)}
    assert verdicts["independent-input"] == FAILS


def test_a_constant_that_is_too_small_fails_as_one_that_is_too_large(check, probed):
    for experiment, claim in (("hp_mlp_sizes", "independent"), ("hp_mlp", "constant")):
        for factor in (0.1, 10.0):
            wrong = changed(
                probed.cube(experiment), "/layers", "contribution", lambda C, by=factor: by * C
            )
            found = check("hp_mlp", **{experiment: wrong})
            for layer in ("input", "hidden", "output"):
                verdicts = {c.verdict for c in found if c.id == f"{claim}-{layer}"}
                assert verdicts == {FAILS}, (experiment, factor, layer)
