"""Figures over scales of initial weights show what the cubes hold."""

from __future__ import annotations

import numpy as np
from made.correlated import BEGINS, SCALES, chain_cubes

from layeratlas import papers
from layeratlas.papers.nfa import chain, curves


def lines_of(axes) -> dict:
    return {line.get_gid(): line for line in axes.lines if line.get_gid()}


def test_each_row_of_fig04_is_of_its_own_runs():
    cubes = chain_cubes()
    panels = papers.draw("nfa_fig04", cubes).axes
    for row, name in enumerate((chain.GD, chain.SLO)):
        for column, variable in enumerate(("uc_nfc", "c_nfc", "ratio_c_uc", "train_loss")):
            lines = lines_of(panels[4 * row + column])
            for scale in SCALES:
                found = lines[f"{variable},{scale:g},final"].get_ydata()
                loss = variable == "train_loss"
                all_of = curves.evaluated if loss else curves.curve
                expected = curves.at(all_of(cubes[name], variable), "final").sel(init_gain=scale)
                expected = expected if loss else expected.sel(layer=0)
                np.testing.assert_allclose(found, expected)


def test_fig04_shows_matrices_at_scale_1():
    cubes = chain_cubes()
    panels = papers.draw("nfa_fig04", cubes).axes[8:12]
    for axes, (name, variable) in zip(
        panels,
        [(n, v) for n in (chain.GD_MATRICES, chain.SLO_MATRICES) for v in ("nfm", "agop")],
        strict=True,
    ):
        expected = chain.matrices(cubes[name], variable).sel(init_gain=1.0)[0]
        np.testing.assert_allclose(axes.images[0].get_array(), expected / abs(expected).max())


def test_fig16_has_means_at_the_end_and_where_c_nfc_begins():
    figure = papers.draw("nfa_fig16", chain_cubes())
    for layer, axes in enumerate(figure.axes):
        dashed = lines_of(axes)["derivative"]
        np.testing.assert_allclose(dashed.get_xdata(), SCALES)
        np.testing.assert_allclose(dashed.get_ydata(), BEGINS[layer] + 0.002, rtol=1e-6)
        ends = [container.lines[0].get_ydata() for container in axes.containers]
        np.testing.assert_allclose(ends[0], 0.93 - 0.17 * np.array(SCALES) + 0.002, rtol=1e-5)
        np.testing.assert_allclose(ends[1], 0.902, rtol=1e-6)


def test_fig17_is_of_layer_1():
    cubes = chain_cubes()
    axes = papers.draw("nfa_fig17", cubes).axes[0]
    ends = lines_of(axes)
    expected = curves.at(curves.curve(cubes[chain.MIDDLE], "uc_nfc"), "final").sel(layer=1)
    np.testing.assert_allclose(
        ends["SLO on layer 1,uc_nfc,final"].get_ydata(), expected.values.ravel()
    )
