"""Grids: any setting is an axis, values are typed, every point is checked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.documents import as_yaml
from made.refusals import GOOD, parsed

from layeratlas.config.experiment import load_experiment
from layeratlas.config.grid import points
from layeratlas.errors import ConfigError

PROBE = {"kind": "probe", "title": "A probe", "model": {"depth": 4, "width": 8}}
CHAIN = {"kind": "simulation", "title": "Chains", "chain": {"steps": 10}}


@pytest.fixture
def load(tmp_path):
    def of(base=None, **changes):
        raw = {**(parsed(GOOD) if base is None else base), **changes}
        (tmp_path / "x.yaml").write_text(as_yaml(raw))
        return load_experiment("x", "smoke", tmp_path)

    return of


@pytest.mark.parametrize(
    ("axis", "values", "typed"),
    [
        ("beta1", [0, 0.5], (0.0, 0.5)),
        ("eps", [1e-8, 1e-3], (1e-8, 1e-3)),
        ("optimizer", ["adam", "scale_invariant_sgd"], ("adam", "scale_invariant_sgd")),
        ("loss", ["cross_entropy", "mean_squared_error"], ("cross_entropy", "mean_squared_error")),
        ("initialization", ["kaiming_normal"], ("kaiming_normal",)),
        ("family", ["mlp", "block_cnn"], ("mlp", "block_cnn")),
        ("epochs", [2, 0], (2, 0)),
        ("size", [None, 4], (None, 4)),
        ("batch_norm", [True, False], (True, False)),
        ("source", ["digits", "mnist_5k"], ("digits", "mnist_5k")),
        ("noise_kind", ["fresh", "static"], ("fresh", "static")),
        ("loss_below", [0, 0.1], (0.0, 0.1)),
        ("subset_seed", {"from": 1, "to": 3}, (1, 2, 3)),
        ("dtype", ["float32", "float64"], ("float32", "float64")),
    ],
)  # fmt: skip
def test_any_setting_of_a_training_may_vary(load, axis, values, typed):
    grid = load(grid={axis: values, "seed": None}).grid
    assert grid == {axis: typed}
    assert list(map(type, grid[axis])) == list(map(type, typed))


@pytest.mark.parametrize(
    ("base", "grid"),
    [
        (PROBE, {"probe_loss": ("square", "linear"), "target": ("normal", 1.0)}),
        (PROBE, {"probe_step": (None, 0.1), "trained": ("hidden", "all")}),
        (PROBE, {"family": ("mlp", "residual_mlp"), "scaling": (None, "kaiming")}),
        (PROBE, {"conditioning": (True, False), "input_seed": (None, 3)}),
        (CHAIN, {"order": ("first", "second"), "steps": (5, 10)}),
        ({**CHAIN, "chain": {"order": "second"}}, {"common_noise": (True, False)}),
    ],
)
def test_any_setting_of_other_kinds_may_vary(load, base, grid):
    assert load(base, grid={axis: list(values) for axis, values in grid.items()}).grid == grid


def test_families_may_share_what_they_do_not_all_know(load):
    model = {"depth": 4, "width": 8, "branch_scale": 0.5, "channels": 3, "batch_norm": False}
    found = load(model=model, grid={"family": ["residual_mlp", "block_cnn", "mlp"]})
    assert found.grid == {"family": ("residual_mlp", "block_cnn", "mlp")}
    with pytest.raises(ConfigError, match=r"grid\.family\[1\]: batch_norm is not offered"):
        load(model={"depth": 4, "batch_norm": True}, grid={"family": ["mlp", "residual_mlp"]})


def test_a_required_setting_may_be_given_by_its_axis_alone(load):
    assert load(dataset={"source": "digits"}, grid={"n_train": [64, 128]}).grid
    scaled = {"model": {"batch_norm": False}, "training": {"optimizer": "sgd"}}
    assert load(**scaled, scaling={"setting": "sparse"}, grid={"scaling": ["ntk", "fsc"]}).grid
    with pytest.raises(ConfigError, match=r"dataset\.n_train: missing; it has no default"):
        load(dataset={"source": "digits"})


def test_a_value_need_not_go_with_a_setting_that_another_axis_replaces(load):
    # 16 images are fewer than the fixed batch of 32, but no run of the grid has that batch.
    assert load(grid={"n_train": [64, 16], "batch_size": [8, 16]}).grid["n_train"] == (64, 16)


def test_values_that_are_right_alone_are_refused_where_they_are_wrong_together(load):
    with pytest.raises(ConfigError, match="momentum belongs to optimizer 'sgd'"):
        load(grid={"optimizer": ["sgd", "adam"], "momentum": [0, 0.9]})
    assert load(grid={"optimizer": ["sgd"], "momentum": [0, 0.9]}).grid["momentum"] == (0.0, 0.9)


def test_what_is_measured_must_go_with_every_point(load):
    """`step_images` were compared with the fixed number of images alone."""
    with pytest.raises(ConfigError, match=r"step_images: 64 is more than dataset\.n_train 48"):
        load(grid={"n_train": [64, 48]}, measure={"step_images": 64})


@given(grid=st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(), min_size=1)))
def test_points_are_the_product_in_order(grid):
    twin = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    assert list(points({axis: tuple(values) for axis, values in grid.items()})) == twin
