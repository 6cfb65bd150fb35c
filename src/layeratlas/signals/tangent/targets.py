"""Vectors that tangent kernels are held against: labels, permuted labels, the residual."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from layeratlas.losses.base import Loss, are_numbers
from layeratlas.runs.streams import generator

__all__ = ["PERMUTATIONS", "Against", "against", "label_matrix"]

#: Permutations of the labels that alignments are compared with.
PERMUTATIONS = 20


@dataclass(frozen=True)
class Against:
    """Labels and residuals of one network, `(output, sample)` each but for `permuted`.

    `labels` is Ỹ = Y − mean over samples; `residual` is ∂(Σ loss)/∂f, of cross-entropy
    softmax(f) − Y; `permuted` `(output, sample, permutation)`.
    """

    labels: Tensor
    residual: Tensor
    permuted: Tensor

    @property
    def vectors(self) -> Tensor:
        """Ỹ and the residual, both centred over samples, `(output, sample, 2)`."""
        w = self.residual - self.residual.mean(1, keepdim=True)
        return torch.stack([self.labels, w], dim=-1)


def label_matrix(targets: Tensor, outputs: int) -> Tensor:
    """Y `(sample, output)`: one-hot classes, or numbers as they are; one output of two classes has
    its class as a number. Float64."""
    if are_numbers(targets) or outputs == 1:
        return targets.double().reshape(len(targets), -1)
    return torch.nn.functional.one_hot(targets.long(), outputs).double()


def against(f: Tensor, targets: Tensor, loss: Loss, key: str) -> Against:
    """What the kernels of one network are held against.

    f `(sample, output)`; targets as its loss takes them; `key` says what the permutations, which
    all networks share, are drawn for.
    """
    y = label_matrix(targets, f.shape[-1]).to(f.device)
    y = (y - y.mean(0)).to(f.dtype)
    residual = loss.gradient(f.detach()[None], targets[None])[0]
    draw = generator(0, f"signals/permutations/{key}")
    orders = torch.stack([torch.as_tensor(draw.permutation(len(y))) for _ in range(PERMUTATIONS)])
    permuted = y[orders.to(y.device)].permute(2, 1, 0)
    return Against(y.T.contiguous(), residual.to(f).T.contiguous(), permuted)
