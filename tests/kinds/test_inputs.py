"""Networks and noise that do not go with a data set are refused before any job."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from layeratlas.datasets.recipe import recipe_of
from layeratlas.kinds.inputs import as_image, refuse_inputs


def noise(label=0.0, inputs=0.0):
    return SimpleNamespace(label_noise=label, input_noise=inputs)


@pytest.fixture
def text(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "t.txt").write_text("abc" * 100)
    return recipe_of({"source": "text", "path": "t.txt", "n_train": 3, "context": 4})


MONOMIAL = recipe_of({"source": "chain_monomial", "n_train": 10})
DIGITS = recipe_of({"source": "digits", "n_train": 10})


def refused(data, family="mlp", noise=noise()):  # noqa: B008
    with pytest.raises(ValueError) as caught:
        refuse_inputs(data, SimpleNamespace(family=family), noise)
    return str(caught.value)


def test_tokens_need_an_embedding(text):
    assert "gives tokens; use a network that has an embedding" in refused(text)
    refuse_inputs(text, SimpleNamespace(family="module"), noise())
    assert "noise.input_noise 0.1 is added to real inputs" in refused(
        text, "module", noise(inputs=0.1)
    )


def test_blocks_of_convolutions_need_images_of_even_sides():
    assert "needs images, channel × row × column" in refused(MONOMIAL, "block_cnn")
    odd = recipe_of({"source": "digits", "n_train": 10, "size": 7})
    assert "dataset gives 7 pixels: choose an even dataset.size" in refused(odd, "block_cnn")
    refuse_inputs(DIGITS, SimpleNamespace(family="block_cnn"), noise())


def test_noise_of_labels_needs_classes():
    said = refused(MONOMIAL, noise=noise(label=0.2))
    assert said.startswith("noise.label_noise 0.2 redraws classes") and "has vectors" in said
    refuse_inputs(MONOMIAL, SimpleNamespace(family="mlp"), noise(inputs=0.2))
    refuse_inputs(DIGITS, SimpleNamespace(family="mlp"), noise(label=0.2))


def test_an_input_as_an_image():
    assert as_image((3, 8, 8)) == (3, 8)
    assert as_image((3, 8, 4)) == (96, 1)
    assert as_image((7,)) == (7, 1)
