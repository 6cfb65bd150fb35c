"""Minibatches in torch: members apart, nothing touched that has no noise."""

from __future__ import annotations

import torch

from layeratlas.backends.plain.data import add_input_noise, gather, permutations, replace_labels
from layeratlas.runs.streams import keys

KEYS = torch.as_tensor(keys([1, 2, 3], "label_noise", 1).astype("int64"))


def test_gather_is_indexing():
    source = torch.arange(12.0).reshape(4, 3)
    index, out = torch.tensor([[3, 0], [1, 1]]), torch.zeros(2, 2, 3)
    gather(source, index, out)
    assert out.tolist() == [[[9, 10, 11], [0, 1, 2]], [[3, 4, 5], [3, 4, 5]]]


def test_permutations_are_of_each_member_alone():
    together, alone = torch.zeros(3, 20, dtype=torch.int64), torch.zeros(1, 20, dtype=torch.int64)
    permutations(KEYS, 4, together)
    assert torch.equal(together.sort(dim=1).values, torch.arange(20).expand(3, 20))
    permutations(KEYS[1:2], 4, alone)
    assert torch.equal(alone[0], together[1])


def test_noise_is_of_each_member_alone():
    strength = torch.tensor([0.5, 0.0, 0.5], dtype=torch.float64)
    x = torch.linspace(-1, 1, 3 * 10 * 4).reshape(3, 10, 4)
    noisy, alone = x.clone(), x[2:].clone()
    add_input_noise(noisy, strength, KEYS, 1)
    add_input_noise(alone, strength[2:], KEYS[2:], 1)
    assert torch.equal(noisy[1], x[1]) and torch.equal(noisy[2], alone[0])
    assert (noisy[0] != x[0]).all()
    labels = torch.full((3, 10), 7)
    replace_labels(labels, strength, 5, KEYS, 1)
    assert (labels < 5).sum(dim=1).tolist() == [5, 0, 5]
