"""What may be measured."""

from __future__ import annotations

import pytest

from layeratlas.config.measuring import MeasureSettings, measuring
from layeratlas.errors import ConfigError
from layeratlas.metrics import METRICS, Metric


def test_lists_become_what_is_measured():
    found = measuring({"metrics": ["data_separation", "sensitivity"], "step_images": 3}, "x")
    assert found.metrics == ("data_separation", "sensitivity") and found.step_images == 3
    assert measuring({}, "x") == MeasureSettings()


def test_a_job_is_asked_what_the_file_says():
    """Files without views ask what they asked before there were any."""
    plain = measuring({"metrics": ["data_separation", "contribution"]}, "x").asked()
    assert list(plain) == ["metrics", "batch_norm_modes", "step_images"]
    assert list(measuring({}, "x").asked()) == ["metrics", "batch_norm_modes"]
    views = {"few": {"images": 3}, "all": {"batch_norm": "batch_statistics"}}
    found = measuring({"metrics": ["contribution"], "views": views}, "x")
    assert found.modes == ("running_statistics", "batch_statistics")
    asked = found.asked()
    assert list(asked) == ["metrics", "batch_norm_modes", "views"]
    assert asked["views"]["few"] == {
        "split": "train", "images": 3, "targets": "clean", "batch_norm": "running_statistics",
    }  # fmt: skip


def test_metrics_that_compare_with_the_start_say_so(monkeypatch):
    moved = Metric("moved", "x:y", ("weights", "initial_weights"), "affine")
    monkeypatch.setitem(METRICS._entries, "moved", moved)
    assert measuring({"metrics": ["moved"]}, "x").needs_initial
    assert not measuring({}, "x").needs_initial


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"metrics": []}, "x: measure.metrics: "),
        ({"metrics": ["data_separation"] * 2}, "measure.metrics[1]: 'data_separation' appears"),
        ({"batch_norm_modes": ["running_statistics"] * 2}, "a mode appears twice"),
        ({"step_images": 0}, "measure.step_images: input should be greater than or equal to 1"),
        ({"views": {}}, "measure.views: "),
        ({"views": {"a b": {}}}, "measure.views: 'a b' is no name of a view"),
        ({"views": {"few": {"picture": 3}}}, "measure.views.few.picture: "),
        ({"views": {"few": {"images": 0}}}, "measure.views.few.images: input should be greater"),
        (
            {"views": {"x": {"split": "test", "targets": "trained"}}},
            "measure.views.x.targets: nothing is trained on the test split",
        ),
        (
            {"views": {"x": {}}, "step_images": 4},
            "measure.step_images: measure.views says what is looked at; give either it or them",
        ),
        (
            {"metrics": ["hessian_trace"], "views": {"x": {"batch_norm": "batch_statistics"}}},
            "'hessian_trace' is of a network in evaluation mode; add a view with batch_norm: run",
        ),
        ({"metrics": ["of_maps"]}, "gives a number of each layer and needs 'weights', which is of"),
        ({"metrics": ["of_nothing"]}, "metrics[0]: unknown signal 'featurs'; did you mean 'featur"),
        ([], "measure: expected a mapping of settings, got []"),
    ],
)
def test_what_cannot_be_measured_is_refused(asked, told, monkeypatch):
    for name, needs in (("of_maps", ("weights",)), ("of_nothing", ("featurs",))):
        monkeypatch.setitem(METRICS._entries, name, Metric(name, "x:y", needs))
    with pytest.raises(ConfigError) as caught:
        measuring(asked, "x")
    assert told in str(caught.value)


def test_maps_are_asked_for_by_name_where_a_metric_is_of_each():
    found = measuring({"metrics": ["uc_nfc"], "maps": ["layer_1", "conv*"]}, "x")
    assert found.asked()["maps"] == ["layer_1", "conv*"]
    assert "maps" not in measuring({"metrics": ["uc_nfc"]}, "x").asked()
    with pytest.raises(
        ConfigError, match=r"x: measure.metrics\[1\]: 'network_alignment' is of all"
    ):
        measuring({"metrics": ["uc_nfc", "network_alignment"], "maps": ["layer_1"]}, "x")


@pytest.mark.parametrize("view", [{"projections": 1}, {"projections": 2.5}, {"conv_bias": "no"}])
def test_a_view_of_too_few_projections_or_an_unknown_bias_is_refused(view):
    with pytest.raises(ConfigError, match=r"^x: measure\.views\.v\."):
        measuring({"metrics": ["uc_nfc"], "views": {"v": view}}, "x")


def test_parts_have_names():
    found = measuring({"metrics": ["uc_nfc"], "parts": {"*.qkv": ["q", "k", "v"]}}, "x")
    assert found.asked()["parts"] == {"*.qkv": ["q", "k", "v"]}
    for names in (["q"], ["q", "q"], ["a.b", "c"]):
        with pytest.raises(ConfigError, match=r"x: measure\.parts\.\*\.qkv: expected at least two"):
            measuring({"metrics": ["uc_nfc"], "parts": {"*.qkv": names}}, "x")


def test_scores_of_some_images_are_asked_for():
    assert measuring({"evaluation_images": 500}, "x").asked()["evaluation_images"] == 500
    assert "evaluation_images" not in measuring({}, "x").asked()
