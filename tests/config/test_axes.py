"""Axes: every plain setting has one name, and what a cube says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.axes import AXES, axes, axis_of, labels
from layeratlas.config.free import is_free
from layeratlas.config.leaves import leaves
from layeratlas.kinds import KINDS
from layeratlas.probes.variables import VARIABLES

DIMENSIONS = {"seed", "epoch", "step", "layer", "mode", "derivative", "batch_norm_mode", "run"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_plain_setting_is_an_axis_by_one_name(kind):
    paths = {
        path
        for path in leaves(kind.settings)
        if path[0] in kind.sections and path not in kind.internal
    }
    found = axes(kind)
    named = {path for axis in found.values() for path in axis.paths}
    assert {path for path in named if not is_free(kind, path)} == paths
    for name, axis in found.items():
        assert axis_of(kind, name) is axis and axis.name == name
        assert axis.long_name and axis.units
        # Names of the table may share a setting: a number and a rule, one and both of two.
        shared = [n for n, a in found.items() if a.paths == axis.paths]
        assert shared == [name] or set(shared) <= set(AXES)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_axis_is_called_what_a_cube_calls_something_else(kind):
    assert not set(axes(kind)) & (DIMENSIONS | set(kind.recorded) | {"kind"})


def test_names_are_last_names_where_they_can_be():
    training, probe = axes(KINDS["training"]), axes(KINDS["probe"])
    for name in ("beta1", "optimizer", "loss", "family", "initialization", "epochs", "size"):
        assert training[name].paths[0][-1] == name
    assert training["noise_kind"].paths == (("noise", "kind"),)
    assert training["loss_below"].paths == (("training", "early_stop", "loss_below"),)
    # A probe's cube has a variable `loss`, and a dimension `step` is a simulation's time.
    assert "loss" in VARIABLES and probe["probe_loss"].paths == (("probe", "loss"),)
    assert probe["probe_step"].paths == (("probe", "step"),)
    with pytest.raises(KeyError):
        axis_of(KINDS["training"], "seed")
    with pytest.raises(KeyError):
        axis_of(KINDS["training"], "static_label_noise")


def test_the_table_keeps_its_axes():
    for kind in KINDS.values():
        for name, axis in axes(kind).items():
            assert name not in AXES or axis is AXES[name]
    assert {name for kind in KINDS.values() for name in axes(kind)} >= set(AXES)


@given(values=st.lists(st.floats(allow_nan=False) | st.integers(), min_size=1))
def test_numbers_are_their_own_labels(values):
    assert labels(values) == tuple(values)


def test_labels_of_mixed_values_are_text_as_yaml_writes_it():
    assert labels([True, False]) == (True, False)
    assert labels(["adam", "sgd"]) == ("adam", "sgd")
    assert labels([None, 100]) == ("null", "100")
    assert labels(["full", 32, 1e-8, True]) == ("full", "32", "1e-08", "true")
