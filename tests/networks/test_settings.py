"""Settings of families: which one is meant, and what it refuses."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from layeratlas.networks.initialization.registry import RULES
from layeratlas.networks.registry import FAMILIES, create_family
from layeratlas.networks.settings import (
    BlockCNNSettings,
    MLPSettings,
    ModelSettings,
    ResidualMLPSettings,
)
from layeratlas.runs.settings import plain_settings


def test_the_family_chooses_the_settings():
    model = TypeAdapter(ModelSettings)
    assert model.validate_python({}) == MLPSettings()
    assert model.validate_python({"width": 7}) == MLPSettings(width=7)
    assert model.validate_python({"family": "block_cnn"}) == BlockCNNSettings()
    assert model.validate_python(BlockCNNSettings(channels=4)).channels == 4
    for wrong in ({"family": "block_cnn", "width": 7}, {"channels": 7}, {"family": "rnn"}, 3):
        with pytest.raises(ValidationError):
            model.validate_python(wrong)


def test_a_rule_becomes_the_number_of_its_depth():
    assert ResidualMLPSettings(depth=16).resolved_branch_scale == 0.25
    assert ResidualMLPSettings(depth=10, branch_scale="1/L").resolved_branch_scale == 0.1
    assert ResidualMLPSettings(depth=10, branch_scale=0.7).resolved_branch_scale == 0.7


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"branch_scale": "L"}, "branch_scale must be a number or a rule"),
        ({"branch_scale": 1.5}, r"branch_scale must lie in \[0, 1\], not 1.5"),
        ({"branch_scale": "3/sqrt(L)", "depth": 4}, r"not 3/sqrt\(L\) \(1.5 at depth 4\)"),
        ({"batch_norm": True}, "batch_norm is not offered by family 'residual_mlp'"),
        ({"dropout": 0.1}, "dropout is not offered by family 'residual_mlp'"),
        ({"depth": 2}, "greater than or equal to 3"),
    ],
)
def test_what_the_family_lacks_is_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        ResidualMLPSettings(**wrong)


def test_negative_slopes_below_zero_are_refused():
    """The backward pass reads a pre-activation's sign off its activation; |x| has none."""
    with pytest.raises(ValidationError):
        MLPSettings(negative_slope=-0.1)


def test_every_family_offers_the_rules_there_are():
    models = [MLPSettings, ResidualMLPSettings, BlockCNNSettings]
    assert [model.model_fields["family"].default for model in models] == [
        name for name in FAMILIES if name != "module"
    ]
    for model in models:
        for rule in RULES:
            assert model(initialization=rule).initialization == rule


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"activation": "tnah"}, "'leaky_relu', 'relu', 'tanh', 'gelu' or 'quadratic'"),
        ({"activation": "tanh", "negative_slope": 0.1}, "0.1 is no setting of activation 'tanh'"),
        ({"activation": "relu", "negative_slope": 0.1}, "0.1 is no setting of activation 'relu'"),
        ({"initialization_settings": {"gian": 2}}, "unknown setting of initial law 'uniform_fan"),
        ({"initialization": "mean_field", "initialization_settings": {"weight_std": -1}},
         "weight_std: input should be greater than or equal to 0"),
        ({"initialization": "xavier_uniform", "initialization_settings": {"gain": [1, 2]}},
         "a number for each of the 8 maps"),
        ({"output_initialization": "xavier"}, "'xavier_uniform' or 'mean_field'"),
        ({"initialization": "xavier_uniform", "output_initialization_settings": {"gain": [1.0]}},
         "the read-out is one map: give a number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", [MLPSettings, ResidualMLPSettings, BlockCNNSettings])
def test_what_does_not_go_together_is_refused(model, wrong, told):
    with pytest.raises(ValidationError, match=told):
        model(**wrong)


def test_a_law_keeps_what_departs_from_its_defaults():
    """So that runs keep their ids when a law comes to have a setting."""
    given = {"weight_std": 1, "bias_std": 0}
    found = MLPSettings(initialization="mean_field", initialization_settings=given)
    assert found.initialization_settings == {"weight_std": 1.0}
    kaiming = MLPSettings(
        initialization="kaiming_normal", initialization_settings={"fan": "fan_in"}
    )
    assert kaiming == MLPSettings(initialization="kaiming_normal")
    assert plain_settings(kaiming).keys() == {
        "family", "depth", "width", "batch_norm", "negative_slope", "dropout", "initialization",
    }  # fmt: skip


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
@pytest.mark.parametrize("model", [MLPSettings, ResidualMLPSettings, BlockCNNSettings])
def test_weights_are_counted_as_they_lie(model, depth):
    breadth = {"channels": 5} if model is BlockCNNSettings else {"width": 9}
    if model is ResidualMLPSettings:
        depth, breadth = depth + 2, breadth | {"branch_scale": 0.5}
    settings = model(depth=depth, **breadth)
    family = create_family(settings.model_dump(), (3, 4, 4), 6)
    weights = sum(t.size for t in family.parameters.tensors if t.role == "weight")
    assert settings.n_weights(3, 4, 6) == weights
    held = sum(family.layer_sizes[:-1])
    if model is BlockCNNSettings:  # features are pooled, a quarter of their image
        held = 48 + 4 * (held - 48)
    assert settings.n_features(3, 4) == held
