"""Free settings as axes: which names they have, and what their values may be."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from layeratlas.config.axes import axes
from layeratlas.config.free import free_settings, is_free, plain_values
from layeratlas.config.leaves import free_groups
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS

TRAINING = KINDS["training"]
OWN = ("training", "optimizer_settings")


def given(**own):
    return {"training": {"optimizer_settings": own}}


def test_mappings_whose_keys_no_type_names_are_found():
    class Inner(BaseModel):
        known: int = 1
        settings: dict[str, int] = {}

    class Outer(BaseModel):
        inner: Inner = Inner()

    assert free_groups(Outer) == (("inner", "settings"),)
    assert OWN in free_groups(TRAINING.settings)
    assert is_free(TRAINING, (*OWN, "rho")) and not is_free(TRAINING, ("training", "epochs"))


def test_what_a_file_gives_is_an_axis_by_its_own_name_and_by_its_whole():
    found = free_settings(TRAINING, given(rho=0.5), (), set())
    assert found == {"rho": (*OWN, "rho"), "training_optimizer_settings_rho": (*OWN, "rho")}


def test_others_are_by_their_whole_name():
    name = "training_optimizer_settings_rho"
    assert free_settings(TRAINING, {}, (name, "rho", 3), set()) == {name: (*OWN, "rho")}


@pytest.mark.parametrize("key", ["epochs", "view", "status", "rank", "D"])
def test_a_key_that_is_something_else_elsewhere_has_the_whole_name_only(key):
    taken = {"epochs", "rank", "view"} | ({"D"} if key == "D" else set())
    found = free_settings(TRAINING, given(**{key: 1}), (), taken)
    assert list(found) == [f"training_optimizer_settings_{key}"]


def test_lists_and_mappings_are_no_axes():
    assert free_settings(TRAINING, given(constants=[1, 2], deep={"a": 1}), (), set()) == {}


def test_the_axis_sets_the_setting():
    axis = axes(TRAINING, given(rho=0.5))["rho"]
    assert axis.paths == ((*OWN, "rho"),) and axis.describe([1.0])["text"] is False
    assert "rho" not in axes(TRAINING)


def test_whole_numbers_among_others_are_what_a_coordinate_makes_of_them():
    values = plain_values([1, 2.5], "f", "grid.rho")
    assert values == [1.0, 2.5] and all(isinstance(value, float) for value in values)
    assert plain_values([1, 2], "f", "k") == [1, 2] and plain_values(["a", 1], "f", "k")


@pytest.mark.parametrize(
    ("value", "told"),
    [([1], "expected a plain value"), ({}, "plain value"), ("1e3", "reads as a number"),
     ("null", "reads as a number")],
)  # fmt: skip
def test_other_values_are_refused(value, told):
    with pytest.raises(ConfigError, match=rf"^f: grid\.rho\[1\]: .*{told}"):
        plain_values([0, value], "f", "grid.rho")


def test_what_a_file_gives_itself_goes_before_a_setting_of_that_name():
    """A module has no `model.width`; Lion no `training.beta1`, which is Adam's."""
    settings = {"model": {"family": "module", "settings": {"width": 8}}, **given(beta1=0.9)}
    known = axes(TRAINING, settings)
    assert known["width"].paths == (("model", "settings", "width"),)
    assert known["beta1"].paths == ((*OWN, "beta1"),)
    assert axes(TRAINING)["width"].paths == (("model", "width"),)
