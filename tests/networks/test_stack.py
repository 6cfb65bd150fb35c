"""Layouts of stacked linear maps, and where their tensors start."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.networks.initialization.registry import RULES, load_rule
from layeratlas.networks.mlp import MLP
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings
from layeratlas.networks.stack import DenseStack, initial_values, layouts
from layeratlas.runs.streams import generator


@pytest.fixture(scope="module")
def reference() -> MLP:
    """The paper's network, §2.2 of its specification."""
    return create_family(MLPSettings().model_dump(), (100,), 10)


def test_initial_weights_depend_on_the_own_seed_alone(reference):
    together = reference.initialize([3, 1, 4])[0]
    for row, seed in zip(together, (3, 1, 4), strict=True):
        np.testing.assert_array_equal(row, reference.initialize([seed])[0][0])
    assert len({row.tobytes() for row in reference.initialize(range(10))[0]}) == 10
    views = reference.parameters.views(together)
    assert abs(np.corrcoef(views["weight_2"].ravel(), views["weight_3"].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("rule", RULES)
def test_every_tensor_has_a_stream_of_its_own(rule):
    """Named by the tensor, for this purpose; fan-in is that of the layer's weight."""
    parameters, statistics = layouts([(4, 3), (5, 4, 3, 3), (2, 5)], ())
    views = parameters.views(initial_values(parameters, statistics, [7, 8], rule)[0])
    fan_in = {1: 3, 2: 4 * 9, 3: 5}
    for tensor in parameters.tensors:
        for e, seed in enumerate((7, 8)):
            stream = generator(seed, f"initialization/{tensor.name}")
            expected = load_rule(rule)(stream, tensor, fan_in[tensor.layer])
            np.testing.assert_array_equal(
                views[tensor.name][e], np.broadcast_to(expected, tensor.shape)
            )


def test_layers_have_weights_biases_and_the_batch_norm_that_is_asked_for():
    parameters, statistics = layouts([(4, 3), (2, 4)], (3, 4))
    assert [(t.name, t.shape, t.layer) for t in parameters.tensors] == [
        ("scale_0", (3,), 0),
        ("shift_0", (3,), 0),
        ("weight_1", (4, 3), 1),
        ("bias_1", (4,), 1),
        ("scale_1", (4,), 1),
        ("shift_1", (4,), 1),
        ("weight_2", (2, 4), 2),
        ("bias_2", (2,), 2),
    ]
    assert [t.name for t in statistics.tensors] == [
        "running_mean_0", "running_var_0", "running_mean_1", "running_var_1",
    ]  # fmt: skip
    without, none = layouts([(4, 3)], ())
    assert [t.name for t in without.tensors] == ["weight_1", "bias_1"]
    assert none.size == 1


@pytest.mark.parametrize("rule", RULES)
def test_scales_start_at_one_and_shifts_and_running_means_at_zero(rule):
    parameters, statistics = layouts([(4, 3), (2, 4)], (3, 4))
    theta, running = initial_values(parameters, statistics, [1, 2], rule)
    for layout, flat in ((parameters, theta), (statistics, running)):
        for name, view in layout.views(flat).items():
            start = {"scale": 1, "shift": 0, "running_mean": 0, "running_var": 1}
            kind = name.rpartition("_")[0]
            if kind in start:
                assert (view == start[kind]).all()
    assert (parameters.views(theta)["weight_1"][0] != parameters.views(theta)["weight_1"][1]).all()


def test_a_family_has_a_constructor_of_its_own():
    with pytest.raises(NotImplementedError):
        DenseStack(n_features=1, n_classes=1)
