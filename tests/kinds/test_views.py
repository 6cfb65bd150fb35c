"""Views that there are not, and metrics of more examples, classes or maps than there are."""

from __future__ import annotations

import numpy as np
import pytest
from made.trained import trained_cube

from layeratlas.config.measuring import ViewSettings
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import ConfigError
from layeratlas.kinds.views import most_images

DIGITS = {"source": "digits", "n_train": 96, "n_test": 64, "size": 4}


@pytest.mark.parametrize(
    ("view", "n"),
    [
        ({}, 96),
        ({"split": "test"}, 64),
        ({"images": 5}, 5),
        ({"per_class": 2}, 20),
        ({"per_class": 2, "images": 7}, 7),
        ({"labels": "kept"}, 96),
    ],
)
def test_images_of_a_view(view, n):
    assert most_images(ViewSettings(**view), recipe_of(DIGITS)) == n


@pytest.fixture
def arrays(tmp_path, monkeypatch):
    """Data of the user's own: one class, numbers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    x = np.random.default_rng(0).normal(size=(60, 5))
    np.savez("one.npz", x=x, y=np.zeros(60, int))
    np.savez("curve.npz", x=x, y=x[:, :2])
    return lambda name: {"source": "arrays", "path": name, "n_train": 40, "n_test": 20}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"data": "one.npz", "measure": {"metrics": ["alignment"]}},
            "measure.metrics[0]: 'alignment' is held against labels that differ, and "
            "dataset.source 'arrays' has one class; give data of at least two, or leave it out",
        ),
        (
            {
                "data": "curve.npz",
                "training": {"loss": "mean_squared_error"},
                "measure": {
                    "metrics": ["hessian_trace", "residual_label_cosine"],
                    "views": {"all": {}, "one": {"split": "test", "images": 1}},
                },
            },
            "measure.metrics[1]: 'residual_label_cosine' compares examples, and measure.views.one "
            "has 1; give it at least 2 images",
        ),
        (
            {
                "data": "curve.npz",
                "training": {"loss": "mean_squared_error"},
                "measure": {"metrics": ["alignment"], "views": {"some": {"per_class": 3}}},
            },
            "measure.views.some.per_class: dataset.source 'arrays' has vectors for targets, not "
            "classes; give images alone",
        ),
    ],
)
def test_data_of_the_users_own(tmp_path, arrays, changes, told):
    data = arrays(changes.pop("data"))
    with pytest.raises(ConfigError) as refused:
        trained_cube(tmp_path, dataset=data, grid={"learning_rate": [0.01]}, **changes)
    assert told in str(refused.value)
    assert len(str(refused.value).removeprefix(str(tmp_path))) <= 380


def test_numbers_of_one_class_without_labels_are_measured(tmp_path, arrays):
    cube = trained_cube(
        tmp_path,
        dataset=arrays("one.npz"),
        grid={"learning_rate": [0.01]},
        measure={"metrics": ["forward_correlation", "parameter_movement"]},
    )
    assert np.isfinite(cube["affine/forward_correlation"]).all()
    assert np.isfinite(cube["affine/parameter_movement"]).all()
