"""Variants of alignment of one network."""

from __future__ import annotations

from layeratlas.papers.signal_propagation.definitions import EXPERIMENT, VARIABLES, variants


def test_all_variants_are_of_one_network_near_depth_ten(made_hierarchy):
    found = variants({EXPERIMENT: made_hierarchy((6, 9, 20))})
    assert list(found) == list(VARIABLES)
    assert {network.layers for network in found.values()} == {9}
    traced, plain = found["alignment_traced"].profiles, found["alignment"].profiles
    assert abs(traced - (0.5 * plain + 0.1)).max() < 1e-6
    before = variants({EXPERIMENT: made_hierarchy((10,))}, "test", "init")
    assert before["alignment"].shape.height < 0.1
