"""The tests see every mistake of the tables; and what plants them tells seen from unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mistakes.mistake import Mistake
from mistakes.planting import clean_copy, failing, outcomes
from mistakes.tables import MISTAKES

STATISTICS = Mistake(
    "cubes/statistics.py",
    "stats.spearmanr(x, y).statistic",
    "stats.pearsonr(x, y).statistic",
    "correlation of values, not of ranks",
)


@pytest.mark.slow
def test_a_mistake_is_seen_by_the_tests_of_its_file_and_not_by_others():
    unseen = replace(STATISTICS, tests=("cubes/test_noise.py",))
    with clean_copy() as clean:
        assert not failing(clean, STATISTICS.must_see)
        before = (clean / STATISTICS.path).read_bytes()
        found = {done.mistake: done for done in outcomes([STATISTICS, unseen], clean)}
        assert (clean / STATISTICS.path).read_bytes() == before
    assert found[STATISTICS].seen_by.startswith("tests/cubes/test_statistics.py::test_")
    assert found[unseen].survived


@pytest.mark.slow
def test_no_mistake_survives():
    """About 20 minutes on two cores."""
    with clean_copy() as clean:
        tests = (test for mistake in MISTAKES for test in mistake.must_see)
        assert not failing(clean, tests), "a test fails without any mistake"
        survived = [done.mistake.name for done in outcomes(MISTAKES, clean) if done.survived]
    assert not survived, "\n".join(survived)
