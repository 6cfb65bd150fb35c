"""What is refused of a module before any job, and what of its passes is found."""

from __future__ import annotations

import pytest
from made.modules import family_of

from layeratlas.errors import ConfigError

ODD = {
    "NoMap": "has no affine map",
    "Changing": "changes its shape between calls: its output is",
    "Growing": "changes its shape between calls: map 'inner'",
    "Random": "reads randomness in its forward; .* only nn.Dropout",
    "Functional": "reads randomness in its forward",
    "Pair": "gives a tuple; its forward must return one tensor",
    "Wide": r"gives outputs of shape \(2, 5\) for 2 samples; the data set asks for \(sample, 4\)",
    "Failing": r"fails on 2 inputs of shape \(3, 8, 8\): RuntimeError.*line \d+ of odd.py",
    "Counting": "gives other outputs when it is called again",
    "Buffered": "changes its buffer 'seen' in a call",
    "Averaging": "batch norm 'norm' has momentum None; give it a number",
    "Detached": "its output depends on none of its maps",
    "Moody": "comes to other maps in training than in evaluation: second",
}


@pytest.mark.parametrize("name", ODD)
def test_what_no_experiment_can_train_is_told_in_a_sentence(name):
    with pytest.raises(ConfigError, match=ODD[name]) as refusal:
        family_of("", reference=f"made.odd:{name}", settings={})
    text = str(refusal.value)
    assert text.startswith("model.from: 'made.odd:")
    assert len(text) <= 380


def test_a_pattern_that_fits_no_map_names_the_maps():
    with pytest.raises(ConfigError, match=r"'convv1' fits no map .*did you mean 'conv1'"):
        family_of("ResNet", layers=["convv1"])


def test_a_graph_is_as_large_as_what_it_keeps_of_a_sample():
    """Of a map that is followed by tanh: its input, and the activation."""
    family = family_of("", reference="made.modules:Residual", settings={}, input_shape=(3,))
    assert 3 + 5 <= family.graph_size <= 3 + 5 + 5 + 5


def test_attention_with_rows_of_keys_of_its_own_is_left_to_torch():
    """Its dropout would be torch's draw; without one it trains, and has no maps of the tape."""
    family = family_of("", reference="made.odd:OddAttention", settings={})
    assert [a.name for a in family.affines] == ["embed", "head"]
    with pytest.raises(ConfigError, match="reads randomness"):
        family_of("", reference="made.odd:OddAttention", settings={"dropout": 0.1})
