"""Claims on trajectories hold where noise makes active, and fail where it does not."""

from __future__ import annotations

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
