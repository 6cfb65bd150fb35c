"""What holds for every figure on chain monomials."""

from __future__ import annotations

import numpy as np
import pytest
from made.correlated import chain_cube, chain_cubes
from made.turned import backwards

from layeratlas import papers
from layeratlas.papers.nfa import chain

CHAIN = ("nfa_fig01", "nfa_fig04", "nfa_fig05", "nfa_fig16", "nfa_fig17")


@pytest.fixture(scope="module")
def cubes():
    return chain_cubes()


def note_of(name, cubes) -> str:
    (note,) = papers.draw(name, cubes).findobj(match=lambda a: a.get_gid() == "note")
    return note.get_text().replace("\n", " ")


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", CHAIN)
def test_texts_are_apart_and_on_the_page(cubes, assert_readable, name):
    assert_readable(papers.draw(name, cubes))


@pytest.mark.parametrize("name", CHAIN)
def test_runs_that_were_lost_are_drawn_around(cubes, assert_readable, name):
    lost = {"status": lambda **at: 1}
    gone = {chain.GD: chain_cube(**lost), chain.SLO: chain_cube("slo", **lost)}
    assert_readable(papers.draw(name, cubes | gone))


@pytest.mark.parametrize("name", CHAIN)
def test_the_order_of_stored_axes_does_not_show(cubes, name):
    turned = {experiment: backwards(cube) for experiment, cube in cubes.items()}
    np.testing.assert_array_equal(
        pixels(papers.draw(name, turned)), pixels(papers.draw(name, cubes))
    )


@pytest.mark.parametrize("name", CHAIN)
def test_a_note_tells_what_is_behind_and_what_is_no_word_of_the_paper(cubes, name):
    told = note_of(name, cubes)
    assert "Preset laptop: " in told
    assert "2\u2009048\u00a0training\u00a0samples, n\u00a0=\u00a03\u00a0seeds." in told
    assert "here" in told
    assert ("Reconstruction" in told) == (int(name[-2:]) > 5)
