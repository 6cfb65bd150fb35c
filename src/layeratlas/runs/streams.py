"""Random streams keyed by (seed, purpose, epoch).

A key is two 32-bit words derived by BLAKE2b. What is drawn from it is a job's own choice:

- inside a loop over steps (order of the images, fresh noise, dropout, noise on chains), words are
  Threefry-2x32-20 of (key, element, step), which has no state (`layeratlas.backends`);
- once a run (initial weights, a probe's input and target, starts and probes of Hessians), numpy's
  Philox under the key: `generator`.

So a run's random numbers depend on nothing but its own seed: not on its shard, slot or neighbours,
nor on where a resumed job picked up again. Runs that differ only in a slope or a learning rate
share their draws, as in the authors' code, which pairs the cells of a grid and takes seed noise out
of their comparison.

Two kinds of draw belong to the data set and know no seed of a run: training and test images are
chosen by torch's generator (`datasets.preprocessing`), static noise is numpy's default generator,
PCG64 (`datasets.noise`).
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
    """numpy's Philox under the key, for draws made once a run, such as initial weights."""
    words = key(seed, purpose, epoch).astype(np.uint64)
    return np.random.Generator(np.random.Philox(key=int(words[0]) | int(words[1]) << 32))
