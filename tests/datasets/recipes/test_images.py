"""Recipes: what they derive, what they refuse, what names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from layeratlas.datasets import DatasetRecipe


def refusal(**fields) -> str:
    with pytest.raises(ValidationError) as caught:
        DatasetRecipe(**fields)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "channels", "image_size", "n_features", "n_classes", "n_test_samples"),
    [
        ({"source": "mnist", "n_train": 2560, "size": 10}, 1, 10, 100, 10, 10_000),
        ({"source": "mnist_5k", "n_train": 2560}, 1, 28, 784, 10, 2440),
        ({"source": "digits", "n_train": 1000, "n_test": 500, "size": 10}, 1, 10, 100, 10, 500),
        ({"source": "cifar100", "n_train": 50_000, "n_test": 7}, 3, 32, 3072, 100, 7),
        ({"source": "stl10", "n_train": 10, "grayscale": True, "size": 10}, 1, 10, 100, 10, 8000),
        ({"source": "gtsrb", "n_train": 10}, 3, 32, 3072, 43, 12_630),
    ],
)
def test_derived_numbers(fields, channels, image_size, n_features, n_classes, n_test_samples):
    recipe = DatasetRecipe(**fields)
    assert recipe.channels == channels
    assert recipe.image_size == image_size
    assert recipe.n_features == n_features
    assert recipe.n_classes == n_classes
    assert recipe.n_test_samples == n_test_samples
    assert recipe.input_shape == (channels, image_size, image_size)
    assert (recipe.n_outputs, recipe.target_kind) == (n_classes, "classes")


def test_every_field_is_documented():
    assert all(field.description for field in DatasetRecipe.model_fields.values())


def test_unknown_source_names_the_nearest():
    message = refusal(source="minst", n_train=10)
    assert "Did you mean 'mnist'?" in message and "gtsrb32_subset" in message


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"source": "mnist", "n_train": 60_001},
            "n_train = 60001 is more than mnist has: 60000 training images",
        ),
        (
            {"source": "mnist", "n_train": 1, "n_test": 10_001},
            "n_test = 10001 is more than mnist has: 10000 test images",
        ),
        (
            {"source": "mnist_5k", "n_train": 5001},
            "n_train = 5001 is more than mnist_5k has: 5000 images in all",
        ),
        (
            {"source": "mnist_5k", "n_train": 5000},
            "n_train = 5000 leaves nothing to test on: mnist_5k has 5000 images",
        ),
        (
            {"source": "digits", "n_train": 1797},
            "n_train = 1797 leaves nothing to test on: digits has 1797 images",
        ),
        (
            {"source": "digits", "n_train": 1000, "n_test": 798},
            "n_train = 1000 and n_test = 798 need 1798 images; digits has 1797",
        ),
        ({"source": "mnist", "n_train": 0}, "greater than or equal to 1"),
        ({"source": "mnist", "n_train": 1, "n_test": 0}, "greater than or equal to 1"),
        ({"source": "mnist", "n_train": 1, "size": 0}, "greater than or equal to 1"),
        ({"source": "mnist", "n_train": 1, "static_label_noise": 1.1}, "less than or equal to 1"),
        (
            {"source": "mnist", "n_train": 1, "static_input_noise": -0.1},
            "greater than or equal to 0",
        ),
        ({"source": "mnist", "n_train": 1, "static_input_noise": float("inf")}, "finite"),
        ({"source": "mnist", "n_train": 1, "label_noise": 0.1}, "Extra inputs are not permitted"),
    ],
)
def test_refusals_state_the_numbers(fields, said):
    assert said in refusal(**fields)


def test_largest_allowed_counts_are_allowed():
    DatasetRecipe(source="mnist", n_train=60_000, n_test=10_000)
    assert DatasetRecipe(source="digits", n_train=1796).n_test_samples == 1


def test_a_recipe_cannot_be_changed():
    recipe = DatasetRecipe(source="digits", n_train=10)
    with pytest.raises(ValidationError, match="frozen"):
        recipe.n_train = 20


RECIPES = st.builds(
    DatasetRecipe,
    source=st.sampled_from(["digits", "mnist", "cifar10"]),
    n_train=st.integers(1, 1000),
    n_test=st.none() | st.integers(1, 700),
    size=st.none() | st.integers(1, 40),
    antialias=st.booleans(),
    grayscale=st.booleans(),
    subset_seed=st.integers(0, 5),
    static_label_noise=st.floats(0, 1),
    static_input_noise=st.floats(0, 10),
    static_noise_seed=st.integers(0, 5),
)


@given(RECIPES)
def test_key_survives_a_round_trip(recipe):
    again = DatasetRecipe.model_validate_json(recipe.canonical_json)
    assert again == recipe
    assert again.key == recipe.key
    assert len(recipe.key) == 16 and int(recipe.key, 16) >= 0


@given(RECIPES, RECIPES)
def test_keys_are_equal_exactly_when_recipes_are(a, b):
    assert (a.key == b.key) == (a == b)


def test_key_does_not_depend_on_how_a_value_is_written():
    a = DatasetRecipe(source="digits", n_train=10, static_label_noise=0)
    b = DatasetRecipe(static_label_noise=-0.0, n_train=10, source="digits", n_test=None)
    assert a.key == b.key


def test_key_stays_what_it_was():
    # Stored data are found by this key: if it changes, everybody's data are prepared again.
    recipe = DatasetRecipe(source="mnist", n_train=2560, size=10)
    assert recipe.canonical_json == (
        '{"antialias":true,"grayscale":false,"n_test":null,"n_train":2560,"size":10,'
        '"source":"mnist","static_input_noise":0.0,"static_label_noise":0.0,'
        '"static_noise_seed":0,"subset_seed":1}'
    )
    assert recipe.key == "5d2b7cbb7480af23"
