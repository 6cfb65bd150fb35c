"""When a search ends."""

from __future__ import annotations

import pytest
from made.planes import PLANE, Runs, samples

from layeratlas.config.refine import SeedRange
from layeratlas.refining.boundary import boundary
from layeratlas.refining.choosing import Known
from layeratlas.refining.stopping import BUDGET, FOUND, NONE, SEEDS, next_or_end
from layeratlas.refining.surface import Surface

NAN = float("nan")


def known(runs: Runs, steps: int = 5) -> Known:
    found = samples(runs, steps)
    surface = Surface(found)
    points = PLANE.values(found.places)
    return Known(surface, boundary(surface, 0.0), PLANE, points, found.count)


@pytest.fixture(scope="module")
def there() -> Known:
    return known(Runs())


def after(one: Known, moved: float, **given):
    asked = {"tolerance": 0.5, "budget": 200, "seeds": SeedRange.of(2, 6), "batch": 12, **given}
    return next_or_end(one, moved, 72, **asked)


def test_it_is_found_once_a_further_generation_moved_it_by_no_more(there):
    assert after(there, 0.4) == ([], FOUND)
    for moved, tolerance in ((NAN, 0.5), (0.6, 0.5), (0.0, 1e-6)):
        chosen, ended = after(there, moved, tolerance=tolerance)
        assert ended == "" and 12 <= sum(one.seeds for one in chosen) <= 13


def test_a_generation_is_made_whole_or_not_at_all(there):
    chosen, _ = after(there, NAN)
    last = 72 + sum(one.seeds for one in chosen)
    assert after(there, NAN, budget=last) == (chosen, "")
    assert after(there, NAN, budget=last - 1) == ([], BUDGET)


def test_without_a_boundary_nothing_more_is_asked():
    assert after(known(Runs(lambda places: 3.0 + 0.1 * places[:, 0])), NAN) == ([], NONE)


def test_where_nothing_would_tell_more_it_ends(there, monkeypatch):
    monkeypatch.setattr("layeratlas.refining.stopping.choose", lambda *_: [])
    assert after(there, NAN) == ([], SEEDS)
