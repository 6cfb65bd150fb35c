"""What earlier jobs used: from the records, the last ones, and never an error."""

from __future__ import annotations

import pytest
from made.builder import Store

import layeratlas
from layeratlas.provenance.record.schema import Requested
from layeratlas.workflow.earlier import MOST, Used, used_before

MB = 1 << 20


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def add(store, rule="train", share=0.5, time=0.25, sized=True, **more):
    asked = Requested(mem_mb=500, runtime=10, sized_mem_mb=400, sized_seconds=80)
    given = {"experiment": "e", "version": layeratlas.__version__, **more}
    store.job(
        rule, requested=asked if sized else None, peak_memory_bytes=int(share * 400 * MB),
        wall_seconds=time * 80, **given,
    )  # fmt: skip


def test_shares_of_what_sizes_told(store):
    add(store, "train", 0.5, 0.25)
    add(store, "draw_figure", 1.25, 2.0, figure="f", experiment=None, frame_memory_bytes=7)
    assert used_before(store.root) == [
        Used("draw_figure", "f", 1.25, 2.0, 7, True),
        Used("train", "e", 0.5, 0.25, None, True),
    ]


def test_failed_jobs_other_versions_and_old_records_tell_nothing(store):
    add(store, status="failed")
    add(store, version="0.0.1")
    add(store, sized=False)
    assert used_before(store.root) == []


def test_the_last_of_each_experiment_and_of_the_rule(store):
    for _ in range(3):
        add(store, share=0.75, experiment="former")
    for _ in range(MOST + 1):
        add(store, share=0.25)
    found = used_before(store.root)
    assert len(found) == MOST + 3
    # Of experiments long past the last ones are known, but not as those of the rule.
    assert [one.recent for one in found if one.what == "former"] == [False] * 3
    assert sum(one.recent for one in found) == MOST


def test_a_store_that_is_not_there_or_broken_tells_nothing(store, tmp_path, recwarn):
    assert used_before(tmp_path / "nothing") == []
    add(store)
    store.index.write_bytes(b"no index at all" * 99)
    assert len(used_before(store.root)) == 1  # made anew
    (store.records()[0]).write_text("{")
    assert used_before(store.root) == []
    assert not recwarn.list


def test_an_index_as_it_stands_looks_at_no_record(store):
    add(store, share=0.5)
    assert used_before(store.root, refresh=False) == []  # nobody has made it
    (one,) = used_before(store.root)
    add(store, share=0.75)
    assert used_before(store.root, refresh=False) == [one]
    assert len(used_before(store.root)) == 2
    assert len(used_before(store.root, refresh=False)) == 2
    store.index.write_bytes(b"no index at all" * 99)
    assert used_before(store.root, refresh=False) == []
