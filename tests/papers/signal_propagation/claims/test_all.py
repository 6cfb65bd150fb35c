"""What holds for the claims of every figure over layers and depths."""

from __future__ import annotations

import pytest
from made.depth_figures import OVER_DEPTHS, without_mark
from made.turned import backwards

from layeratlas import papers
from layeratlas.claims import files
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation import FIGURES
from layeratlas.workflow.fingerprints import closure

ROOM = "layeratlas.papers.signal_propagation.claims."


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_they_hold_where_the_paper_is_right(made_cubes, name):
    found = papers.check(name, made_cubes())
    assert found
    for claim in found:
        assert claim.verdict == HOLDS, (claim.id, claim.subject, claim.value, claim.note)
    again = files.from_json(files.to_json(found)).claims
    assert [claim.verdict for claim in again] == [claim.verdict for claim in found]


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_the_order_of_stored_axes_changes_no_claim(made_cubes, name):
    cubes = made_cubes()
    turned = {experiment: backwards(cube) for experiment, cube in cubes.items()}
    assert files.to_json(papers.check(name, turned)) == files.to_json(papers.check(name, cubes))


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_where_no_run_came_to_the_mark_nothing_is_decided_of_it(made_cubes, name):
    cubes = made_cubes(**without_mark())
    before = {"initial_without", "initial_elsewhere", "start"}
    for claim in papers.check(name, cubes):
        if claim.id not in before and name != "definitions":
            assert claim.verdict == NOT_APPLICABLE, claim.id
        assert claim.verdict != FAILS, claim.id


@pytest.mark.parametrize("entry", FIGURES, ids=[entry.name for entry in FIGURES])
def test_claims_import_their_own_module_and_no_figure(entry):
    """Or an edit of a drawing would check the claims again."""
    own = entry.claims.partition(":")[0]
    used = {name for name in closure(own) if name.startswith(ROOM)}
    assert used == {own}
    assert not any(".figures" in name for name in closure(own))
