"""The paper's table of figures."""

from __future__ import annotations

import pytest

from layeratlas import papers
from layeratlas.papers import nfa

ROOM = "layeratlas.papers.nfa"


def test_the_paper_is_known():
    assert "2402.05271" in papers.REFERENCES["nfa"]


@pytest.mark.parametrize("entry", nfa.FIGURES, ids=lambda entry: entry.name)
def test_an_entry_is_of_this_room_and_says_what_is_reconstructed(entry):
    assert entry.function.startswith(f"{ROOM}.figures.")
    assert entry.function.endswith(f":{entry.name}")
    assert entry.claims is not None and entry.claims.startswith(f"{ROOM}.claims.")
    assert entry.claims.endswith(f":{entry.name}")
    number = entry.name.removeprefix("nfa_fig")
    if number.isdigit() and int(number) > 5:
        assert "reconstruction" in entry.title and "Reconstruction" in entry.caption
