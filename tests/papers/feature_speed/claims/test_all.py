"""What holds for the claims of every figure of the paper."""

from __future__ import annotations

import pytest
from made.often import often
from made.turned import backwards

from layeratlas import papers
from layeratlas.claims import files
from layeratlas.claims.claim import HOLDS, NOT_APPLICABLE
from layeratlas.papers.feature_speed import FIGURES
from layeratlas.papers.feature_speed.trainings import TRANSFER
from layeratlas.workflow.fingerprints import closure

NAMES = [entry.name for entry in FIGURES]
PROBED = [name for name in NAMES if name not in ("feature_speed_training", TRANSFER)]
#: What the smoke grids are too small for.
TOO_SMALL = {"flat", "collapse", "limit", "decay"}


@pytest.mark.parametrize("figure", often(PROBED, "bfa_layer", "hp_resnet"))
def test_all_hold_on_the_smoke_preset(check, figure):
    found = check(figure)
    assert found
    for claim in found:
        allowed = {HOLDS, NOT_APPLICABLE} if claim.id in TOO_SMALL else {HOLDS}
        assert claim.verdict in allowed, (claim.id, claim.subject, claim.value, claim.note)
    again = files.from_json(files.to_json(found)).claims
    assert [claim.verdict for claim in again] == [claim.verdict for claim in found]


@pytest.mark.parametrize("figure", NAMES)
def test_the_order_of_stored_axes_changes_no_claim(probed, speeds, transfer, figure):
    if figure == TRANSFER:
        cubes = transfer({"ntk": -0.5, "fsc": 0.1})
    elif figure == "feature_speed_training":
        cubes = speeds()
    else:
        cubes = probed.cubes(figure)
    turned = {experiment: backwards(cube) for experiment, cube in cubes.items()}
    assert files.to_json(papers.check(figure, turned)) == files.to_json(papers.check(figure, cubes))


@pytest.mark.parametrize("entry", FIGURES, ids=NAMES)
def test_claims_import_their_own_module_and_no_figure(entry):
    """Or an edit of a drawing would check the claims again."""
    room = "layeratlas.papers.feature_speed.claims."
    own = entry.claims.partition(":")[0]
    used = {name for name in closure(own) if name.startswith(room)}
    assert used - {f"{room}{shared}" for shared in ("formula", "intervals", "precision")} == {own}
    assert not any(".figures" in name for name in closure(own))
