"""Networks of other kinds: where they are judged, and their shortcuts."""

from __future__ import annotations

from made.convolutional import vgg_cube

from layeratlas.papers.signal_propagation.architectures import (
    representatives,
    shortcuts,
    trained,
)
from layeratlas.papers.signal_propagation.networks import networks


def cubes(**changes):
    return {"alignment_vgg": vgg_cube(**changes)}


def test_networks_are_judged_at_the_mark_or_else_at_the_end():
    there = trained(cubes(reached=lambda record, depth, **at: record != "mark_0.1" or depth == 11))
    assert [one.record for one in there] == ["mark_0.1", "final"]
    assert there[1].subject.endswith(", end of training")
    assert [one.network.point["depth"] for one in there] == [11, 19]
    assert all(float(one.start.profiles.max()) < 0.03 for one in there)
    assert all(one.network.shape.peak == 4 for one in there)


def test_shortcuts_stand_at_their_layer_and_scales_are_none():
    cube = vgg_cube()
    (first, _) = networks(cube, "alignment_vgg")
    (aside,) = shortcuts(cube, first, "train", "mark_0.1")
    assert (aside.name, aside.layer) == ("shortcut", 1) and abs(aside.value - 0.9) < 1e-6


def test_one_network_of_a_kind_stands_for_it():
    (one,) = representatives(cubes())
    assert one.network.point["depth"] == 19
