"""The paper as it is cited."""

from __future__ import annotations

from layeratlas.papers.nfa.source import PREPRINT, REFERENCE


def test_the_reference_holds_the_preprint():
    assert PREPRINT.removeprefix("arXiv ") in REFERENCE
