"""Claims lead to the maps that they are about."""

from __future__ import annotations

import pytest

from layeratlas.atlas.linking import experiments_of

EXPERIMENTS = ["phase_diagram_data_noise", "phase_diagram_dropout", "bfa_depth"]
LETTERS = {"phase_diagram_data_noise": "a", "phase_diagram_dropout": "c"}


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("a data noise", EXPERIMENTS[:1]),
        ("c dropout", EXPERIMENTS[1:2]),
        ("a and c", EXPERIMENTS[:2]),
        ("data noise and a", EXPERIMENTS),
        ("bfa_depth, L = 8", ["bfa_depth"]),
        ("phase_diagram_dropout: the last row", EXPERIMENTS[1:2]),
        # A word that begins with a letter is not that panel.
        ("any cell", EXPERIMENTS),
        ("b learning rate", EXPERIMENTS),
        ("", EXPERIMENTS),
    ],
)
def test_a_subject_names_its_maps(subject, found):
    assert experiments_of(subject, EXPERIMENTS, LETTERS) == found


def test_letters_of_other_experiments_do_not_count():
    assert experiments_of("c dropout", ["bfa_depth"], LETTERS) == ["bfa_depth"]
