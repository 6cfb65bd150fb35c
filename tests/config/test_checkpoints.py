"""Moments that runs keep, of whatever length they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.checkpoints import checkpoints
from layeratlas.errors import ConfigError

LENGTHS = st.lists(st.integers(0, 60), min_size=1, max_size=4)


def asked_of(asked, lengths):
    return checkpoints(asked, "epoch", "training.epochs", lengths, "x.yaml")


@given(lengths=LENGTHS, every=st.integers(1, 70))
def test_every_so_many_and_the_last(lengths, every):
    kept = asked_of({"every": every}, lengths)
    for last in lengths:
        twin = [epoch for epoch in range(last + 1) if epoch % every == 0 or epoch == last]
        assert list(kept.of(last)) == twin


@given(lengths=LENGTHS, data=st.data())
def test_listed_moments_as_far_as_a_run_gets(lengths, data):
    listed = data.draw(st.lists(st.integers(0, max(lengths)), max_size=5, unique=True))
    kept = asked_of([*listed, "final"], lengths)
    for last in lengths:
        assert list(kept.of(last)) == sorted({e for e in listed if e <= last} | {last})


def test_without_final_the_end_is_kept_only_where_it_is_listed():
    assert asked_of([0, 3], [5]).of(5) == (0, 3)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([0, 6], "checkpoints[1]: expected an epoch from 0 to training.epochs (5) or 'final', got"),
        ([-1], "checkpoints[0]: expected an integer ≥ 0 or 'final', got -1"),
        ([True], "checkpoints[0]: expected an integer ≥ 0 or 'final', got True"),
        ([2, "final", 2], "checkpoints[2]: 2 appears twice; keep one"),
        ([], "checkpoints: expected a list of moments or 'final', or {every: n}, got []"),
        ("final", "checkpoints: expected a list of moments or 'final'"),
        ({"every": 0}, "checkpoints.every: expected an integer of at least 1, got 0"),
        ({"each": 1}, "checkpoints: expected a list of moments"),
        ([4], "checkpoints: runs of training.epochs 2 reach none of 4; add 'final'"),
    ],
)
def test_what_no_run_can_keep_is_refused(asked, told):
    with pytest.raises(ConfigError) as caught:
        asked_of(asked, [2, 5])
    assert str(caught.value).startswith(f"x.yaml: {told}")
