"""What is drawn from (seed, purpose, epoch), number by number in Python: the slow twin of kernels.

Word = Threefry-2x32-20 of the key, a hash of (seed, purpose, epoch), and the counter (element,
stream); the stream counts minibatches of the epoch, for dropout layers within them.
"""

from __future__ import annotations

import hashlib
import itertools
import math

import numpy as np

MASK = 2**32 - 1


def threefry(counter: tuple[int, int], key: tuple[int, int]) -> tuple[int, int]:
    """Threefry-2x32-20 round by round, in Python's integers."""
    schedule = [*key, key[0] ^ key[1] ^ 0x1BD11BDA]
    x0, x1 = ((c + k) & MASK for c, k in zip(counter, key, strict=True))
    for i, r in enumerate(itertools.islice(itertools.cycle([13, 15, 26, 6, 17, 29, 16, 24]), 20)):
        x0 = (x0 + x1) & MASK
        x1 = ((x1 << r | x1 >> (32 - r)) & MASK) ^ x0
        if i % 4 == 3:
            s = i // 4 + 1
            x0 = (x0 + schedule[s % 3]) & MASK
            x1 = (x1 + schedule[(s + 1) % 3] + s) & MASK
    return x0, x1


class Words:
    """The words of one seed, purpose and epoch."""

    def __init__(self, seed: int, purpose: str, epoch: int):
        text = f"{seed}/{purpose}/{epoch}".encode()
        digest = hashlib.blake2b(text, digest_size=8, person=b"layeratlas-rng").digest()
        self.key = int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")

    def __call__(self, element: int, stream: int) -> tuple[int, int]:
        return threefry((element, stream), self.key)

    def below(self, n: int, element: int, stream: int) -> tuple[int, int]:
        """A uniform integer below n from the first word, and the second word."""
        first, second = self(element, stream)
        return first * n >> 32, second


def order(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order of n images in an epoch: Fisher and Yates' shuffle."""
    words, images = Words(seed, "shuffle", epoch), list(range(n))
    for i in range(n - 1):
        j = i + words.below(n - i, i, 0)[0]
        images[i], images[j] = images[j], images[i]
    return np.array(images)


def noisy_labels(
    labels: np.ndarray, strength: float, n_classes: int, seed: int, epoch: int, step: int
) -> np.ndarray:
    """`int(strength · n)` labels of a minibatch, chosen without replacement, drawn again."""
    words, n = Words(seed, "label_noise", epoch), len(labels)
    places, noisy = list(range(n)), np.array(labels)
    for i in range(int(strength * n)):
        below, word = words.below(n - i, i, step)
        places[i], places[i + below] = places[i + below], places[i]
        noisy[places[i]] = word * n_classes >> 32
    return noisy


def noisy_inputs(x: np.ndarray, strength: float, seed: int, epoch: int, step: int) -> np.ndarray:
    """Inputs of a minibatch plus normals in units of the standard deviation of all its entries."""
    words, half = Words(seed, "input_noise", epoch), x.size // 2
    drawn = np.zeros(x.size)
    for i in range(half + x.size % 2):
        first, second = words(i, step)
        radius = math.sqrt(-2 * math.log((first >> 9) * 2.0**-23 + 2.0**-24))
        turn = 2 * math.pi * second / 2**32
        drawn[i if i < half else -1] = radius * math.cos(turn)
        if i < half:
            drawn[half + i] = radius * math.sin(turn)
    return x + strength * x.std() * drawn.reshape(x.shape)


def dropout_mask(
    shape: tuple[int, ...], rate: float, seed: int, epoch: int, stream: int
) -> np.ndarray:
    """0 or 1/(1 − rate), the rate a multiple of 2^-16."""
    threshold = int(rate * 65536 + 0.5)
    bits = dropout_bits(shape, seed, epoch, stream)
    return np.where(bits >= threshold, 65536 / (65536 - threshold), 0.0)


def dropout_bits(shape: tuple[int, ...], seed: int, epoch: int, stream: int) -> np.ndarray:
    """What is below 65536 · rate is dropped.

    Four quarters of the elements take 16 bits of a pair of words each, what is left over a pair.
    """
    words, size = Words(seed, "dropout", epoch), math.prod(shape)
    quarter, bits = size // 4, np.zeros(size, int)
    for i in range(quarter):
        first, second = words(i, stream)
        bits[i : 4 * quarter : quarter] = first & 0xFFFF, first >> 16, second & 0xFFFF, second >> 16
    for i in range(4 * quarter, size):
        bits[i] = words(i, stream)[1] & 0xFFFF
    return bits.reshape(shape)
