"""Ranks in the index: the order of the records, however they came in."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from made.builder import Store, made_up

from layeratlas.provenance.store import order as order_module
from layeratlas.provenance.store import ranking
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.order import in_order
from layeratlas.provenance.store.reading import read_record, record_files


def ranked(root) -> list[str]:
    with open_index(root) as db:
        rows = db.execute("SELECT id, rank FROM record ORDER BY rank").fetchall()
        assert [row["rank"] for row in rows] == list(range(len(rows)))
        return [row["id"] for row in rows]


def expected(root) -> list[str]:
    names = [name for name, _, _ in record_files(root)]
    pairs = [(name, read_record(root / "provenance/records" / name)) for name in names]
    return [record.id for record in in_order(pairs)]


@pytest.mark.parametrize("seed", range(8))
def test_records_that_come_one_by_one_give_the_order_of_all_together(tmp_path, seed):
    """In any order, with clocks that err, and with some taken away again."""
    import random

    chance = random.Random(seed)
    store = Store(tmp_path)
    written, files = [], [made_up(f"{path}.zarr.zip", f"{path}{v}") for path in "pq" for v in "123"]
    for _ in range(14):
        store.jobs = chance.randrange(500)
        read, old = chance.choices(files, k=2)
        job = store.job(
            "make",
            [read] if chance.random() < 0.7 else [],
            [chance.choice(files)],
            replaced={old.path: old.digest} if chance.random() < 0.5 else {},
            after=chance.choice(written) if written and chance.random() < 0.3 else None,
            status="ok" if chance.random() < 0.9 else "failed",
        )
        written.append(job.id)
    places = {path: path.read_bytes() for path in store.records()}
    for path in places:
        path.unlink()
    for path in chance.sample(sorted(places), len(places)):
        path.write_bytes(places[path])
        if chance.random() < 0.7:
            assert ranked(tmp_path) == expected(tmp_path)
        if chance.random() < 0.2:
            chance.choice(store.records()).unlink()
    assert ranked(tmp_path) == expected(tmp_path)


def test_what_comes_last_is_put_there_without_ordering_all_anew(tmp_path, monkeypatch):
    store = Store(tmp_path)
    for n in range(5):
        store.job("make", outputs=[made_up("a.pdf", str(n))])
    ranked(tmp_path)
    seen = []
    original = ranking.order
    monkeypatch.setattr(
        ranking, "order", lambda e, limit: seen.append(len(e)) or original(e, limit)
    )
    store.job("make", outputs=[made_up("a.pdf", "5")])
    ranked(tmp_path)
    assert seen == [1]
    # This one is what an earlier job read: that job may belong behind it.
    store.job("draw", [made_up("b.pdf")], [made_up("c.pdf")])
    ranked(tmp_path)
    store.job("make", outputs=[made_up("b.pdf")])
    assert ranked(tmp_path) == expected(tmp_path)
    assert seen == [1, 1, 8]


def test_a_time_that_is_ahead_is_believed_as_soon_as_it_comes(tmp_path, monkeypatch):
    """The order in the index is that of the moment of asking."""
    store = Store(tmp_path)
    now = datetime.now(UTC)
    soon = (now + timedelta(days=30)).isoformat()
    late = store.job("make", outputs=[made_up("a.pdf", "1")], ended=soon)
    usual = store.job("make", outputs=[made_up("a.pdf", "2")])
    with pytest.warns(UserWarning, match="not believed"):
        assert ranked(tmp_path) == [late.id, usual.id]
    later = SimpleNamespace(now=lambda zone: now + timedelta(days=60),
                            fromisoformat=datetime.fromisoformat)  # fmt: skip
    monkeypatch.setattr(order_module, "datetime", later)
    assert ranked(tmp_path) == [usual.id, late.id]
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="not believed"):
        assert ranked(tmp_path) == [late.id, usual.id]


def test_ranks_travel_in_the_file(tmp_path):
    store = Store(tmp_path)
    store.job("make", outputs=[made_up("a.pdf")])
    ranked(tmp_path)
    with sqlite3.connect(store.index) as db:
        assert db.execute("SELECT rank FROM record").fetchall() == [(0,)]
        assert ranking.is_ranked(db)
        db.execute("DELETE FROM ordered")
        assert not ranking.is_ranked(db)
