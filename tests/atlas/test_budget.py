"""The page holds what fits, first things first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.atlas.budget import Piece, fitting

PIECES = [Piece("drawing", 40), Piece("small", 30), Piece("large", 90), Piece("last", 20)]


@pytest.mark.parametrize(
    ("room", "inside"),
    [
        (39, {"small"}),
        (70, {"drawing", "small"}),
        # What is too large is passed over, what comes after it may fit.
        (100, {"drawing", "small", "last"}),
        (180, {"drawing", "small", "large", "last"}),
        (0, set()),
    ],
)
def test_first_come_first_served(room, inside):
    assert fitting(PIECES, room) == inside


def test_a_piece_of_two_figures_is_inside_once():
    assert fitting([PIECES[0], PIECES[0], PIECES[1]], 70) == {"drawing", "small"}


@given(st.lists(st.integers(0, 50)), st.integers(0, 200))
def test_never_more_than_there_is_room(sizes, room):
    pieces = [Piece(str(k), size) for k, size in enumerate(sizes)]
    assert sum(pieces[int(key)].size for key in fitting(pieces, room)) <= room
