"""Random words in torch: the known answer, and where a stream is entered."""

from __future__ import annotations

import math

import torch

from layeratlas.backends.plain.words import box_muller, normals, threefry
from layeratlas.runs.streams import keys

# Random123 1.14, tests/kat_vectors, threefry2x32 20, of counter and key zero.
KNOWN_ANSWER = (0x6B200159, 0x99BA4EFE)


def test_known_answer():
    """Its counters start at 0, so of the three vectors it meets the first."""
    words = threefry(torch.zeros((1, 2), dtype=torch.int64), 3, 0)
    assert tuple(int(w[0, 0]) for w in words) == KNOWN_ANSWER


def test_a_stream_may_be_entered_anywhere():
    given = torch.as_tensor(keys([1, 2], "springs").astype("int64"))
    whole, part = threefry(given, 50, 7), threefry(given, 20, 7, first=30)
    for all_words, words in zip(whole, part, strict=True):
        assert torch.equal(all_words[:, 30:], words)
        assert (words >= 0).all() and (words < 2**32).all()


def test_partners_share_a_pair_of_words():
    given = torch.as_tensor(keys([3], "input_noise", 1).astype("int64"))
    z = normals(given, 7, 2)
    a, b = box_muller(*threefry(given, 4, 2))
    assert torch.equal(z, torch.cat([a[:, :3], b[:, :3], a[:, 3:]], dim=1))
    assert math.isclose(float(normals(given, 200_000, 2).std()), 1, abs_tol=0.01)
