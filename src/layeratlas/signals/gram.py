"""A matrix times its own transpose, which is symmetric: half of it need not be multiplied.

BLAS has a product of its own for it (syrk). numpy calls it where both factors are the same memory,
torch does not; on a GPU torch multiplies.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["of_columns", "of_rows"]


def of_rows(x: Tensor) -> Tensor:
    """x xᵀ of `(member, row, column)`, `(member, row, row)`; without derivative."""
    if x.device.type != "cpu":
        return x.detach() @ x.detach().mT
    values: Any = x.detach().numpy()
    return torch.from_numpy(values @ values.swapaxes(1, 2))


def of_columns(x: Tensor) -> Tensor:
    """xᵀx, `(member, column, column)`."""
    return of_rows(x.mT)
