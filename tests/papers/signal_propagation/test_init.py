"""The paper's table of figures."""

from __future__ import annotations

from layeratlas import papers
from layeratlas.papers import signal_propagation
from layeratlas.papers.signal_propagation.source import BARATIN, PREPRINT

ROOM = "layeratlas.papers.signal_propagation"


def test_the_paper_is_known():
    assert "2110.11749" in papers.REFERENCES["signal_propagation"]


def test_an_entry_is_of_this_room():
    names = [entry.name for entry in signal_propagation.FIGURES]
    assert len(set(names)) == len(names)
    for entry in signal_propagation.FIGURES:
        assert entry.function.startswith(f"{ROOM}.figures.")
        assert entry.function.endswith(f":{entry.name}")
        assert entry.claims is not None and entry.claims.startswith(f"{ROOM}.claims.")
        assert entry.claims.endswith(f":{entry.name}")
        assert entry.paper in (PREPRINT, BARATIN)


def test_a_table_stands_beside_its_drawing():
    entry = signal_propagation._entry("x", "m", ("e",), "T", "C.", table=True)
    assert entry.table == f"{ROOM}.figures.m:x_table" and entry.paper == PREPRINT
    assert signal_propagation._entry("x", "m", ("e",), "T", "C.").table is None
