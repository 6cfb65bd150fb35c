"""Claims on trajectories hold where noise makes active, and fail where it does not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def swapped(cube: xr.DataTree, axis: str) -> xr.DataTree:
    """The two values of an axis exchanged."""
    values = cube[axis].values[::-1]
    return xr.DataTree.from_dict(
        {
            node.path: node.to_dataset(inherit=False).assign_coords({axis: values})
            for node in cube.subtree
        }
    )


def test_noise_that_does_nothing_or_the_opposite_fails_the_trajectories(verdicts, check, simulated):
    found = check(
        "trajectories",
        network_trajectories=swapped(simulated.network_trajectories(), "dropout"),
        spring_trajectories=swapped(simulated.cube("spring_trajectories"), "noise_strength"),
    )
    for subject in ("a1", "b1", "a2", "b2"):
        assert verdicts(found, subject)["final"] == FAILS
    assert verdicts(found, "b1")["crossing"] == verdicts(found, "b2")["crossing"] == FAILS
    assert verdicts(found, "a2")["early"] == HOLDS


def convexity(D: np.ndarray) -> float:
    """CI of one load curve, in the words of the paper."""
    chord = np.linspace(D[0], D[-1], len(D))
    return float(np.mean(chord - D) / (D.max() - D.min()))


def test_what_crosses_back_is_taken_off(by_id, check, simulated):
    """Regime b is active from some epoch on; for three epochs later it is mirrored to lazy."""
    cube = simulated.network_trajectories().copy(deep=True)
    # (slope, dropout, seed, epoch, mode, layer); batch statistics, the logits left out.
    D = cube["layers"]["data_separation"].values[0, 1, :, :, 1, :8]
    over_time = [convexity(D[:, t].mean(axis=0)) for t in range(1, D.shape[1])]
    assert sum(a < 0 < b for a, b in pairwise(over_time)) == 1
    chord = D[..., :1] + (D[..., -1:] - D[..., :1]) * np.arange(8) / 7
    D[:, 20:23] = (2 * chord - D)[:, 20:23]
    found = by_id(check("trajectories", network_trajectories=cube), "b1")
    assert (found["crossing"].value, found["crossing"].verdict) == (1, HOLDS)
    assert found["crossing"].note.endswith("back 1 times")
    # Mirrored at the end as well, the crossings are as many back as forth.
    D[:, -2:] = (2 * chord - D)[:, -2:]
    found = by_id(check("trajectories", network_trajectories=cube), "b1")
    assert (found["crossing"].value, found["crossing"].verdict) == (0, FAILS)


def test_the_early_claim_is_on_the_largest_of_its_epochs(by_id, check, simulated):
    cube = simulated.network_trajectories()
    D = cube["layers"]["data_separation"].values[0, 1, :, :, 1, :8].astype(float).mean(axis=0)
    claim = by_id(check("trajectories", network_trajectories=cube), "b1")["early"]
    assert convexity(D[1]) != pytest.approx(convexity(D[2]), rel=1e-3)
    assert claim.value == pytest.approx(max(convexity(D[1]), convexity(D[2])), rel=1e-4)
    assert claim.n == 2


def test_a_drifting_input_is_told(verdicts, check, simulated):
    cube = simulated.network_trajectories()
    layers = cube["layers"].to_dataset(inherit=False)
    # What running statistics show early in training.
    drifting = layers["data_separation"].sel(batch_norm_mode="running_statistics")
    layers["data_separation"] = drifting.broadcast_like(layers["data_separation"]).transpose(
        *layers["data_separation"].dims
    )
    cube["layers"].dataset = layers
    found = check("trajectories", network_trajectories=cube)
    assert {verdicts(found, f"{letter}1")["input"] for letter in "abcd"} == {FAILS}


def test_grids_without_a_regime_or_a_quiet_column_say_so(verdicts, check, simulated):
    cube = simulated.cube("spring_trajectories", grid={
        "friction_right": (0.10,), "noise_strength": (0.0, 0.3),
    })  # fmt: skip
    found = check("trajectories", spring_trajectories=cube)
    assert set(verdicts(found, "c2").values()) == {NOT_APPLICABLE}
    assert "friction_right 0.02" in next(c.note for c in found if c.subject.startswith("d2"))
    assert set(verdicts(found, "b2").values()) == {HOLDS}
