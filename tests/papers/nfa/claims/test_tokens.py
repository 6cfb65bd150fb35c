"""Claims of panel D hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
from made.image_cubes import image_cubes
from made.token_cubes import token_cube

from layeratlas import papers

OWN = ("panels", "early", "loss", "loss_untrained", "error")


def verdicts(**changes):
    cubes = image_cubes() | {"nfa_gpt": token_cube(**changes)}
    return {c.id: c for c in papers.check("nfa_fig02", cubes) if c.id in OWN}


def failing(**changes):
    return {id for id, c in verdicts(**changes).items() if c.verdict == "fails"}


def test_all_hold_of_the_paper_s_run():
    found = verdicts()
    assert {c.verdict for c in found.values()} == {"holds"} and len(found) == 5
    assert found["panels"].value == 1 and "1q +0.30" in found["panels"].note


def test_each_fails_of_another_run():
    some = lambda record, at: np.nan if record == "init" else (0.9 if at < 4 else 0.1)  # noqa: E731
    assert failing(c_nfc=some) == {"panels", "early"}
    late = lambda record, at: np.nan if record == "init" else 0.9 * (record == "final")  # noqa: E731
    assert failing(c_nfc=late) == {"early"}
    assert failing(end=3.6) == {"loss"}
    assert failing(unigram=4.4) == {"loss_untrained"}
    assert failing(c_nfc_error=lambda record, at: 0.03) == {"error"}
    lost = lambda record, at: np.nan  # noqa: E731
    assert {"panels", "early"} <= failing(c_nfc=lost)


def test_a_short_run_decides_nothing_of_an_end():
    found = {id: c.verdict for id, c in verdicts(n_train=640).items()}
    assert found["panels"] == found["loss"] == "not applicable" and found["early"] == "holds"
