"""The tape: rows of what a map reads and gives, and of cotangents."""

from __future__ import annotations

import pytest
import torch

from layeratlas.networks.tape import Tape


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
