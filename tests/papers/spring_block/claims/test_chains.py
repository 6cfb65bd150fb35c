"""Claims on the two notebooks hold on their physics and fail on others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def test_uneven_friction_bends_the_first_notebook(verdicts, check, simulated):
    bent = simulated.cube("first_order_chain", friction_left=0.2)
    found = verdicts(check("first_order_chain", first_order_chain=bent))
    assert found["linear"] == found["profile"] == FAILS
    few = simulated.cube("first_order_chain", seeds=5)
    assert set(verdicts(check("first_order_chain", first_order_chain=few)).values()) == {
        NOT_APPLICABLE
    }


def test_the_first_notebooks_numbers_are_those_of_its_mean_chain(by_id, check, simulated):
    cube = simulated.cube("first_order_chain", seeds=100)
    D = cube["layers"]["spring_separation"].isel(noise_strength=-1).mean("seed")
    found = by_id(check("first_order_chain", first_order_chain=cube), "mean over chains")
    end = D.isel(step=-1).values.tolist()
    # Eight springs from the wall to the target; block l stands at l/8.
    apart = [abs(end[block] - (1 - block / len(end))) for block in range(1, len(end))]
    assert found["profile"].value == pytest.approx(max(apart), abs=1e-6)
    early = D.sel(step=500).values.tolist()[1:]
    assert found["order"].value == pytest.approx(min(a - b for a, b in pairwise(early)), abs=1e-6)
    assert {claim.verdict for claim in found.values()} == {HOLDS}


def test_the_second_notebooks_envelope_is_by_quarters(by_id, check, simulated):
    cube = simulated.cube("second_order_chain_common")
    v = cube["layers"]["spring_velocity"].isel(noise_strength=-1).transpose("step", ...).values
    quarters = np.array_split(v[1:, ..., 1:].astype(float), 4)
    size = [(quarter**2).mean() ** 0.5 for quarter in quarters]
    claim = by_id(check("second_order_chain"), "common noise")["velocity"]
    assert claim.value == pytest.approx(max(b / a for a, b in pairwise(size)), rel=1e-6)
    assert claim.verdict == HOLDS


def test_second_notebook_needs_common_noise_that_fades(verdicts, check, simulated):
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
