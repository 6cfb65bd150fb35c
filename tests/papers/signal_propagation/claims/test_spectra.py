"""Claims on the spectrum along training, for and against them."""

from __future__ import annotations

import pytest
from made.convolutional import redrawn_cube

from layeratlas.claims.claim import FAILS, HOLDS
from layeratlas.papers.signal_propagation.claims.spectra import baratin_spectrum


def judged(cube):
    return {c.id: c for c in baratin_spectrum({"baratin_vgg": cube}, {}) if "clean" in c.subject}


def test_a_kernel_that_concentrates_holds():
    found = judged(redrawn_cube(concentration=0.3))
    assert {claim.verdict for claim in found.values()} == {HOLDS}
    assert found["rank_falls"].value == pytest.approx(0.3, rel=0.1)


def test_a_kernel_that_spreads_fails():
    found = judged(redrawn_cube(concentration=1.5))
    assert found["rank_falls"].verdict == found["leading_share_rises"].verdict == FAILS


def test_a_spectrum_of_another_kernel_fails():
    cube = redrawn_cube(concentration=0.3)
    node = cube["network"].to_dataset()
    cube["network"] = node.assign(network_kernel_norm=1.1 * node["network_kernel_norm"])
    assert judged(cube)["norm"].verdict == FAILS
