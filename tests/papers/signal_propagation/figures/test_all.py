"""What holds for every figure of the paper over layers and depths."""

from __future__ import annotations

import numpy as np
import pytest
from made.depth_figures import OVER_DEPTHS, without_mark
from made.readable import plain
from made.turned import backwards

from layeratlas import papers
from layeratlas.papers.signal_propagation import FIGURES
from layeratlas.workflow.fingerprints import closure

ROOM = "layeratlas.papers.signal_propagation.figures."
#: Modules that drawings share.
SHARED = {f"{ROOM}looks", f"{ROOM}along"}


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.fixture
def cubes(made_cubes):
    return made_cubes(alignment_cifar10={"depths": (10, 20), "seeds": 2})


@pytest.fixture
def missing(made_cubes):
    """No run came to the mark anywhere."""
    return made_cubes(**without_mark())


@pytest.mark.parametrize("name", [n for n in OVER_DEPTHS if n != "peak_table"])
def test_texts_are_apart_and_on_the_page(cubes, missing, assert_readable, name):
    assert_readable(papers.draw(name, cubes))
    assert_readable(papers.draw(name, missing))


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_the_order_of_stored_axes_does_not_show(cubes, name):
    turned = {experiment: backwards(cube) for experiment, cube in cubes.items()}
    np.testing.assert_array_equal(
        pixels(papers.draw(name, turned)), pixels(papers.draw(name, cubes))
    )


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_a_note_tells_seeds_images_and_preset(cubes, name):
    (note,) = papers.draw(name, cubes).findobj(match=lambda a: a.get_gid() == "note")
    told = plain(note.get_text())
    assert "Preset laptop: " in told and "5 000 training samples, n = " in told


@pytest.mark.parametrize("name", OVER_DEPTHS)
def test_what_is_derived_or_chosen_here_is_told(cubes, name):
    (note,) = papers.draw(name, cubes).findobj(match=lambda a: a.get_gid() == "note")
    words = ("derived here", "chosen here", "chosen or derived here", "released scripts")
    assert any(word in note.get_text().replace("\n", " ") for word in words)


@pytest.mark.parametrize("entry", FIGURES, ids=[entry.name for entry in FIGURES])
def test_a_figure_imports_its_own_module_and_no_other_of_its_paper(entry):
    """Or an edit of one figure would draw another again."""
    own = entry.function.partition(":")[0]
    used = {name for name in closure(own) if name.startswith(ROOM)}
    assert used - SHARED == {own}
    others = ("layeratlas.papers.spring_block", "layeratlas.papers.feature_speed")
    assert not any(name.startswith(others) for name in closure(own))
