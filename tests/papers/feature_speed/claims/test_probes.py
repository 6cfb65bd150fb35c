"""Claims of the feature speed paper hold on probed networks and fail on numbers against them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.claims import files
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers import FIGURES

NAMES = [n for n, entry in FIGURES.items() if "claims.feature_speed:" in (entry.claims or "")]
#: What the smoke grids are too small for.
TOO_SMALL = {"flat", "collapse", "limit", "decay"}


@pytest.fixture
def check(probed):
    def checked(figure: str, **replaced: xr.DataTree):
        return papers.check(figure, probed.cubes(figure) | replaced)

    return checked


def changed(cube: xr.DataTree, node: str, name: str, change) -> xr.DataTree:
    """A copy of a cube with one variable changed."""
    nodes = {n.path: n.to_dataset(inherit=False).copy(deep=True) for n in cube.subtree}
    nodes[node][name] = change(nodes[node][name])
    return xr.DataTree.from_dict(nodes)


def backwards(axis: str):
    """The values of an axis in the opposite order, its coordinate as it was."""
    return lambda v: v.copy(data=v.isel({axis: slice(None, None, -1)}).values)


@pytest.mark.parametrize("figure", NAMES)
def test_all_hold_on_the_smoke_preset(check, figure):
    found = check(figure)
    assert found
    for claim in found:
        allowed = {HOLDS, NOT_APPLICABLE} if claim.id in TOO_SMALL else {HOLDS}
        assert claim.verdict in allowed, (claim.id, claim.subject, claim.value, claim.note)
    again = files.from_json(files.to_json(found))
    assert [claim.verdict for claim in again] == [claim.verdict for claim in found]


@pytest.mark.parametrize(
    ("figure", "experiment"),
    [
        ("bfa_layer", "bfa_layer"),
        ("bfa_branch_scale", "bfa_branch_scale"),
        ("sensitivity_mlp", "sensitivity_mlp"),
        ("hp_resnet", "hp_resnet"),
    ],
)
def test_a_wrong_velocity_breaks_the_formula(check, probed, figure, experiment):
    wrong = changed(
        probed.cube(experiment), "/velocities", "feature_speed_residual", lambda v: v + 1e-8
    )
    verdicts = {claim.id: claim.verdict for claim in check(figure, **{experiment: wrong})}
    assert verdicts["formula"] == FAILS


def test_angles_in_another_order_fail(check, probed):
    cube = changed(
        probed.cube("bfa_layer"), "/velocities", "backward_feature_angle", backwards("branch_rule")
    )
    verdicts = {c.id: c.verdict for c in check("bfa_layer", bfa_layer=cube)}
    assert verdicts["ordered"] == FAILS
    assert verdicts["aligned"] == HOLDS


def test_cosines_of_other_networks_miss_the_closed_forms(check, probed):
    cube = changed(
        probed.cube("bfa_layer"), "/velocities", "cos_backward_feature_angle", lambda v: 0.9 * v**2
    )
    closed = [c for c in check("bfa_layer", bfa_layer=cube) if c.id == "closed-form"]
    assert len(closed) == 5
    assert sum(c.verdict == FAILS for c in closed) >= 4


def test_scalings_exchanged_are_found_out(check, probed):
    """NTK under the name of FSC."""
    cube = changed(
        probed.cube("sensitivity_mlp"), "/velocities", "sensitivity", backwards("scaling")
    )
    found = check("sensitivity_mlp", sensitivity_mlp=cube)
    verdicts = {(c.id, c.subject): c.verdict for c in found}
    assert verdicts["level-low", "FSC"] == FAILS
    assert verdicts["level", "NTK"] == FAILS
    assert verdicts["same", "NTK, MF+µP, FSC"] == FAILS


def test_sensitivities_that_grow_with_depth_fail_the_table(check, probed):
    cube = probed.cube("hp_resnet")
    root = xr.DataArray(np.sqrt(cube["/"]["depth"].values), dims="depth")
    cube = changed(cube, "/velocities", "sensitivity", lambda S: S * root)
    verdicts = {c.id: c.verdict for c in check("hp_resnet", hp_resnet=cube)}
    assert verdicts["exponent-S-L"] == FAILS
    assert verdicts["exponent-S-m"] == HOLDS


def test_lost_runs_do_not_count_in_favour(check, probed):
    cube = probed.cube("sensitivity_resnet")
    nodes = {n.path: n.to_dataset(inherit=False).copy(deep=True) for n in cube.subtree}
    nodes["/"]["status"][:] = 1
    found = check("sensitivity_resnet", sensitivity_resnet=xr.DataTree.from_dict(nodes))
    assert {claim.verdict for claim in found} == {FAILS}


def test_the_unstable_networks_of_other_widths_are_told(check, probed):
    """At depths beyond the width the MLP's angle leaves the closed form of large width."""
    cube = probed.cube("bfa_layer", model=frozenset({"width": 6, "depth": 60}.items()), seeds=20)
    closed = {
        c.subject: c.verdict for c in check("bfa_layer", bfa_layer=cube) if c.id == "closed-form"
    }
    assert closed["β = 1/sqrt(L)"] == FAILS
