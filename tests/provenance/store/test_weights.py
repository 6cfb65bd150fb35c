"""Weights that are measured may go, and the price of making them again is told."""

from __future__ import annotations

from layeratlas.provenance.ask.staleness import stale
from layeratlas.provenance.store.freed import FREED, freed
from layeratlas.provenance.store.reading import read_records
from layeratlas.provenance.store.verify import verify
from layeratlas.provenance.store.weights import COLUMNS, free_weights

SHARD = "results/smoke/shards/phase/aaaaaaaaaaaaaaaa.zarr.zip"
MEASURED = "results/smoke/measurements/phase/aaaaaaaaaaaaaaaa.zarr.zip"


def test_nothing_goes_before_it_is_asked_to(made):
    table = free_weights(made.root)
    (row,) = table.to_dict("records")
    assert tuple(table.columns) == COLUMNS
    place = made.root / SHARD
    assert (row["path"], row["experiment"], row["key"]) == (SHARD, "phase", "a" * 16)
    assert row["size"] == place.stat().st_size and not row["removed"]
    record = next(r for r in read_records(made.root) if r.activity.rule == "train")
    assert row["cpu_seconds"] == record.cpu_seconds and row["wall_seconds"] == record.wall_seconds
    assert place.exists() and not (made.root / FREED).exists()


def test_what_goes_is_noted_and_no_fault(made):
    before = verify(root=made.root).set_index("path")["status"]
    assert before[SHARD] == "ok"
    ill = {*stale(made.root)["path"]}
    assert free_weights(made.root, apply=True)["removed"].tolist() == [True]
    assert not (made.root / SHARD).exists() and SHARD in freed(made.root)
    after = verify(root=made.root).set_index("path")["status"]
    assert after[SHARD] == "freed"
    # Of all else nothing is said that was not said before; the note itself is looked at.
    others = after.drop([SHARD, FREED.as_posix()])
    assert others.equals(before.drop(SHARD)[others.index]) and len(others) == len(before) - 1
    assert after[FREED.as_posix()] == "ok"
    assert {*stale(made.root)["path"]} == ill
    # Gone is gone: a second time there is nothing.
    assert len(free_weights(made.root, apply=True)) == 0


def test_what_is_not_measured_stays(made):
    (made.root / MEASURED).unlink()
    assert len(free_weights(made.root, apply=True)) == 0
    assert (made.root / SHARD).exists()


def test_what_is_not_as_on_record_stays(made):
    place = made.root / SHARD
    place.write_bytes(place.read_bytes() + b"more")
    assert len(free_weights(made.root, apply=True)) == 0
    assert place.exists()


def test_what_went_without_a_word_is_missing(made):
    """The control: the note makes the difference, and it is of one version."""
    (made.root / SHARD).unlink()
    assert verify(SHARD, root=made.root)["status"].tolist() == ["missing"]
