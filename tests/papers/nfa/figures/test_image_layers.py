"""Figures of perceptrons on images show the sets that there are, and name the others."""

from __future__ import annotations

import numpy as np
import pytest
from made.image_cubes import image_cube, image_cubes
from made.often import often
from made.turned import backwards

from layeratlas import papers
from layeratlas.papers.nfa import images
from layeratlas.papers.nfa.figures.image_layers import averages
from layeratlas.papers.nfa.sets import SETS

SETS_OF = {f"nfa_fig{n:02}": name for n, name in enumerate(SETS, start=6)}
ALL = ("nfa_fig02", "nfa_fig15", *SETS_OF)


def note_of(figure) -> str:
    (note,) = figure.findobj(match=lambda a: a.get_gid() == "note")
    return note.get_text().replace("\n", " ")


@pytest.mark.parametrize("name", ["nfa_fig02", "nfa_fig15"])
def test_texts_are_apart_where_there_is_one_set(assert_readable, name):
    digits = {"nfa_mlp_digits": image_cube(epochs=(0, 1, 3), seeds=1, n_train=1000)}
    assert_readable(papers.draw(name, digits))


@pytest.mark.parametrize("name", often(ALL, "nfa_fig02", "nfa_fig11"))
def test_the_order_of_stored_axes_does_not_show(name):
    cubes = image_cubes()
    pixels = []
    for given in (cubes, {key: backwards(cube) for key, cube in cubes.items()}):
        figure = papers.draw(name, given)
        figure.canvas.draw()
        pixels.append(np.asarray(figure.canvas.buffer_rgba()).copy())
    np.testing.assert_array_equal(*pixels)


def test_what_is_missing_is_named_and_nothing_in_its_place():
    told = note_of(papers.draw("nfa_fig02", image_cubes()))
    assert "Missing at this preset, and in no average: CIFAR-100, SVHN, STL-10." in told
    assert "CIFAR-10 80.0 ± 0.0 %" in told and "none of the paper's sets" in told
    figure = papers.draw("nfa_fig08", image_cubes())
    assert "SVHN is missing" in figure.axes[0].texts[0].get_text()
    assert not figure.axes[0].lines
    assert "Missing" not in note_of(
        papers.draw("nfa_fig02", {k: image_cube() for k in SETS.values()})
    )


def test_averages_are_over_sets():
    cubes = image_cubes()
    cubes["nfa_mlp_mnist"] = image_cube(uc_nfc=lambda e, k, s: 0.1)
    found = averages(images.present(cubes), "uc_nfc", "final")
    assert found.sizes == {"set": 4, "layer": 5}
    np.testing.assert_allclose(found.sel(set="MNIST"), 0.1, rtol=1e-6)
    np.testing.assert_allclose(found.sel(set="digits", layer=2), 0.7 - 0.1 + 0.02 - 0.14, rtol=1e-5)
    lost = averages({"digits": image_cube(status=1)}, "uc_nfc", 1)
    assert lost.isnull().all()


def test_fig15_has_a_column_a_set():
    figure = papers.draw("nfa_fig15", image_cubes())
    titles = [axes.get_title() for axes in figure.axes[:4]]
    assert titles == ["CIFAR-10", "GTSRB", "MNIST", "digits"]
    line = next(one for one in figure.axes[4].lines if one.get_gid() == "CIFAR-10,dw_rel,3")
    np.testing.assert_allclose(line.get_ydata(), 0.06 * np.array([0, 1, 3, 7, 14]), rtol=1e-6)
