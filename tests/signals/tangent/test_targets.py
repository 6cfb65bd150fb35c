"""Labels, residuals and permutations that kernels are held against."""

from __future__ import annotations

import torch

from layeratlas.losses.registry import loss_of
from layeratlas.signals.tangent.targets import PERMUTATIONS, against, label_matrix

CROSS_ENTROPY = loss_of({"loss": "cross_entropy"})


def test_residual_of_cross_entropy_is_softmax_minus_labels():
    f = torch.randn(7, 3, dtype=torch.float64)
    y = torch.as_tensor([0, 1, 2, 0, 1, 2, 2])
    held = against(f, y, CROSS_ENTROPY, "train/0")
    onehot = torch.nn.functional.one_hot(y, 3).double()
    torch.testing.assert_close(held.residual.T, f.softmax(-1) - onehot)
    torch.testing.assert_close(held.labels.T, onehot - onehot.mean(0))
    torch.testing.assert_close(held.vectors.sum(1), torch.zeros(3, 2).double())
    assert held.permuted.shape == (3, 7, PERMUTATIONS)


def test_permutations_keep_the_labels_of_an_example_together_and_are_shared():
    y = torch.as_tensor([0, 1, 2, 0, 1, 2, 2])
    one, other = (
        against(torch.randn(7, 3), y, CROSS_ENTROPY, "train/0").permuted for _ in range(2)
    )
    assert torch.equal(one, other)
    labels = against(torch.randn(7, 3), y, CROSS_ENTROPY, "train/0").labels
    there = sorted(map(tuple, labels.T.tolist()))
    for permuted in one.permute(2, 1, 0).tolist():
        assert sorted(map(tuple, permuted)) == there


def test_one_output_and_numbers_are_their_own_labels():
    assert label_matrix(torch.as_tensor([0, 1, 1]), 1).tolist() == [[0.0], [1.0], [1.0]]
    assert label_matrix(torch.randn(4, 2), 2).shape == (4, 2)
