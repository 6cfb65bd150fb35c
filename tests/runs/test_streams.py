"""Keys of random streams tell seed, purpose and epoch apart, and stay what they were."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.runs.streams import generator, key, keys

PURPOSES = ("shuffle", "label_noise", "input_noise", "dropout")


def test_keys_tell_seed_purpose_and_epoch_apart():
    points = list(itertools.product(range(50), PURPOSES, range(50)))
    distinct = {tuple(key(*point)) for point in points}
    assert len(distinct) == len(points)
    # Concatenation must not blur the three: seed 1, epoch 11 is not seed 11, epoch 1.
    assert tuple(key(1, "shuffle", 11)) != tuple(key(11, "shuffle", 1))


def test_keys_of_members_are_their_own_keys():
    stacked = keys([3, 1, 3], "dropout", 9)
    assert stacked.dtype == np.uint32 and stacked.shape == (3, 2)
    for row, seed in zip(stacked, (3, 1, 3), strict=True):
        np.testing.assert_array_equal(row, key(seed, "dropout", 9))


def test_generators_repeat_themselves_and_differ():
    first, again = (generator(4, "initialization/weight_1").normal(size=50) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    for other in (generator(5, "initialization/weight_1"), generator(4, "initialization/bias_1")):
        assert (first != other.normal(size=50)).all()


@given(seed=st.integers(0, 2**63 - 1), epoch=st.integers(0, 10**6))
def test_a_generator_is_philox_under_the_key(seed, epoch):
    words = [int(word) for word in key(seed, "probe/input", epoch)]
    philox = np.random.Generator(np.random.Philox(key=words[0] | words[1] << 32))
    drawn = generator(seed, "probe/input", epoch).standard_normal(5)
    np.testing.assert_array_equal(drawn, philox.standard_normal(5))


def test_keys_stay_what_they_were():
    """Run ids name settings; the numbers they stand for come from these keys."""
    assert key(1, "shuffle", 1).tolist() == [4149129713, 2805686161]
