"""Minibatches in torch: order of images, copying them, noise. Twins of `backends.fused.data`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends.plain.words import normals, threefry


def gather(source: Tensor, index: Tensor, out: Tensor) -> None:
    out.copy_(source[index])


def add_input_noise(x: Tensor, strength: Tensor, keys: Tensor, stream: int) -> None:
    if x.device.type == "cpu":
        # One by one: torch splits a joint reduction by the number of members.
        std = torch.stack([member.std(unbiased=False) for member in x])
    else:
        std = x.flatten(1).std(dim=1, unbiased=False)
    scale = (strength * std).to(x.dtype)[:, None, None]
    noise = normals(keys, x[0].numel(), stream).view_as(x)
    # Members without noise keep their bits: 0 · noise added would still turn -0 into +0.
    noisy = x + scale * noise.to(x.dtype)
    x.copy_(torch.where((strength > 0)[:, None, None], noisy, x))


def replace_labels(
    labels: Tensor, strength: Tensor, n_classes: int, keys: Tensor, stream: int
) -> None:
    n = labels.shape[1]
    b0, b1 = (w.cpu().numpy() for w in threefry(keys, n, stream))
    counts = (strength.cpu().numpy() * n).astype(np.int64)
    host = labels.cpu().numpy()
    # A sequential swap of a few thousand integers: the host does it faster than a GPU.
    for e, count in enumerate(counts):
        order = np.arange(n)
        for i in range(count):
            j = i + int(b0[e, i]) * (n - i) // 2**32
            order[[i, j]] = order[[j, i]]
            host[e, order[i]] = int(b1[e, i]) * n_classes // 2**32
    labels.copy_(torch.as_tensor(host))


def permutations(keys: Tensor, stream: int, out: Tensor) -> None:
    n = out.shape[1]
    words = threefry(keys, n, stream)[0].cpu().numpy()
    order = np.tile(np.arange(n), (out.shape[0], 1))
    rows = np.arange(out.shape[0])
    for i in range(n - 1):
        j = i + words[:, i] * (n - i) // 2**32
        order[rows, j], order[:, i] = order[:, i].copy(), order[rows, j]
    out.copy_(torch.as_tensor(order))
