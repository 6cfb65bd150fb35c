"""Trainings: any of their settings is an axis of a cube, with its values as coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from made.trained import trained_cube
from pydantic import ValidationError

from layeratlas.cubes.selecting import final
from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.kinds.training import MEMBER_SETTINGS, TRAINING, TrainingRun

DATASET = {"source": "digits", "n_train": 64}


def last(cube, **at):
    """Data separation of a run by layer, at its last kept epoch."""
    layers = cube["layers/data_separation"].sel(at).isel(batch_norm_mode=0, seed=0)
    return layers.isel(epoch=-1).values


def test_a_cube_over_a_decay_and_an_optimizer(tmp_path):
    cube = trained_cube(tmp_path, grid={"beta1": [0.5, 0.9], "optimizer": ["adam", "sgd"]})
    assert cube["beta1"].values.tolist() == [0.5, 0.9]
    assert cube["optimizer"].values.tolist() == ["adam", "sgd"]
    assert (cube["status"] == 0).all()
    adam = [last(cube, beta1=beta1, optimizer="adam") for beta1 in (0.5, 0.9)]
    assert not np.array_equal(*adam)
    # Gradient descent has no beta1: same numbers, and both are there.
    sgd = [last(cube, beta1=beta1, optimizer="sgd") for beta1 in (0.5, 0.9)]
    np.testing.assert_array_equal(*sgd)
    assert not np.array_equal(adam[0], sgd[0])


def test_a_cube_over_a_loss_and_a_truth_value(tmp_path):
    grid = {"loss": ["cross_entropy", "mean_squared_error"], "batch_norm": [False, True]}
    cube = trained_cube(tmp_path, grid=grid)
    for axis, values in grid.items():
        assert cube[axis].values.tolist() == values
    assert (cube["status"] == 0).all()
    assert len(np.unique(cube["layers/data_separation"].isel(layer=-1, epoch=-1))) == 4


def test_a_cube_over_lengths_of_training_has_each_runs_own_end(tmp_path):
    cube = trained_cube(tmp_path, grid={"epochs": [2, 4]}, checkpoints=[0, "final"])
    separation = cube["layers/data_separation"].isel(batch_norm_mode=0, seed=0)
    assert separation["epoch"].values.tolist() == [0, 2, 4]
    kept = np.isfinite(separation).all("layer").transpose("epochs", "epoch").values
    assert kept.tolist() == [[True, True, False], [True, False, True]]
    # The last moment of a run is its own, and no NaN of a longer one.
    ends = final(cube["layers/data_separation"]).isel(seed=0)
    for epochs in (2, 4):
        own = separation.sel(epochs=epochs, epoch=epochs)
        np.testing.assert_array_equal(ends.sel(epochs=epochs), own)
    alone = trained_cube(tmp_path, grid={"dropout": [0]}, training={"epochs": 2, "batch_size": 16})
    np.testing.assert_array_equal(
        separation.sel(epochs=2, epoch=2), alone["layers/data_separation"].squeeze()
    )


def test_a_cube_over_families_data_and_precision(tmp_path):
    model = {"depth": 3, "width": 6, "batch_norm": False, "branch_scale": 0.5}
    grid = {"family": ["mlp", "residual_mlp"], "size": [None, 4], "dtype": ["float32", "float64"]}
    cube = trained_cube(tmp_path, model=model, grid=grid)
    assert cube["family"].values.tolist() == ["mlp", "residual_mlp"]
    assert cube["size"].values.tolist() == ["null", "4"]
    assert (cube["status"] == 0).all()
    values = cube["layers/data_separation"].isel(layer=-1, epoch=-1).squeeze()
    assert len(np.unique(values.transpose("dtype", ...).values[0])) == 4
    np.testing.assert_allclose(
        values.sel(dtype="float32"), values.sel(dtype="float64"), rtol=1e-3, atol=1e-4
    )


def test_member_settings_are_settings():
    run = TrainingRun.model_validate({"dataset": DATASET, "scaling": None}).canonical()
    for name, path in MEMBER_SETTINGS.items():
        node = run
        if name == "scaling":  # a section of its own, which a run may lack
            assert "scaling" not in run
            continue
        for part in path:
            node = node[part]
    assert TRAINING.members is MEMBER_SETTINGS


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_seed_changes_its_own_key_alone(noise):
    settings = {"dataset": DATASET, "noise": {"kind": "static", "label_noise": noise}}
    one, two = (
        TrainingRun.model_validate({**settings, "seed": seed}).canonical() for seed in (1, 2)
    )
    assert {**one, "seed": 2} == two


def test_batches_images_and_families_must_fit():
    with pytest.raises(ValidationError, match="batch_size 65 is larger than the training set"):
        TrainingRun.model_validate({"dataset": DATASET, "training": {"batch_size": 65}})
    with pytest.raises(ValidationError, match="their side must be even"):
        odd = {**DATASET, "size": 5}
        TrainingRun.model_validate({"dataset": odd, "model": {"family": "block_cnn"}})


def test_a_relu_is_a_leaky_relu_of_slope_zero():
    plain, relu, tanh = (
        TrainingRun.model_validate({"dataset": DATASET, "model": model}).canonical()
        for model in ({}, {"activation": "relu"}, {"activation": "tanh"})
    )
    assert relu == plain and "activation" not in plain["model"]
    assert tanh["model"] == {**plain["model"], "activation": "tanh"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rates_of_a_scaling_are_for_descent(name):
    asked = {"dataset": DATASET, "model": {"batch_norm": False}, "training": {"optimizer": name},
             "scaling": {"name": "fsc"}}  # fmt: skip
    if OPTIMIZERS[name].rates == "element":
        with pytest.raises(ValidationError, match=f"training.optimizer '{name}' does not go with"):
            TrainingRun.model_validate(asked)
    else:
        assert TrainingRun.model_validate(asked).training.optimizer == name


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"activation": "tanh"}, "scaling.name 'kaiming' is made for leaky_relu and relu"),
        ({"output_initialization": "mean_field"}, "model.output_initialization 'mean_field' has"),
    ],
)
def test_scalings_are_for_relus_and_draw_all_weights(model, told):
    with pytest.raises(ValidationError, match=told):
        TrainingRun.model_validate(
            {"dataset": DATASET, "model": model, "scaling": {"name": "kaiming"}}
        )


def test_networks_without_biases_and_of_tanh_are_trained_and_measured(tmp_path):
    model = {"depth": 3, "width": 8, "bias": False, "initialization": "mean_field"}
    grid = {"activation": ["leaky_relu", "tanh"], "output_initialization": [None, "xavier_uniform"]}
    cube = trained_cube(tmp_path, model=model, grid=grid)
    accuracy = cube["evaluation/train_accuracy"]
    assert np.isfinite(accuracy).all() and accuracy.sizes["activation"] == 2
