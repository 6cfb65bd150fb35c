"""Generators: their own settings, what they declare, a user's among them."""

from __future__ import annotations

import pytest

from layeratlas.datasets.generators.entry import GeneratorEntry
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipe import recipe_of


def test_settings_are_completed_so_that_they_are_part_of_the_key():
    short = recipe_of({"source": "chain_monomial", "n_train": 10})
    assert short.settings == {"dimension": 32, "period": 5}
    long = recipe_of({"source": "chain_monomial", "n_train": 10, "settings": {"period": 5}})
    assert short == long and short.key == long.key
    other = {"source": "chain_monomial", "n_train": 10, "settings": {"period": 6}}
    assert recipe_of(other).key != short.key


@pytest.mark.parametrize(
    ("settings", "shape", "n_outputs", "kind"),
    [
        ({"source": "chain_monomial"}, (32,), 1, "vectors"),
        ({"source": "alignment_reversing", "settings": {"dimension": 8}}, (8,), 1, "vectors"),
        ({"source": "gaussian_mixture", "settings": {"classes": 4}}, (20,), 4, "classes"),
        ({"source": "disc"}, (2,), 2, "classes"),
        ({"source": "disc", "settings": {"outputs": 1}}, (2,), 1, "classes"),
    ],
)
def test_what_is_declared(settings, shape, n_outputs, kind):
    recipe = recipe_of({**settings, "n_train": 7})
    assert (recipe.input_shape, recipe.n_outputs, recipe.target_kind) == (shape, n_outputs, kind)
    assert recipe.n_test_samples == 7
    assert recipe_of(recipe.canonical_json) == recipe


def test_a_single_output_tells_two_classes():
    assert recipe_of({"source": "disc", "settings": {"outputs": 1}, "n_train": 7}).n_classes == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dimensions": 3}, "dimensions: unknown setting of source 'chain_monomial'; did you mean"),
        ({"dimension": 0}, "dimension: input should be greater than or equal to 1; got 0"),
        ({"dimension": 2.5}, "dimension: input should be a valid integer; got 2.5"),
        ({"dimension": 4, "period": 5}, "period 5 is more than dimension 4; use at most 4"),
    ],
)
def test_what_is_refused(refused, settings, said):
    assert said in refused(source="chain_monomial", n_train=10, settings=settings)


def test_noise_of_labels_needs_classes(refused):
    said = refused(source="chain_monomial", n_train=10, static_label_noise=0.1)
    assert "static_label_noise needs classes, and source 'chain_monomial' gives vectors" in said


@pytest.mark.parametrize("given", [{"static_input_noise": 0.1}, {"standardisation": "global"}])
def test_tokens_are_no_real_inputs(refused, monkeypatch, given):
    entry = GeneratorEntry(
        "odd", "x:y", (4,), n_outputs=3, target_kind="tokens", input_kind="tokens"
    )
    monkeypatch.setitem(GENERATORS._entries, "odd", entry)
    said = refused(source="odd", n_train=10, **given)
    assert f"{next(iter(given))} needs real inputs, and source 'odd' gives tokens" in said


def test_a_declaration_that_is_no_shape(refused, monkeypatch):
    entry = GeneratorEntry("odd", "x:y", ("width",), n_outputs=1, settings={"width": 0})
    monkeypatch.setitem(GENERATORS._entries, "odd", entry)
    assert "gives inputs of shape (0,)" in refused(source="odd", n_train=10)
