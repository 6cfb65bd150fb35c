"""The paper's table of figures."""

from __future__ import annotations

from layeratlas.papers import feature_speed


def test_an_entry_is_of_this_room():
    names = [entry.name for entry in feature_speed.FIGURES]
    assert len(set(names)) == len(names)
    for entry in feature_speed.FIGURES:
        room = "layeratlas.papers.feature_speed"
        assert entry.function.startswith(f"{room}.figures.")
        assert entry.function.endswith(f":{entry.name}")
        assert entry.claims is not None and entry.claims.startswith(f"{room}.claims.")
        assert entry.paper == feature_speed.PREPRINT


def test_what_is_beyond_the_paper_says_so():
    beyond = {e.name for e in feature_speed.FIGURES if "An extension" in e.caption}
    assert beyond == {"feature_speed_training", "learning_rate_transfer"}
