"""Claims on the layers of three networks, for and against them."""

from __future__ import annotations

from made.convolutional import vgg_cube

from layeratlas.claims.claim import FAILS, HOLDS
from layeratlas.papers.signal_propagation.claims.baratin_hierarchy import baratin_hierarchy


def judged(**changes):
    names = ("alignment_vgg", "alignment_resnet", "alignment_mnist")
    # Each by itself: these cubes do not say which network they are of.
    cubes = [{name: vgg_cube(**changes)} for name in names]
    return [claim for one in cubes for claim in baratin_hierarchy(one, {})]


def test_peaks_inside_hold_and_permuted_labels_stand_below():
    found = judged()
    assert len(found) == 6 and {claim.verdict for claim in found} == {HOLDS}
    assert abs(found[1].value - 0.01 / 0.3) < 1e-3


def test_a_peak_at_an_end_fails():
    verdicts = {claim.id: claim.verdict for claim in judged(peak=9)}
    assert verdicts == {"interior": FAILS, "permuted_below": HOLDS}


def test_labels_that_do_not_matter_fail():
    verdicts = {claim.id: claim.verdict for claim in judged(null=0.5)}
    assert verdicts == {"interior": HOLDS, "permuted_below": FAILS}
