"""What a metric is follows from its signals."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric
from layeratlas.metrics.registry import get_metric


def test_a_layers_signal_does_not_go_with_a_number_of_maps():
    told = Metric("mine", "mine:mine", ("features",), gives="affine").misfit
    assert told is not None and "'features'" in told


def test_what_needs_the_record_before_says_so():
    assert Metric("mine", "mine:mine", ("pass_before",), gives="affine").at_previous
    assert not Metric("mine", "mine:mine", ("pass",), gives="affine").at_previous


def test_what_it_is_of_follows_from_its_signals():
    alignment, movement = get_metric("alignment"), get_metric("parameter_movement")
    assert (alignment.images, alignment.maps, alignment.tells_apart) == (2, 2, True)
    assert (movement.images, movement.maps, movement.tells_apart) == (1, 1, False)
    assert get_metric("residual_label_cosine").images == 2
    assert [alignment.takes(kind) for kind in ("classes", "vectors", "tokens")] == [
        True,
        True,
        False,
    ]
    assert movement.takes("tokens") and not get_metric("data_separation").takes("vectors")
