"""Tensors put in place, and parts that answer to the engine."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from layeratlas.networks.module.inner import Inner


def test_tensors_are_put_in_place_and_taken_away_again():
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    module[1].weight = module[0].weight
    own = module[0].weight
    inner = Inner(module)
    assert list(inner.slots) == ["0.weight", "0.bias", "1.bias"]
    zero = {name: torch.zeros_like(slot.value) for name, slot in inner.slots.items()}
    output, _, _ = inner(zero, torch.ones(3, 2), training=True)
    assert (output == 0).all()
    assert module[0].weight is module[1].weight is own
    with pytest.raises(RuntimeError):
        inner(zero, torch.ones(3, 5), training=True)
    assert module[0].weight is own


@pytest.mark.parametrize("part", [nn.Dropout(0.5), nn.Dropout2d(0.5), nn.Dropout1d(0.5)])
def test_dropout_multiplies_by_the_callers_factors_or_does_nothing(part):
    inner = Inner(nn.Sequential(part))
    x = torch.randn(3, 4, 5) if isinstance(part, nn.Dropout1d) else torch.randn(3, 4, 5, 6)
    output, _, done = inner({}, x, training=True)
    assert torch.equal(output, x)
    (rate, shape) = done.drops[0]
    assert rate == 0.5
    assert shape == (x.shape if type(part) is nn.Dropout else (3, 4, *[1] * (x.ndim - 2)))
    factors = torch.randn(shape)
    assert torch.equal(inner({}, x, training=True, factors=[factors])[0], x * factors)


@pytest.mark.parametrize("track", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_in_a_stack_is_that_of_each_member(track, training):
    norm = nn.BatchNorm2d(3, momentum=0.3, track_running_stats=track, dtype=torch.float64)
    inner = Inner(nn.Sequential(norm))
    members = 4
    tensors = {
        name: slot.value.detach() + 0.3 * torch.rand(members, 3, dtype=torch.float64)
        for name, slot in inner.slots.items()
    }
    x = torch.randn(members, 5, 3, 2, 2, dtype=torch.float64)

    def one(tensors, x):
        output, held, _ = inner(tensors, x, training=training, stacked=True)
        return output, held

    outputs, held = torch.vmap(one)(tensors, x)
    for e in range(members):
        own = {name: tensor[e].clone() for name, tensor in tensors.items()}
        output, moved, _ = inner(own, x[e], training=training)
        torch.testing.assert_close(outputs[e], output, rtol=1e-10, atol=1e-12)
        assert set(moved) == set(held) == ({"0.running_mean", "0.running_var"} if track else set())
        for name, value in moved.items():
            torch.testing.assert_close(held[name][e], value, rtol=1e-10, atol=1e-12)
