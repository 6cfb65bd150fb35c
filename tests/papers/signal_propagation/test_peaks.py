"""Networks of the table, each at the mark or at its end."""

from __future__ import annotations

import numpy as np

from layeratlas.papers.signal_propagation import peaks


def test_a_network_without_a_run_at_the_mark_is_read_at_its_end(made_cubes):
    labels = ("init", "mark_0.1", "final")
    reached = np.ones((4, 3, 3))
    reached[3, :, 1] = 0
    reached[2, :, 1:] = 0
    cubes = made_cubes(alignment_mnist={"labels": labels, "reached": reached})
    assert peaks.given(cubes) == list(cubes)
    marked, mixed, *_ = peaks.groups(cubes)
    assert [one.at_mark for one in marked] == [True] * 4
    assert [one.at_mark for one in mixed] == [True, True, False, False]
    # Of depth 20 no run came anywhere; of depth 30 all came to the end.
    assert [one.network.shape.seeds for one in mixed] == [3, 3, 0, 3]
