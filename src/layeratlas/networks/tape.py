"""What each affine map of a network reads and gives in one pass.

A family names its affine maps, h = W x + b at every position of a sample, and its forward notes
each of them on a tape as it comes to it. Whatever the map is, the tape shows rows: `(member,
sample, position, fan_in)` read and `(member, sample, position, fan_out)` given, with one position
for a dense map, the pixels of its output for a convolution (whose rows are patches, (channel, row,
column) flattened), tokens for a map of tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from layeratlas.networks.affine import Affine, AffineKind

__all__ = ["Affine", "AffineKind", "Noted", "Rows", "Tape", "matrix"]

Rows = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Noted:
    """One map in one pass, as the forward has it.

    `read` and `given` are parts of the graph; `rows_read` and `rows_given` lay such tensors out as
    rows. `bias`, `(member, fan_out)`, is added to the rows given, where `given` lacks it.
    """

    read: Tensor
    given: Tensor
    rows_read: Rows
    rows_given: Rows
    bias: Tensor | None = None

    @property
    def inputs(self) -> Tensor:
        """x, `(member, sample, position, fan_in)`."""
        return self.rows_read(self.read)

    @property
    def outputs(self) -> Tensor:
        """h = W x + b, `(member, sample, position, fan_out)`."""
        rows = self.rows_given(self.given)
        return rows if self.bias is None else rows + self.bias[:, None, None]

    def cotangent(self, gradient: Tensor) -> Tensor:
        """Rows of a derivative with respect to `given`, and so with respect to h."""
        return self.rows_given(gradient)

    def part(self, at: int, of: int) -> Noted:
        """The same map with the outputs of one of equal parts alone."""
        bias = None if self.bias is None else _part(self.bias, 1, at, of)
        rows = self.rows_given
        return replace(self, rows_given=lambda y: _part(rows(y), -1, at, of), bias=bias)


class Tape(Mapping[str, Noted]):
    """The maps of one pass, by name, in the order in which the pass came to them."""

    def __init__(self) -> None:
        self._noted: dict[str, Noted] = {}

    def note(
        self,
        name: str,
        read: Tensor,
        given: Tensor,
        rows_read: Rows,
        rows_given: Rows,
        bias: Tensor | None = None,
    ) -> None:
        """Keep a map; ValueError where the pass comes to one map twice."""
        if name in self._noted:
            raise ValueError(f"affine map {name!r} is used twice in one pass")
        self._noted[name] = Noted(read, given, rows_read, rows_given, bias)

    def of(self, affine: Affine) -> Noted:
        """What a map, or a part of one, read and gave."""
        noted = self[affine.noted]
        return noted if affine.part is None else noted.part(*affine.part)

    def __getitem__(self, name: str) -> Noted:
        return self._noted[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._noted)

    def __len__(self) -> int:
        return len(self._noted)


def _part(values: Tensor, axis: int, at: int, of: int) -> Tensor:
    """One of equal parts along an axis; ValueError where there are none."""
    size, rest = divmod(values.shape[axis], of)
    if rest:
        raise ValueError(f"{values.shape[axis]} outputs have no {of} equal parts")
    return values.narrow(axis, at * size, size)


def matrix(affine: Affine, weight: Tensor) -> Tensor:
    """W of h = W x + b as the tape's rows have it, `(member, fan_out, fan_in)`.

    weight: `(member, *shape)`, the tensor of the layout that the map names.
    """
    if affine.kind == "scale":
        return weight.diag_embed()
    if affine.transposed:
        return weight.transpose(1, 2)
    if affine.groups == 1:
        rows = weight.flatten(2)
        return rows if affine.part is None else _part(rows, 1, *affine.part)
    # (member, group, out, in·kernel), each group's block at its own place.
    blocks = weight.unflatten(1, (affine.groups, -1)).flatten(3)
    where = torch.eye(affine.groups, dtype=weight.dtype, device=weight.device)
    spread = blocks[:, :, :, None, :] * where[:, None, :, None]
    return spread.flatten(3).flatten(1, 2)
