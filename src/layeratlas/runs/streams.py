"""Random streams keyed by (seed, purpose, epoch).

A key is two 32-bit words derived by BLAKE2b; the words of a stream are Threefry-2x32-20 of
(key, element, step), which has no state. So a run's random numbers depend on nothing but its
own seed: not on its shard, slot or neighbours, nor on where a resumed job picked up again.

The seed fixes initialisation, shuffling, noise and dropout, and nothing else does: runs that
differ only in a slope or a learning rate share their draws, as in the authors' code, which
pairs the cells of a grid and takes seed noise out of their comparison.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

__all__ = ["generator", "key", "keys"]


def key(seed: int, purpose: str, epoch: int = 0) -> np.ndarray:
    """Two uint32 words for (seed, purpose, epoch)."""
    text = f"{int(seed)}/{purpose}/{int(epoch)}".encode()
    digest = hashlib.blake2b(text, digest_size=8, person=b"layeratlas-rng").digest()
    return np.frombuffer(digest, "<u4").astype(np.uint32)


def keys(seeds: Sequence[int], purpose: str, epoch: int = 0) -> np.ndarray:
    """Keys of several members, `(member, 2)` uint32."""
    return np.stack([key(s, purpose, epoch) for s in seeds])


def generator(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """A numpy generator (Philox) for draws outside the training loop, such as initial weights."""
    words = key(seed, purpose, epoch).astype(np.uint64)
    return np.random.Generator(np.random.Philox(key=int(words[0]) | int(words[1]) << 32))
