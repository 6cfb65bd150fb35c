"""Which seeds points get."""

from __future__ import annotations

from collections import Counter

import numpy as np

from layeratlas.refining.plane import square
from layeratlas.refining.seeds import Dealer


def test_neighbours_get_other_seeds_and_all_are_used_alike():
    dealer = Dealer(range(1, 9))
    places = square(4)
    dealt = [dealer.deal(place, 2) for place in places]
    used = Counter(seed for own in dealt for seed in own)
    assert max(used.values()) - min(used.values()) <= 3 and set(used) == set(range(1, 9))
    nearest = [set(dealt[i]) & set(dealt[i + 1]) for i in range(24) if i % 5 < 4]
    assert sum(map(len, nearest)) <= 2


def test_a_point_never_gets_a_seed_twice():
    dealer = Dealer([4, 7, 9])
    first = dealer.deal(np.zeros(2), 2)
    assert set(first) | set(dealer.deal(np.zeros(2), 1, first)) == {4, 7, 9}


def test_who_goes_on_deals_what_would_have_been_dealt():
    whole, begun = Dealer(range(5)), Dealer(range(5))
    places = square(2)
    dealt = [whole.deal(place, 2) for place in places]
    for place, seeds in list(zip(places, dealt, strict=True))[:4]:
        begun.note(place, seeds)
    assert [begun.deal(place, 2) for place in places[4:]] == dealt[4:]
