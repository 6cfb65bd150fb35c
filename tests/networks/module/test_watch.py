"""Uses by name, and tensors read in the place of others."""

from __future__ import annotations

import torch

from layeratlas.networks.module.watch import Replacing, use_name


def test_uses_after_the_first_are_counted():
    assert [use_name("a.b", n) for n in (1, 2, 3)] == ["a.b", "a.b@2", "a.b@3"]


def test_whatever_reads_a_tensor_reads_the_one_in_its_place():
    x, other = torch.ones(2), torch.full((2,), 5.0)
    replacing = Replacing()
    with replacing:
        assert (x + 1).tolist() == [2, 2]
        replacing.table[id(x)] = other
        assert (x + 1).tolist() == [6, 6]
        assert torch.cat([x, x[:1]]).tolist() == [5, 5, 5]
        assert torch.stack(tensors=(x, other))[0].tolist() == [5, 5]
    assert (x + 1).tolist() == [2, 2]
