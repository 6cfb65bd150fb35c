"""Windows of a text: characters as numbers of the vocabulary, and the next one as target.

What a prediction without a network would cost stands beside them, in nats a character:
cross-entropy of the last 10 % under counts of the first 90 %, each raised by one, of single
characters (`unigram_loss`) and of characters after the one before (`bigram_loss`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.fetch import locate_files
from layeratlas.datasets.makers.again import found_again
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.own_files import place_of
from layeratlas.datasets.own_texts import joined, text_files, texts_in
from layeratlas.datasets.preprocessing import sample_permutation
from layeratlas.datasets.recipes.text import CorpusRecipe, TextRecipe, Windows
from layeratlas.errors import DatasetError

__all__ = ["losses_of_counts", "make", "make_corpus"]


def make(recipe: TextRecipe, places: Places) -> Parts:
    """Of a file, or a folder of texts, of the user's own."""
    content, path = found_again(recipe), place_of(recipe.path)
    told = {
        "title": f"{path.name}: {recipe.n_train} training windows",
        "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test windows of "
        f"{recipe.context} characters of {path.name}, which has {recipe.n_outputs} different ones.",
        "checksum": content["checksum"],
    }
    return _parts(recipe, _text_in(path), told)


def make_corpus(recipe: CorpusRecipe, places: Places) -> Parts:
    """Of a text of the registry, found or fetched; DatasetError for one that is not as told."""
    corpus = CORPORA[recipe.source]
    path = locate_files(
        corpus, places.data_dir, places.cache_dir, places.download, places.progress
    )["text"]
    text = _text_in(path)
    if len(text) != corpus.n or "".join(sorted(set(text))) != corpus.vocabulary:
        raise DatasetError(
            f"{corpus.name}: {path} has {len(text)} characters, {len(set(text))} different ones; "
            f"expected {corpus.n} and {len(corpus.vocabulary)}"
        )
    told = {
        "title": f"{corpus.title}: {recipe.n_train} training windows",
        "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test windows of "
        f"{recipe.context} characters of {corpus.title}.",
        "checksum": corpus.file.checksum,
        "license": corpus.licence,
        "references": corpus.citation,
    }
    return _parts(recipe, text, told)


def _text_in(path: Path) -> str:
    return joined(texts_in(text_files(path)))


def _parts(recipe: Windows, text: str, told: dict[str, Any]) -> Parts:
    """Training windows start at distinct random places of the first 90 %, test windows stand side
    by side in the rest, from its beginning; no character of one part is seen in the other."""
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    vocabulary = np.frombuffer(recipe.vocabulary_used.encode("utf-32-le"), np.uint32)
    order = np.argsort(vocabulary)
    tokens = order[np.searchsorted(vocabulary, points, sorter=order)]
    width, split = recipe.context, recipe.split
    seed: int = recipe.subset_seed  # type: ignore[attr-defined]
    starts = sample_permutation(split - width, seed)[: recipe.n_train]
    test_starts = split + width * np.arange(recipe.n_test_samples)

    def windows(of: np.ndarray, shift: int) -> np.ndarray:
        every = np.lib.stride_tricks.sliding_window_view(tokens, width)
        return np.ascontiguousarray(every[of + shift], dtype=np.int64)

    unigram, bigram = losses_of_counts(tokens, split, len(vocabulary))
    return Parts(
        train_inputs=windows(starts, 0),
        train_targets=windows(starts, 1),
        test_inputs=windows(test_starts, 0),
        test_targets=windows(test_starts, 1),
        train_index=starts,
        test_index=test_starts,
        where="the text, in characters",
        where_train="the text, in characters",
        attributes={
            **told,
            "keywords": "language model, deep learning",
            "vocabulary": recipe.vocabulary_used,
            "unigram_loss": unigram,
            "bigram_loss": bigram,
        },
    )


def losses_of_counts(tokens: np.ndarray, split: int, size: int) -> tuple[float, float]:
    """−mean log p of tokens from `split` on: p(b) = (n_b + 1)/(n + V) and p(b | a) =
    (n_ab + 1)/(n_a + V), counts of those before, V = `size`."""
    seen, left = tokens[:split].astype(np.int64), tokens[split:].astype(np.int64)
    single = np.bincount(seen, minlength=size)
    pairs = np.bincount(seen[:-1] * size + seen[1:], minlength=size**2)
    alone = np.log((single[left] + 1) / (split + size))
    after = np.log((pairs[left[:-1] * size + left[1:]] + 1) / (single[left[:-1]] + size))
    return -float(alone.mean()), -float(after.mean())
