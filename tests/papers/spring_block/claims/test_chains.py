"""Claims on the two notebooks hold on their physics and fail on others."""

from __future__ import annotations

from layeratlas.claims.claim import FAILS, NOT_APPLICABLE


def test_uneven_friction_bends_the_first_notebook(verdicts, check, simulated):
    bent = simulated.cube("first_order_chain", friction_left=0.2)
    found = verdicts(check("first_order_chain", first_order_chain=bent))
    assert found["linear"] == found["profile"] == FAILS
    few = simulated.cube("first_order_chain", seeds=5)
    assert set(verdicts(check("first_order_chain", first_order_chain=few)).values()) == {
        NOT_APPLICABLE
    }


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
