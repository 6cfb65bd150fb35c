"""Images of views: which they are, how many of a class, and refusals that only they tell."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.metrics.images import Images
from layeratlas.metrics.registry import get_metric
from layeratlas.metrics.views import Views
from layeratlas.signals.views import View

CLEAN, NOISY = np.array([0, 0, 0, 1, 2, 1]), np.array([0, 1, 0, 1, 2, 0])
TEST = np.array([2, 2, 1, 0])


def images(clean=CLEAN, noisy=NOISY, test=TEST, n_outputs=3):
    rng = np.random.default_rng(0)
    return Images(
        xr.Dataset(
            {
                "train_inputs": (("sample", "f"), rng.normal(size=(len(clean), 2))),
                "train_targets": ("sample", noisy),
                "clean_train_targets": ("sample", clean),
                "test_inputs": (("held_out", "f"), rng.normal(size=(len(test), 2))),
                "test_targets": ("held_out", test),
            },
            attrs={"n_outputs": n_outputs},
        )
    )


def views_of(**views):
    return Views.of({"views": views})


def test_balanced_views_say_their_images_and_classes():
    placed = views_of(
        clean={"per_class": 1}, noisy={"per_class": 1, "targets": "trained"}, all={"split": "test"}
    )
    found = images().drawn(placed, 2).isel(run=1)
    assert found["view_sample"].dims == ("view", "drawn")
    drawn = {
        name: found["view_sample"].sel(view=name).dropna("drawn").values.tolist()
        for name in placed.views
    }
    assert drawn == {"clean": [0, 3, 4], "noisy": [0, 1, 4], "all": [0, 1, 2, 3]}
    assert found["view_class_count"].values.tolist() == [[1, 1, 1], [1, 1, 1], [1, 1, 2]]


def test_nothing_is_said_of_the_first_images():
    assert images().drawn(views_of(few={"images": 3}), 2) is None


def test_images_and_targets_are_of_the_same_samples():
    found = images()
    seen = found.of(View(per_class=1, targets="trained"))
    whole = found.of(View(targets="trained"))
    np.testing.assert_array_equal(seen.x, whole.x[[0, 1, 4]])
    assert seen.targets.tolist() == [0, 1, 2]
    assert found.of(View(labels="changed")).targets.tolist() == [0, 1]


def test_a_single_output_has_two_classes():
    y = np.array([0, 1, 1, 1, 0])
    found = images(y, y, y, n_outputs=1)
    assert found.chosen(View(per_class=2)).tolist() == [0, 1, 2, 4]


def test_a_class_with_too_few_images_is_named():
    with pytest.raises(StoreError, match="per_class 2 is more than the 1 images that class 2 has"):
        images().of(View(per_class=2))


@pytest.mark.parametrize(
    ("metric", "view", "told"),
    [
        ("alignment", {"images": 3}, "'alignment' of view 'some': it is held against labels that "
         "differ, and the 3 images of the view have class 0 alone"),
        ("alignment", {"labels": "changed", "images": 1}, "it compares examples, and the view "
         "has 1"),
        ("forward_correlation", {"labels": "changed", "images": 1}, "the view has 1"),
    ],
)  # fmt: skip
def test_too_little_for_a_metric(metric, view, told):
    with pytest.raises(StoreError, match=told):
        images().refuse_few(views_of(some=view), [get_metric(metric)])


def test_numbers_that_are_all_alike_are_no_labels():
    same = np.ones((6, 2))
    dataset = {"clean": same, "noisy": same}
    with pytest.raises(StoreError, match="have one target"):
        of_vectors(**dataset).refuse_few(views_of(some={}), [get_metric("alignment")])


def of_vectors(clean, noisy):
    return Images(
        xr.Dataset(
            {
                "train_inputs": (("sample", "f"), np.zeros((6, 2))),
                "train_targets": (("sample", "o"), noisy),
                "clean_train_targets": (("sample", "o"), clean),
                "test_inputs": (("held_out", "f"), np.zeros((6, 2))),
                "test_targets": (("held_out", "o"), clean),
            },
            attrs={"n_outputs": 2},
        )
    )


def test_what_needs_no_labels_is_of_one_class_too():
    images().refuse_few(views_of(some={"images": 3}), [get_metric("forward_correlation")])
