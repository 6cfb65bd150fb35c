"""Claims on how far seeds differ, by width."""

from __future__ import annotations

import pytest
from made.aligned import width_cube

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.signal_propagation.claims.width_effect import width_effect


def judged(**changes):
    found = width_effect({"alignment_width": width_cube(**changes)}, {})
    return {claim.id: claim for claim in found}


def test_wide_networks_differ_less():
    found = judged()
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    # The crossings are straight-line intersections, whose spread is that of the forward lines.
    assert found["equilibrium_spread"].value == pytest.approx(0.25, rel=0.05)
    assert "not judged: 0.153 at 64" in found["peak_spread"].note


def test_wide_networks_that_differ_more_fail():
    found = judged(spread=lambda width: width / 64)
    assert {claim.verdict for claim in found.values()} == {FAILS}
    assert found["peak_spread"].value > 1


def test_the_widest_that_differs_decides():
    found = judged(spread=lambda width: {64: 1, 256: 0.1, 512: 2}[width], widths=(64, 256, 512))
    assert {claim.verdict for claim in found.values()} == {FAILS}


@pytest.mark.parametrize("changes", [{"widths": (32, 64)}, {"widths": (128, 256)}, {"seeds": 1}])
def test_too_few_widths_or_seeds_decide_nothing(changes):
    assert {claim.verdict for claim in judged(**changes).values()} == {NOT_APPLICABLE}
