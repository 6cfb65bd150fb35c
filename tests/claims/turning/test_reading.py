"""Which numbers a claim reads."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable

from layeratlas.claims.asking import Name
from layeratlas.claims.ledger import Ledger
from layeratlas.claims.turning.fields import fields_of
from layeratlas.claims.turning.judging import Judging
from layeratlas.claims.turning.reading import of_needed_cubes, read

READS = {
    "corner": ((0,), (0,), (0, 1, 2, 3, 4)),
    "signs": ((0, 1, 2, 3), (0,), (0, 1, 2, 3, 4)),
    "order": ((1, 2), (1,), (0, 1, 2, 3, 4)),
    "rank": ((0, 1, 2, 3), (0, 1, 2), (0, 1, 2, 3, 4)),
}


# One by one the value alone tells what is read: a count stays where it is mostly.
@pytest.mark.parametrize(
    ("id", "is_together"),
    [(id, True) for id in READS] + [(id, False) for id in READS if id != "signs"],
)
def test_variables_and_positions(cubes, id, is_together):
    judging = Judging(turnable.judge, cubes, Name(id, "grid"), 400)
    judging.is_together = is_together
    found, left = read(
        judging, fields_of(judging.cubes), judging.safe(), np.random.default_rng(0)
    )  # fmt: skip
    assert [(one.field.name, one.positions) for one in found] == [("separation", READS[id])]
    assert left == []
    assert judging.is_together is is_together


def test_a_cell_without_runs_is_lacking(values):
    cube = turnable.cube(values)
    cube["status"].values[0, 1] = 1
    judging = Judging(turnable.judge, {turnable.EXPERIMENT: cube}, Name("steps", "grid"), 400)
    found, _ = read(judging, fields_of(judging.cubes), judging.safe(), np.random.default_rng(0))
    assert {p.index[:2] for one in found for p in one.missing()} <= {(0, 1)}
    assert not {p.index[:2] for one in found for p in one.places()} & {(0, 1)}


def read_by(judge, cubes, id):
    judging = Judging(judge, cubes, Name(id, "grid"), 400)
    found, left = read(judging, fields_of(judging.cubes), judging.safe(), np.random.default_rng(0))
    return judging, [one.field.name for one in found], [field.name for field in left]


def test_numbers_that_are_taken_early_for_other_claims_are_no_matter(cubes):
    def judge(others):
        float(others[turnable.EXPERIMENT]["layers/separation"].mean())
        return turnable.judge(others)

    judging, found, left = read_by(judge, cubes, "corner")
    assert (found, left) == (["separation"], [])
    assert judging.is_together
    assert judging.takes_early


def test_a_variable_of_which_the_claim_takes_a_number_early_is_left_out(cubes):
    def judge(others):
        early = float(others[turnable.EXPERIMENT]["layers/unread"].mean())
        tree = others[turnable.EXPERIMENT].copy()
        node = tree["layers"].to_dataset(inherit=False)
        tree["layers"].dataset = node.assign(separation=node["separation"] + early / 10)
        ledger = Ledger("made", "nobody")
        first = tree["layers/separation"][0, 0, :, 1]
        ledger.decide("corner", "grid", "s", ">", 0.0, lambda: (float(first.mean()) + early, 1, ""))
        return ledger.claims

    judging, found, left = read_by(judge, cubes, "corner")
    assert (found, left) == (["separation"], ["unread"])
    assert judging.is_together


def test_where_all_is_taken_early_all_is_judged_one_by_one(cubes):
    def judge(others):
        early = float(others[turnable.EXPERIMENT]["layers/separation"][0, 0].mean())
        ledger = Ledger("made", "nobody")
        ledger.decide("corner", "grid", "s", ">", 0.0, lambda: (early, 1, ""))
        return ledger.claims

    judging, found, left = read_by(judge, cubes, "corner")
    assert (found, left) == (["separation"], [])
    assert not judging.is_together


def _looking_everywhere_first(others):
    """Claims of each cube, and of the largest, whose numbers are taken before any is judged."""
    means = {name: float(cube["layers/separation"].mean()) for name, cube in others.items()}
    ledger = Ledger("made", "s")
    for name, cube in others.items():
        corner = cube["layers/separation"][0, 0]
        ledger.decide("own", name, "s", ">", 0.0, lambda c=corner: (float(c.mean()), 1, ""))
    ledger.decide("largest", "all", "s", ">", 0.0, lambda: (max(means.values()), 1, ""))
    return ledger.claims


@pytest.mark.parametrize(
    ("wanted", "kept"), [(Name("own", "b"), {"b"}), (Name("largest", "all"), {"a", "b", "c"})]
)
def test_cubes_that_a_claim_does_without_are_set_aside(values, wanted, kept):
    """The largest is the same without the others, too, but not whatever they are."""
    cubes = {name: turnable.cube(values - k * 1e-6) for k, name in enumerate("abc")}
    judging = Judging(_looking_everywhere_first, cubes, wanted, 400)
    random = np.random.default_rng(0)
    left = of_needed_cubes(judging, fields_of(judging.cubes), judging.safe(), random)
    assert set(judging.cubes) == {one.cube for one in left} == kept


def test_a_claim_of_one_cube_is_read_in_that_alone(values):
    cubes = {name: turnable.cube(values - k) for k, name in enumerate("abc")}
    judging = Judging(_looking_everywhere_first, cubes, Name("own", "b"), 400)
    found, _ = read(judging, fields_of(judging.cubes), judging.safe(), np.random.default_rng(0))
    assert set(judging.cubes) == {"b"}
    assert [(one.field.name, one.positions) for one in found] == [("separation", READS["corner"])]
