"""Windows of a text: characters as numbers of the vocabulary, and the next one as target."""

from __future__ import annotations

import numpy as np

from layeratlas.bounded.files import read_bytes
from layeratlas.datasets.makers.again import found_again
from layeratlas.datasets.makers.parts import Parts, Places
from layeratlas.datasets.own_files import place_of
from layeratlas.datasets.preprocessing import sample_permutation
from layeratlas.datasets.recipes.text import TextRecipe, text_of


def make(recipe: TextRecipe, places: Places) -> Parts:
    """Training windows start at distinct random places of the first 90 %, test windows stand side
    by side in the rest, from its beginning; no character of one part is seen in the other."""
    content, path = found_again(recipe), place_of(recipe.path)
    text = text_of(read_bytes(path, path.stat().st_size), path.name)
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    vocabulary = np.frombuffer(content["vocabulary"].encode("utf-32-le"), np.uint32)
    tokens = np.searchsorted(vocabulary, points)
    width = recipe.context
    starts = sample_permutation(recipe.split - width, recipe.subset_seed)[: recipe.n_train]
    test_starts = recipe.split + width * np.arange(recipe.n_test_samples)

    def windows(of: np.ndarray, shift: int) -> np.ndarray:
        every = np.lib.stride_tricks.sliding_window_view(tokens, width)
        return np.ascontiguousarray(every[of + shift], dtype=np.int64)

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
            "title": f"{path.name}: {recipe.n_train} training windows",
            "summary": f"{recipe.n_train} training and {recipe.n_test_samples} test windows of "
            f"{width} characters of {path.name}, which has {len(vocabulary)} different ones.",
            "keywords": "language model, deep learning",
            "vocabulary": content["vocabulary"],
            "checksum": content["checksum"],
        },
    )
