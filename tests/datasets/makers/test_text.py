"""Windows of a text: each target is the next character, and no part sees the other."""

from __future__ import annotations

import numpy as np

from layeratlas.datasets import prepare
from layeratlas.datasets.recipe import recipe_of

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
