"""Entries of networks: what the kernels train needs no forward, all else does."""

from __future__ import annotations

import pytest

from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.entries import forward_entries, network_entries
from layeratlas.networks.initialization.registry import RULES
from layeratlas.networks.registry import FAMILIES

PLAIN = {"family": "mlp", "initialization": "uniform_fan_in"}
AUTOGRAD = {"layeratlas.networks.autograd", "layeratlas.networks.functional"}


def test_kernels_need_no_forward_and_others_do():
    fused = {FAMILIES["mlp"].family, RULES["uniform_fan_in"].draw}
    assert network_entries([PLAIN, PLAIN], starts=True) == fused
    assert network_entries([PLAIN], starts=False) == {FAMILIES["mlp"].family}
    tanh = {**PLAIN, "activation": "tanh", "output_initialization": "mean_field"}
    fused |= {RULES["mean_field"].draw}
    assert network_entries([tanh], starts=True) == fused | {ACTIVATIONS["tanh"].written}
    assert network_entries([{**tanh, "batch_norm": True}], starts=True) == fused | AUTOGRAD | {
        FAMILIES["mlp"].forward, ACTIVATIONS["tanh"].function,
    }  # fmt: skip
    assert forward_entries([PLAIN]) == {
        FAMILIES["mlp"].forward, ACTIVATIONS["leaky_relu"].function,
        "layeratlas.networks.functional",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"family": "rnn"}, {"activation": "swish"}, {"initialization": "zeros"}]
)
def test_a_name_that_is_in_no_table_is_an_error(wrong):
    with pytest.raises(KeyError):
        network_entries([PLAIN | wrong], starts=True)
