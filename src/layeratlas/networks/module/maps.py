"""Which modules of torch are affine maps, and how what they read and give is laid out as rows.

`Linear` on `(sample, feature)` is dense, on more axes a map of tokens; `Conv1d` and `Conv2d` with
any stride, padding, dilation and number of groups are convolutions, whose rows read are patches;
`Embedding` is a map of tokens that reads one-hot rows, made when they are read. The projections of
`MultiheadAttention` are maps of their own (`inner`). Transposed and three-dimensional convolutions,
bilinear and recurrent layers are trained as any module is, but are no maps of the tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from layeratlas.networks.module.extent import Extent
from layeratlas.networks.tape import AffineKind

AFFINE = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Embedding)


def kind_of(module: nn.Module | None, read_axes: int) -> AffineKind:
    """The kind of a map; `module` is None for a projection inside attention."""
    if isinstance(module, nn.Conv1d | nn.Conv2d):
        return "conv"
    return "dense" if read_axes == 2 and isinstance(module, nn.Linear) else "token"


@dataclass(frozen=True)
class Layout:
    """Rows `(1, sample, position, …)` of the tensors that one use of a map reads and gives."""

    module: nn.Module | None
    read: Extent
    given: Extent

    def rows_read(self, x: Tensor, dtype: torch.dtype) -> Tensor:
        """x; patches of a convolution have (channel, row, column) flattened.

        `dtype` is that of one-hot rows, which are made here.
        """
        if isinstance(self.module, nn.Conv1d | nn.Conv2d):
            patches = patches_of(self.module, x).transpose(1, 2)
            return patches.unflatten(0, (-1, self.read.multiple)).flatten(1, 2)[None]
        if isinstance(self.module, nn.Embedding):
            onehot = functional.one_hot(x.long(), self.module.num_embeddings)
            return _last(self.read.samples_first(onehot.to(dtype)))
        return _last(self.read.samples_first(x))

    def rows_given(self, y: Tensor) -> Tensor:
        """W x + b, or a derivative with respect to it."""
        first = self.given.samples_first(y)
        if isinstance(self.module, nn.Conv1d | nn.Conv2d):
            # (sample, multiple, channel, *pixels): pixels are positions.
            return _last(first.movedim(2, -1))
        return _last(first)


def _last(x: Tensor) -> Tensor:
    """`(sample, …, feature)` → `(1, sample, position, feature)`."""
    return x.flatten(1, -2)[None]


def patches_of(module: nn.Conv1d | nn.Conv2d, x: Tensor) -> Tensor:
    """What each output pixel of a convolution reads: `(sample, channel·kernel, pixel)`."""
    flat = x[:, :, None] if x.ndim == 3 else x
    pads = _pads(module)
    if any(pads):
        mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
        # Other modes than zeros know as many axes as they pad.
        padded = functional.pad(x, pads, mode=mode)
        flat = padded[:, :, None] if x.ndim == 3 else padded
    return functional.unfold(
        flat,
        _both(module.kernel_size),
        dilation=_both(module.dilation),
        stride=_both(module.stride),
    )


def _pads(module: nn.Conv1d | nn.Conv2d) -> list[int]:
    """As `functional.pad` takes them: the last axis first, before and behind."""
    found: list[int] = []
    for i in reversed(range(len(module.kernel_size))):
        if module.padding == "valid":
            before = behind = 0
        elif module.padding == "same":
            total = module.dilation[i] * (module.kernel_size[i] - 1)
            before, behind = total // 2, total - total // 2
        else:
            before = behind = int(module.padding[i])  # type: ignore[arg-type]
        found += [before, behind]
    return found


def _both(sizes: Sequence[int]) -> tuple[int, int]:
    return (1, int(sizes[0])) if len(sizes) == 1 else (int(sizes[0]), int(sizes[1]))
