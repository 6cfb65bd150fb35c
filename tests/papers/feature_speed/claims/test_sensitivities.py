"""Claims on sensitivities fail on numbers against them."""

from __future__ import annotations

import xarray as xr
from made.turned import changed, mislabelled

from layeratlas.claims.claim import FAILS


def test_scalings_exchanged_are_found_out(check, probed):
    """NTK under the name of FSC."""
    cube = changed(
        probed.cube("sensitivity_mlp"), "/velocities", "sensitivity", mislabelled("scaling")
    )
    found = check("sensitivity_mlp", sensitivity_mlp=cube)
    verdicts = {(c.id, c.subject): c.verdict for c in found}
    assert verdicts["level-low", "FSC"] == FAILS
    assert verdicts["level", "NTK"] == FAILS
    assert verdicts["same", "NTK, MF+µP, FSC"] == FAILS


def test_lost_runs_do_not_count_in_favour(check, probed):
    cube = probed.cube("sensitivity_resnet")
    nodes = {n.path: n.to_dataset(inherit=False).copy(deep=True) for n in cube.subtree}
    nodes["/"]["status"][:] = 1
    found = check("sensitivity_resnet", sensitivity_resnet=xr.DataTree.from_dict(nodes))
    assert {claim.verdict for claim in found} == {FAILS}
