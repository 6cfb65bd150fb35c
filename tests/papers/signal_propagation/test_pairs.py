"""Errors of pairs, and recursions that start at them."""

from __future__ import annotations

import numpy as np
import pytest
from made.initial_cubes import initial_cube
from made.recursions import plain_relu

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.crossing import crossing_of
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.signal_propagation import pairs

LAYERS = 6


def test_errors_are_the_means_over_pairs():
    cube, cosines, noise = initial_cube()
    found = pairs.pair_errors(cube)
    for name in ("forward", "backward"):
        told = np.abs(noise[name]).mean((-1, -2) if name == "backward" else -1)
        np.testing.assert_allclose(found[name].transpose("width", "seed", "layer"), told, atol=2e-6)
    assert len(cosines) == cube["affine"].sizes["pair"]


def test_pairs_without_a_direction_are_left_out():
    cube, _, noise = initial_cube(dead=3)
    found = pairs.pair_errors(cube)["forward"].transpose("width", "seed", "layer")
    kept = np.delete(np.abs(noise["forward"]), 3, axis=-1).mean(-1)
    np.testing.assert_allclose(found, kept, atol=2e-6)


def test_another_pairs_start_is_further_off():
    cube, cosines, _ = initial_cube()
    order = pairs.shuffled(len(cosines))
    assert sorted(order) == list(range(len(cosines)))
    assert (order != np.arange(len(cosines))).any()
    own, other = pairs.pair_errors(cube), pairs.pair_errors(cube, shuffle=True)
    assert float(other["forward"].max()) > 3 * float(own["forward"].max())


def test_recursions_of_the_data():
    cube, cosines, _ = initial_cube()
    told = [plain_relu(c, LAYERS) for c in cosines]
    found = pairs.mean_over_pairs(cube)
    np.testing.assert_allclose(found.forward, np.mean([t[0] for t in told], 0), atol=1e-6)
    np.testing.assert_allclose(found.backward, np.mean([t[1] for t in told], 0), atol=1e-6)
    mean = float(np.float32(cosines.mean()))
    assert pairs.crossing_at_mean(cube) == pytest.approx(
        float(crossing_of(Rectifier(), mean, LAYERS)), abs=1e-5
    )


def test_which_map():
    cube, *_ = initial_cube(model={"negative_slope": 0.2})
    assert pairs.map_of(cube) == Rectifier(0.2)
    with pytest.raises(LayerAtlasError, match=r"model\.batch_norm"):
        pairs.map_of(initial_cube(model={"batch_norm": True})[0])
    with pytest.raises(LayerAtlasError, match="no recursion of correlations"):
        pairs.map_of(initial_cube(model={"activation": "softsign"})[0])
