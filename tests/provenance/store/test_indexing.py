"""Tables of the index: what cannot go in is named, and the rest is answered."""

from __future__ import annotations

import os
import sqlite3

import pytest
from made.builder import made_up

from layeratlas import dependents, lineage, log
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.store import indexing
from layeratlas.provenance.store.reading import RecordWarning


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("size", 2**63),
        ("size", -(2**70)),
        ("path", "lone \ud800 surrogate"),
        ("role", b"bytes are no text".__class__),
    ],
    ids=["too large", "too small", "no Unicode", "no text"],
)
def test_a_record_that_sqlite_refuses_is_named_and_left_out(recorded, monkeypatch, what, value):
    """Whatever lets such a record through; it leaves no half behind."""
    before = len(log(recorded.root))
    odd = recorded.job("odd", outputs=[made_up("fine.pdf"), made_up("odd.pdf")])
    original = indexing.read_record

    def let_through(path):
        record: Record = original(path)
        if record.id != odd.id:
            return record
        file = record.outputs[1].model_copy(update={what: value})
        return record.model_copy(update={"outputs": (record.outputs[0], file)})

    monkeypatch.setattr(indexing, "read_record", let_through)
    for _ in range(2):
        with pytest.warns(RecordWarning, match=f"{odd.id}.json cannot be indexed"):
            assert len(log(recorded.root)) == before
    with sqlite3.connect(recorded.index) as db:
        assert db.execute("SELECT COUNT(*) FROM file WHERE path = 'fine.pdf'").fetchone() == (0,)
    with pytest.warns(RecordWarning):
        assert len(lineage("figures/f.pdf", recorded.root)) > 5


def test_odd_text_is_text(recorded):
    file = made_up("results/nul \0 and \x1b[2J.pdf")
    recorded.job("od\0d", [made_up("results/smoke/cubes/experiment_0.zarr.zip")], [file])
    assert file.path in set(dependents("experiment_0", recorded.root)["path"])
    assert list(log(recorded.root)["rule"])[-1] == "od\0d"


def test_the_largest_sizes_are_added_up(recorded):
    huge = made_up("a.pdf").model_copy(update={"size": 2**63 - 1})
    recorded.job("huge", outputs=[huge, huge.model_copy(update={"path": "b.pdf"})])
    assert log(recorded.root)["bytes"].iloc[-1] == 2**63 - 1


def test_names_that_are_no_text(recorded):
    folder = os.fsencode(recorded.records()[0].parent)
    before = len(log(recorded.root))
    with open(folder + b"/caf\xe9.json", "wb") as file:  # noqa: PTH123  (a name in bytes)
        file.write(b"{}")
    for _ in range(2):
        with pytest.warns(RecordWarning, match="caf"):
            assert len(log(recorded.root)) == before
