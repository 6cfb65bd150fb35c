"""Random words and normals: the Threefry-2x32-20 words of `backends.fused.words`, in torch.

A network sees the same noise on either device; normals differ in their last bits, being exact here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry(keys: Tensor, count: int, stream: int, *, first: int = 0) -> tuple[Tensor, Tensor]:
    """Words of `count` elements from `first` on: two int64 tensors `(member, count)`, below 2^32.

    Threefry-2x32-20, Salmon, Moraes, Dror and Shaw, SC 2011. torch has no unsigned 32-bit
    arithmetic, so sums are masked back to 32 bits.
    """
    k0, k1 = keys[:, 0:1], keys[:, 1:2]
    schedule = (k0, k1, k0 ^ k1 ^ 0x1BD11BDA)
    x0 = (torch.arange(first, first + count, device=keys.device)[None, :] + k0) & _MASK
    x1 = (stream + k1) & _MASK
    x1 = x1.expand_as(x0)
    for block in range(5):
        for r in _ROTATIONS[block % 2]:
            x0 = (x0 + x1) & _MASK
            x1 = (((x1 << r) & _MASK) | (x1 >> (32 - r))) ^ x0
        x0 = (x0 + schedule[(block + 1) % 3]) & _MASK
        x1 = (x1 + schedule[(block + 2) % 3] + block + 1) & _MASK
    return x0, x1


def normals(keys: Tensor, size: int, stream: int) -> Tensor:
    """Standard normals `(member, size)`: element i and i + size//2 share one pair of words."""
    half = size // 2
    a, b = box_muller(*threefry(keys, half + size % 2, stream))
    return torch.cat([a[:, :half], b[:, :half], a[:, half:]], dim=1)


def box_muller(b0: Tensor, b1: Tensor) -> tuple[Tensor, Tensor]:
    """Two standard normals, float64, of each pair of words."""
    u = (b0 >> 9).double() * 2.0**-23 + 2.0**-24
    angle = b1.double() * (2.0 * math.pi / 2.0**32)
    radius = torch.sqrt(-2.0 * torch.log(u))
    return radius * torch.cos(angle), radius * torch.sin(angle)


def random_words(key: Tensor, stream: int, out: Tensor) -> None:
    x0, x1 = threefry(key[None, :], out.shape[0] // 2, stream)
    out.copy_(torch.cat([x0[0], x1[0]]))
