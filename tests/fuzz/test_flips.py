"""A flipped bit, in every kind of file that is kept, is believed by nobody whom `verify` leaves so.

What reads the file is asked before and after. The same answer is no harm; a refusal, a warning, or
making the result anew is none either. Another answer without a word must at least be found by
`verify`.
"""

from __future__ import annotations

import pytest
from made.fuzzing.flips import FAULT, MISSED, Flipper, table
from made.fuzzing.kinds import KEPT

FEW, MANY = 5, 140
"""Flips of a kind."""


@pytest.fixture(scope="module")
def flipper(cases) -> Flipper:
    return Flipper(cases)


def test_there_are_as_many_flips_as_are_promised():
    assert FEW * len(KEPT) >= 100
    assert MANY * len(KEPT) >= 3000


@pytest.mark.parametrize("name", KEPT)
def test_no_flipped_bit_is_believed_and_missed(name, flipper):
    check(flipper.flip(name, FEW), FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", KEPT)
def test_of_many_flipped_bits_none_is_believed_and_missed(name, flipper):
    flips = flipper.flip(name, MANY, seed=1)
    print(table(flips))
    check(flips, MANY)


def check(flips, number):
    assert len(flips) == number
    wrong = [flip for flip in flips if flip.outcome in (MISSED, FAULT)]
    assert not wrong, "\n".join([f"{len(wrong)} of {number}", *map(str, wrong[:20])])
