"""The network of squares: centred, frozen but for one matrix, and its tape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import family_of
from made.taped import taped

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.quadratic import PLACE, Quadratic, initial_weights


def test_its_output_is_the_change_of_half_a_sum_of_squares():
    torch.manual_seed(0)
    network = Quadratic((2, 3), 1, width=5).double()
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(network(x), torch.zeros(4, 1, dtype=torch.float64))
    with torch.no_grad():
        network.hidden.weight += 0.3
    flat = x.reshape(4, 6)
    for n in range(4):
        now = sum(
            float(network.signs[i]) * float(network.hidden.weight[i] @ flat[n]) ** 2 / 2
            for i in range(5)
        )
        then = sum(
            float(network.signs[i]) * float(network.start[i] @ flat[n]) ** 2 / 2 for i in range(5)
        )
        assert float(network(x)[n, 0]) == pytest.approx(now - then, abs=1e-12)


def test_one_matrix_is_trained_and_the_rest_is_each_member_s_own():
    family = family_of("", reference=PLACE, settings={"width": 7}, input_shape=(4,), n_outputs=1)
    assert [t.name for t in family.parameters.tensors] == ["hidden.weight"]
    assert [a.name for a in family.affines] == ["hidden"]
    theta, statistics = family.initialize([1, 2])
    kept = family.statistics.views(statistics)
    np.testing.assert_array_equal(kept["start"], family.parameters.views(theta)["hidden.weight"])
    assert not np.array_equal(kept["signs"][0], kept["signs"][1]) or not np.array_equal(
        kept["start"][0], kept["start"][1]
    )
    assert set(np.unique(kept["signs"])) <= {-1.0, 1.0}
    np.testing.assert_array_equal(kept["start"][1], initial_weights(4, 7, 2).numpy())


def test_weights_have_variance_one_over_d():
    w = initial_weights(400, 300, 0)
    assert float(w.var() * 400) == pytest.approx(1, rel=0.02)


def test_its_tape_sees_one_map():
    family = family_of("", reference=PLACE, settings={"width": 7}, input_shape=(4,), n_outputs=1)
    x = torch.randn(5, 4, dtype=torch.float64)
    features, named, tape = taped(family, x)
    noted = tape["hidden"]
    expected = x @ named["hidden.weight"][0].T
    torch.testing.assert_close(noted.outputs[0, :, 0], expected)
    assert features[-1].shape == (1, 5, 1)


@pytest.mark.parametrize("width", [0, 2.5, True, "wide"])
def test_other_widths_are_refused(width):
    with pytest.raises(ConfigError, match="is no number of hidden units"):
        Quadratic((4,), 1, width=width)


def test_several_outputs_are_refused():
    with pytest.raises(ConfigError, match="has one output, and the data set asks for 3"):
        Quadratic((4,), 3)
