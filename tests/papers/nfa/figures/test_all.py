"""What holds for every figure of the paper, and for every figure on chain monomials."""

from __future__ import annotations

import numpy as np
import pytest
from made.beyond import scaled_cube, start_cubes, theories_cube
from made.correlated import chain_cube, chain_cubes
from made.counted import check_counts
from made.image_cubes import convolution_cube, image_cube, image_cubes
from made.often import often
from made.rendered import WIDTHS, check_at_widths
from made.reversing_cubes import reversing_cube
from made.token_cubes import token_cube
from made.turned import backwards

from layeratlas import papers
from layeratlas.papers.nfa import FIGURES, chain, reversing, scaled, sets, theories, tokens

CHAIN = ("nfa_fig01", "nfa_fig04", "nfa_fig05", "nfa_fig16", "nfa_fig17")


@pytest.fixture(scope="module")
def cubes():
    return chain_cubes()


@pytest.fixture(scope="module")
def every(cubes):
    """Made-up cubes of all experiments of the paper, as at `laptop`."""
    networks = (*sets.CONVOLUTIONAL.values(), sets.SMALL)
    return {
        **cubes,
        **image_cubes(),
        **{name: image_cube() for name in (sets.SETS["CIFAR-100"], sets.SETS["SVHN"])},
        **dict.fromkeys(networks, convolution_cube()),
        reversing.EXPERIMENT: reversing_cube(),
        tokens.EXPERIMENT: token_cube(),
        theories.EXPERIMENT: theories_cube(),
        scaled.EXPERIMENT: scaled_cube(),
        **start_cubes(),
    }


#: Without a cube that can be made up, or at this preset: the figure says so.
MISSING = (sets.SETS["STL-10"], "nfa_initialisation_digits", "nfa_initialisation_cnn")


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("name", [entry.name for entry in FIGURES])
def test_a_referee_finds_no_fault(every, name, widths):
    used = papers.FIGURES[name].every_experiment
    if name == "nfa_initialisation":
        # The others have no networks before training here.
        used = tuple(start_cubes())
    missing = [key for key in used if key not in every]
    assert set(missing) <= set(MISSING)
    check_at_widths(widths, name, {key: every[key] for key in used if key in every})


@pytest.mark.parametrize(
    "name", often([entry.name for entry in FIGURES], "nfa_fig02", "nfa_fig05", "four_theories")
)
def test_every_claim_counts_runs(every, name):
    used = papers.FIGURES[name].every_experiment
    if name == "nfa_initialisation":
        used = tuple(start_cubes())
    # What became of runs that diverged is part of the statement.
    chosen = ("gd_no_spike", "slo_no_spike")
    check_counts(name, {key: every[key] for key in used if key in every}, chosen=chosen)


def note_of(name, cubes) -> str:
    (note,) = papers.draw(name, cubes).findobj(match=lambda a: a.get_gid() == "note")
    return note.get_text().replace("\n", " ")


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", often(CHAIN, "nfa_fig01", "nfa_fig05"))
def test_runs_that_were_lost_are_drawn_around(cubes, assert_readable, name):
    lost = {"status": lambda **at: 1}
    gone = {chain.GD: chain_cube(**lost), chain.SLO: chain_cube("slo", **lost)}
    assert_readable(papers.draw(name, cubes | gone))


@pytest.mark.parametrize("name", often(CHAIN, "nfa_fig01", "nfa_fig05"))
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
