"""Digits as scikit-learn carries them."""

from __future__ import annotations

from layeratlas.datasets import load_source


def test_digits_of_scikit_learn():
    raw = load_source("digits", download=False)
    assert len(raw.train_images) == len(raw.train_labels) == 1797
    assert raw.test_images is None and raw.test_labels is None
    assert not raw.has_official_test
    assert raw.sha256() == dict(raw.source.array_sha256)
    assert raw.train_images.max() == raw.source.max_value
