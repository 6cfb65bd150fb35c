"""Arrays of one's own: what is found in them, and what is refused before any job."""

from __future__ import annotations

import hashlib
import os

import numpy as np
import pytest

from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.recipes.arrays import ArraysRecipe

X = np.arange(40.0).reshape(10, 4)


def recipe(**more) -> ArraysRecipe:
    return recipe_of({"source": "arrays", "path": "d.npz", "n_train": 6} | more)  # type: ignore


@pytest.mark.parametrize(
    ("targets", "more", "kind", "n_outputs"),
    [
        (np.arange(10) % 3, {}, "classes", 3),
        (np.arange(10, dtype=np.uint8)[:, None] % 2, {}, "classes", 2),
        (np.arange(10) % 2 == 0, {}, "classes", 2),
        (np.arange(10), {"target": "vectors"}, "vectors", 1),
        (np.linspace(-1, 1, 10), {}, "vectors", 1),
        (np.ones((10, 5), np.float32), {}, "vectors", 5),
    ],
)
def test_what_targets_are(own, targets, more, kind, n_outputs):
    np.savez(own / "d.npz", x=X, y=targets)
    found = recipe(**more)
    assert (found.target_kind, found.n_outputs) == (kind, n_outputs)
    assert (found.input_shape, found.n_test_samples, found.n_features) == ((4,), 4, 4)
    digest = hashlib.sha256((own / "d.npz").read_bytes()).hexdigest()
    assert found.content["checksum"] == f"sha256:{digest}"


def test_test_arrays_are_an_official_part(own):
    np.savez(own / "d.npz", a=X[:, :1], b=X[:, 0], c=X[:3, :1], d=X[:3, 0])
    names = {"inputs": "a", "targets": "b", "test_inputs": "c", "test_targets": "d"}
    assert recipe(**names, n_train=10).n_test_samples == 3
    assert recipe(**names, n_test=2).n_test_samples == 2


def test_a_folder_of_npy_files(own):
    (own / "d").mkdir()
    np.save(own / "d" / "x.npy", X)
    np.save(own / "d" / "y.npy", np.arange(10) % 3)
    found = recipe(path="d")
    np.save(own / "d" / "another.npy", X)
    assert recipe(path="d") == found and found.n_outputs == 3
    np.save(own / "d" / "y.npy", np.arange(10) % 2)
    assert recipe(path="d").key != found.key


def test_other_content_is_another_data_set_and_a_kept_recipe_needs_no_file(own):
    np.savez(own / "d.npz", x=X, y=X[:, 0])
    before = recipe()
    np.savez(own / "d.npz", x=X + 1, y=X[:, 0])
    assert recipe().key != before.key
    (own / "d.npz").unlink()
    again = recipe_of(before.canonical_json)
    assert again == before and again.input_shape == (4,) and again.key == before.key


def test_a_path_may_name_a_variable(own, monkeypatch):
    (own / "deep").mkdir()
    np.savez(own / "deep" / "d.npz", x=X, y=X[:, 0])
    monkeypatch.setenv("MY_DATA", str(own / "deep"))
    found = recipe(path="$MY_DATA/d.npz")
    assert found.path == "$MY_DATA/d.npz" and found.content["n"] == 10


def with_nan() -> np.ndarray:
    spoiled = X.copy()
    spoiled[7, 2] = np.nan
    return spoiled


@pytest.mark.parametrize(
    ("arrays", "more", "said"),
    [
        ({"x": with_nan(), "y": X[:, 0]}, {}, "'x' has NaN, infinity or a number too large"),
        ({"x": with_nan(), "y": X[:, 0]}, {}, "first in row 7 "),
        ({"x": X * 1e300, "y": X[:, 0]}, {}, "too large for 32 bits, first in row 0 "),
        ({"x": X, "y": X[:9, 0]}, {}, "'x' has 10 rows and 'y' has 9; each input needs one"),
        ({"x": X, "y": np.array([{}] * 10)}, {}, "'y' holds Python objects, which would have"),
        ({"x": X, "y": np.array(["a"] * 10)}, {}, "'y' is of type <U1; expected real or whole"),
        ({"x": X, "y": X[:, 0] * 1j}, {}, "'y' is of type complex128"),
        ({"x": X, "y": np.array(3)}, {}, "'y' is a single number"),
        ({"x": X, "labels": X[:, 0]}, {}, "has no array 'y'; it has: labels, x"),
        ({"x": X, "yy": X[:, 0]}, {"targets": "yyy"}, "did you mean 'yy'? it has: x, yy"),
        ({"x": X, "y": X[:, 0]}, {"n_train": 11}, "n_train = 11 is more than d.npz has: 10 rows"),
        ({"x": X, "y": X[:, 0]}, {"n_train": 10}, "leaves nothing to test on"),
        ({"x": X, "y": X[:, 0]}, {"target": "classes"}, "'y' cannot be classes: expected one"),
        ({"x": X, "y": np.arange(10) - 1}, {}, "got whole numbers from -1; for a regression"),
        ({"x": X, "y": np.arange(10) * 10**6}, {}, "'y' goes up to 9000000"),
        ({"x": X, "y": np.ones((10, 2, 2))}, {}, "a target is a number or a vector"),
        ({"x": X[:, :0], "y": X[:, 0]}, {}, "rows of 'x' have the shape (0,)"),
        ({"x": X, "y": X[:, 0]}, {"test_inputs": "x"}, "test_inputs and test_targets go together"),
        ({"x": X, "y": X[:, 0]}, {"inputs": "../x"}, "'../x' is no name of an array"),
        (
            {"x": X, "y": X[:, 0], "u": X[:, :3], "v": X[:, 0]},
            {"test_inputs": "u", "test_targets": "v"},
            "rows of training and test arrays have the shapes",
        ),
    ],
)
def test_what_cannot_be_trained_on(own, refused, arrays, more, said):
    np.savez(own / "d.npz", **arrays)
    assert said in refused(**{"source": "arrays", "path": "d.npz", "n_train": 6} | more)


def test_nothing_is_unpickled(own, refused):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(own / "sprung"),)

    np.savez(own / "d.npz", x=X, y=np.array([Trap()] * 10, dtype=object))
    assert "'y' holds Python objects" in refused(source="arrays", path="d.npz", n_train=6)
    assert not (own / "sprung").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), (b"PK\3\4 and then", "no .npz"), (b"", "no .npz")],
)
def test_what_is_no_archive(own, refused, content, said):
    if content is not None:
        (own / "d.npz").write_bytes(content)
    assert said in refused(source="arrays", path="d.npz", n_train=6)


def test_a_damaged_archive(own, refused):
    np.savez(own / "d.npz", x=np.random.default_rng(0).random((500, 4)), y=np.arange(500) % 3)
    content = bytearray((own / "d.npz").read_bytes())
    content[5000] ^= 1
    (own / "d.npz").write_bytes(content)
    assert "d.npz is damaged" in refused(source="arrays", path="d.npz", n_train=6)
