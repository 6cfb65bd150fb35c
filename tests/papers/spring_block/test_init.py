"""The paper's table of figures."""

from __future__ import annotations

from layeratlas.papers import spring_block
from layeratlas.papers.spring_block.panels import PANELS


def test_an_entry_is_of_this_room():
    names = [entry.name for entry in spring_block.FIGURES]
    assert len(set(names)) == len(names)
    for entry in spring_block.FIGURES:
        room = "layeratlas.papers.spring_block"
        assert entry.function.startswith(f"{room}.figures.")
        assert entry.function.endswith(f":{entry.name}")
        assert entry.claims is None or entry.claims.startswith(f"{room}.claims.")
        assert entry.paper == spring_block.PREPRINT


def test_the_diagram_has_every_panel():
    (diagram,) = (e for e in spring_block.FIGURES if e.name == "phase_diagram")
    assert diagram.experiments == tuple(panel.experiment for panel in PANELS)
