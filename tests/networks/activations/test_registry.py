"""The table of activations: what the kernels know is what they compute."""

from __future__ import annotations

import pytest

from layeratlas.errors import ConfigError
from layeratlas.networks.activations.registry import ACTIVATIONS, DEFAULT, ActivationEntry
from layeratlas.networks.registry import fused


def test_the_kernels_know_the_leaky_ones():
    assert [name for name, entry in ACTIVATIONS.items() if entry.fused] == ["leaky_relu", "relu"]
    assert ACTIVATIONS[DEFAULT].fused and ACTIVATIONS[DEFAULT].slope
    assert fused({"family": "mlp"}) and fused({"family": "mlp", "activation": "relu"})
    # Written out with its derivative, where no batch norm stands between.
    assert fused({"family": "mlp", "activation": "tanh"})
    assert not fused({"family": "mlp", "activation": "tanh", "batch_norm": True})
    assert not fused({"family": "residual_mlp", "activation": "tanh"})
    assert not fused({"family": "block_cnn", "activation": "tanh"})
    assert not fused({"family": "block_cnn"})


def test_a_name_is_given_once():
    with pytest.raises(ConfigError, match="there is one of that name already"):
        ACTIVATIONS.add(ActivationEntry("tanh", "my_file:tanh"))
