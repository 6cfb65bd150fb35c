"""Windows of a text: each target is the next character, and no part sees the other."""

from __future__ import annotations

import hashlib
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from layeratlas.datasets import prepare
from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.makers.text import losses_of_counts
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import DatasetError

TEXT = "".join(chr(0x41 + (i * i) % 23) for i in range(250)) + "😀"


def test_windows(own):
    (own / "t.txt").write_text(TEXT, encoding="utf-8")
    made = prepare(recipe_of({"source": "text", "path": "t.txt", "n_train": 200, "context": 6}))
    vocabulary = made.attrs["vocabulary"]
    assert vocabulary == "".join(sorted(set(TEXT))) and vocabulary[-1] == "😀"
    split = 251 * 9 // 10
    for part in ("train", "test"):
        for i, start in enumerate(made[f"{part}_index"].values):
            window = "".join(vocabulary[t] for t in made[f"{part}_inputs"].values[i])
            following = "".join(vocabulary[t] for t in made[f"{part}_targets"].values[i])
            assert (window, following) == (TEXT[start : start + 6], TEXT[start + 1 : start + 7])
    assert made.train_index.max() + 6 < split == made.test_index.min()
    assert len(set(made.train_index.values)) == 200
    np.testing.assert_array_equal(np.diff(made.test_index), 6)
    assert made.train_inputs.dims == ("train_sample", "position")
    assert made.test_targets.dims == ("test_sample", "position")
    assert made.train_inputs.dtype == made.train_targets.dtype == np.int64
    assert made.attrs["input_kind"] == made.attrs["target_kind"] == "tokens"


def test_windows_of_a_folder_are_those_of_its_texts_as_one(own):
    (own / "texts").mkdir()
    for name, text in (("b", TEXT[::-1]), ("a", TEXT)):
        (own / "texts" / f"{name}.txt").write_text(text, encoding="utf-8")
    (own / "one.txt").write_text(f"{TEXT}\n{TEXT[::-1]}", encoding="utf-8")
    asked = {"source": "text", "n_train": 100, "context": 6}
    one, many = (prepare(recipe_of(asked | {"path": p})) for p in ("one.txt", "texts"))
    for name in ("train_inputs", "train_targets", "test_inputs", "test_targets"):
        np.testing.assert_array_equal(many[name], one[name])
    assert many.attrs["checksum"] != one.attrs["checksum"]


def test_tokens_are_places_in_the_vocabulary_that_is_given(own):
    (own / "t.txt").write_text("abcabd" * 30, encoding="utf-8")
    settings = {"source": "text", "path": "t.txt", "n_train": 20, "context": 6}
    made = prepare(recipe_of(settings | {"vocabulary": "zdcba"}))
    start = int(made["train_index"].values[0])
    window = "".join("zdcba"[t] for t in made["train_inputs"].values[0])
    assert window == ("abcabd" * 30)[start : start + 6]
    assert made.attrs["vocabulary"] == "zdcba" and made.attrs["n_outputs"] == 5


def test_losses_of_counts_are_those_written_out():
    rng = np.random.default_rng(0)
    tokens = rng.integers(5, size=400)
    seen, left = tokens[:360].tolist(), tokens[360:].tolist()
    alone = [-math.log((seen.count(t) + 1) / (360 + 5)) for t in left]
    pairs = list(itertools.pairwise(seen))
    after = [
        -math.log((pairs.count((a, b)) + 1) / (seen.count(a) + 5))
        for a, b in itertools.pairwise(left)
    ]
    found = losses_of_counts(tokens, 360, 5)
    np.testing.assert_allclose(found, [np.mean(alone), np.mean(after)], rtol=1e-12)


@pytest.fixture
def corpus(monkeypatch, tmp_path):
    """A short text in the place of a registered one, found in a local folder."""
    text = "first line\nsecond line\n" * 40
    (tmp_path / "tinyshakespeare").mkdir()
    path = tmp_path / "tinyshakespeare" / "input.txt"
    path.write_text(text, encoding="utf-8")
    known = CORPORA["tiny_shakespeare"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    short = replace(
        known,
        file=replace(known.file, checksum=f"sha256:{digest}"),
        n=len(text),
        vocabulary="".join(sorted(set(text))),
    )
    monkeypatch.setitem(CORPORA, "tiny_shakespeare", short)
    return tmp_path, text


SETTINGS = {"source": "tiny_shakespeare", "n_train": 30, "context": 8}


def test_a_text_of_the_registry_is_found_in_a_local_folder(corpus):
    folder, text = corpus
    made = prepare(recipe_of(SETTINGS), data_dir=folder, download=False)
    vocabulary = made.attrs["vocabulary"]
    for i, start in enumerate(made["train_index"].values):
        window = "".join(vocabulary[t] for t in made["train_inputs"].values[i])
        assert window == text[start : start + 8]
    assert 0 < made.attrs["bigram_loss"] < made.attrs["unigram_loss"] < math.log(len(vocabulary))
    assert made.attrs["license"] == "public domain"


def test_a_file_that_is_not_as_registered_is_refused(corpus, monkeypatch):
    folder, text = corpus
    short = CORPORA["tiny_shakespeare"]
    monkeypatch.setitem(CORPORA, "tiny_shakespeare", replace(short, n=short.n + 1))
    with pytest.raises(DatasetError, match=f"has {len(text)} characters"):
        prepare(recipe_of(SETTINGS), data_dir=folder, download=False)
    (folder / "tinyshakespeare" / "input.txt").write_text("other")
    with pytest.raises(DatasetError, match="is not the official file"):
        prepare(recipe_of(SETTINGS), data_dir=folder, download=False)
