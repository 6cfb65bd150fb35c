"""Values that no run has are looked at, by their own type alone."""

from __future__ import annotations

import pytest

from layeratlas.config.reading import read_yaml
from layeratlas.config.unseen import refuse_unseen, refuse_wrong_template
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS

RESOLVED = {
    "dataset": {"source": "digits", "n_train": 64},
    "model": {"depth": 3, "width": 8},
    "training": {"batch_size": 32},
    "grid": {"dropout": [0, 0.1]},
    "measure": {"step_images": 8},
}


def refuse(tmp_path, **data):
    refuse_unseen([(tmp_path / "x.yaml", data)], [RESOLVED], KINDS["training"])


@pytest.mark.parametrize(
    "data",
    [
        {"model": {"width": 8, "depth": 9}},
        {"training": {"batch_size": 640}},  # more than there are images, but there may be
        {"model": {"family": "block_cnn"}},
        {"model": {"branch_scale": "1/L"}},  # of another family
        {"model": {}},
        {"training": {"early_stop": None}},
        {"noise": {"data_noise": 0.5}},
        {"grid": {"width": [1, 2], "dropout": None}},
        {"grid": {"depth": {"step": 3}}},
        {"measure": {"step_images": 640}},
    ],
)
def test_what_could_be_right_is_left(tmp_path, data):
    refuse(tmp_path, **data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"model": {"width": 0}}, "model.width: input should be greater than or equal to 1; got 0"),
        (
            {"model": {"family": "x"}},
            "model.family: unknown 'x'; known: mlp, residual_mlp, block_cnn",
        ),
        (
            {"training": {"early_stop": {"loss_below": "a"}}},
            "training.early_stop.loss_below: input",
        ),
        (
            {"training": {"early_stop": {"x": 1}}},
            "training.early_stop.x: unknown key; known: chang",
        ),
        ({"dataset": {"static_label_noise": 0.1}}, "dataset.static_label_noise: unknown key"),
        ({"noise": {"data_noise": 2}}, "noise.data_noise: input should be less than or equal to 1"),
        ({"grid": {"width": [1, 0]}}, "grid.width[1]: input should be greater than or equal to 1"),
        ({"grid": {"x": [1]}}, "grid.x: unknown axis"),
        ({"measure": {"metrics": []}}, "measure.metrics: "),
        (
            {"presets": {"paper": {"model": {"width": 0}}}},
            "presets.paper.model.width: input should",
        ),
    ],
)
def test_what_never_is_right_is_refused(tmp_path, data, told):
    with pytest.raises(ConfigError) as caught:
        refuse(tmp_path, **data)
    assert str(caught.value).startswith(f"{tmp_path / 'x.yaml'}: {told}")


def test_a_template_alone(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("template: true\ntraining: {epochs: 3}\n")
    refuse_wrong_template(path, read_yaml)
    path.write_text("template: true\ntraining: {epochs: -3}\n")
    with pytest.raises(ConfigError, match=r"x\.yaml: training\.epochs: input should be"):
        refuse_wrong_template(path, read_yaml)
