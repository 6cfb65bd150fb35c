"""Laws: one for the layers, another for the read-out, numbers layer by layer."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.initialization.registry import load_rule
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings


def at(count: int, **model) -> list:
    return [
        (law.__name__, own)
        for law, own in Laws.of(MLPSettings(depth=count, **model).model_dump()).of_layers(count)
    ]


def test_what_names_nothing_is_the_frameworks_default():
    assert Laws.of({}) == Laws() == Laws("uniform_fan_in")
    assert at(2) == [("uniform_fan_in", {"gain": 1.0})] * 2
    assert at(1, initialization="kaiming_normal") == [("kaiming_normal", {"fan": "fan_in"})]


def test_a_list_has_a_number_for_each_map():
    given = {"weight_std": [1, 2, 3], "bias_std": 0.5}
    found = at(3, initialization="mean_field", initialization_settings=given)
    assert [own for _, own in found] == [
        {"weight_std": float(n), "bias_std": 0.5} for n in (1, 2, 3)
    ]


def test_the_read_out_may_have_a_law_or_a_gain_of_its_own():
    """Two hidden maps at the scale s, the read-out at 1/√width, as monomial chains are trained."""
    hidden = {"initialization": "xavier_uniform", "initialization_settings": {"gain": 0.25}}
    found = at(3, **hidden, output_initialization_settings={"gain": 128**-0.5})
    assert found == [("xavier_uniform", {"gain": g}) for g in (0.25, 0.25, 128**-0.5)]
    other = at(2, **hidden, output_initialization="mean_field")
    assert other[0] == ("xavier_uniform", {"gain": 0.25})
    assert other[1] == ("mean_field", {"weight_std": 2**0.5, "bias_std": 0.0})


@pytest.mark.parametrize("depth", [1, 3])
def test_networks_start_from_them(depth):
    model = MLPSettings(
        depth=depth, width=50, batch_norm=False, initialization="xavier_uniform",
        initialization_settings={"gain": 2}, output_initialization="mean_field",
        output_initialization_settings={"bias_std": 1.5},
    ).model_dump()  # fmt: skip
    family = create_family(model, (40,), 30)
    views = family.parameters.views(family.initialize([1])[0])
    last = views[f"weight_{depth}"]
    assert last.std() == pytest.approx((2 / last.shape[2]) ** 0.5, rel=0.1)
    assert views[f"bias_{depth}"].std() == pytest.approx(1.5, rel=0.5)
    for layer in range(1, depth):
        bound = np.abs(views[f"weight_{layer}"]).max()
        fans = sum(views[f"weight_{layer}"].shape[1:])
        assert bound == pytest.approx(2 * (6 / fans) ** 0.5, rel=0.01)
        assert (views[f"bias_{layer}"] == 0).all()


def test_kaiming_by_fan_out_keeps_gradients():
    from layeratlas.networks.layout import ParameterTensor

    tensor = ParameterTensor("weight_1", (2000, 30, 3, 3), "weight", 1)
    drawn = load_rule("kaiming_normal")(np.random.default_rng(0), tensor, 270, fan="fan_out")
    assert drawn.var() == pytest.approx(2 / (2000 * 9), rel=0.02)
