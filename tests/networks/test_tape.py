"""The tape: rows of what a map reads and gives, and of cotangents."""

from __future__ import annotations

import pytest
import torch

from layeratlas.networks.tape import Affine, Tape, matrix


def test_rows_of_a_dense_map_and_its_cotangent():
    x, w, b = torch.randn(2, 5, 3), torch.randn(2, 4, 3), torch.randn(2, 4)
    given = (x @ w.mT).requires_grad_()
    tape = Tape()
    tape.note("layer_1", x, given, lambda t: t[:, :, None], lambda t: t[:, :, None], b)
    noted = tape["layer_1"]
    torch.testing.assert_close(noted.inputs, x[:, :, None])
    torch.testing.assert_close(noted.outputs[:, :, 0], x @ w.mT + b[:, None])
    (gradient,) = torch.autograd.grad(noted.outputs.square().sum(), noted.given)
    torch.testing.assert_close(noted.cotangent(gradient), 2 * noted.outputs.detach())
    assert list(tape) == ["layer_1"]


def test_a_map_used_twice_is_refused():
    tape, x = Tape(), torch.zeros(1, 1, 1)
    tape.note("a", x, x, torch.clone, torch.clone)
    with pytest.raises(ValueError, match="'a' is used twice in one pass"):
        tape.note("a", x, x, torch.clone, torch.clone)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_the_matrix_of_a_convolution_has_a_block_for_each_group(groups):
    affine = Affine("conv", "conv", "weight", None, 1, groups=groups)
    weight = torch.randn(2, 6, 6 // groups, 3, 2)
    found = matrix(affine, weight)
    assert found.shape == (2, 6, 36)
    for e in range(2):
        blocks = weight[e].flatten(1).chunk(groups)
        assert torch.equal(found[e], torch.block_diag(*blocks))


def test_the_matrix_of_a_scale_is_diagonal_and_of_an_embedding_turned():
    weight = torch.randn(2, 5)
    scale = matrix(Affine("norm", "scale", "weight", None, 1), weight)
    assert torch.equal(scale, torch.stack([w.diag() for w in weight]))
    table = torch.randn(2, 7, 3)
    embedding = Affine("embed", "token", "weight", None, 1, transposed=True)
    assert torch.equal(matrix(embedding, table), table.transpose(1, 2))
    dense = Affine("dense", "dense", "weight", None, 1)
    assert torch.equal(matrix(dense, table), table)
