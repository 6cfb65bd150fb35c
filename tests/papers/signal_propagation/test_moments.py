"""Record points of a cube: when they came, and numbers of runs at each."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import STEPS, aligned_cube, dynamics_cube

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.signal_propagation import moments
from layeratlas.runs.status import DIVERGED


def test_the_log_is_the_beginning_and_the_numbered_steps():
    cube = dynamics_cube()
    assert moments.labels(cube) == list(STEPS)
    assert moments.logged(cube) == ["init", *(name for name in STEPS if name.startswith("step "))]
    found = moments.steps(cube, moments.logged(cube))
    assert found.dims == ("learning_rate", "seed", "record")
    assert found.values[1, 0].tolist() == [0, 5, 8, 20, 60, 200, 800]


def test_history_is_every_profile_in_the_order_asked_for():
    cube = dynamics_cube(seeds=2)
    names = ["step 60", "init", "mark_0.1"]
    found = moments.history(cube, "alignment", "test", names)
    assert found.dims == ("learning_rate", "seed", "record", "layer")
    assert found["record"].values.tolist() == names
    for name in names:
        expected = moments.profile(cube, "alignment", "test", name)
        assert np.array_equal(found.sel(record=name), expected.transpose(*found.dims[:2], "layer"))


def test_runs_that_are_lost_or_did_not_come_have_no_numbers():
    cube = aligned_cube(
        {"width": [8, 16]},
        {"init": 0, "mark_0.1": 7},
        {"alignment": lambda **at: np.ones(10)},
        network={"sim": lambda width, seed, **at: width + seed},
        evaluation={"test_loss": lambda width, **at: 1 / width},
        reached=lambda record, width, seed: record == "init" or (width, seed) != (8, 2),
        status=lambda width, seed: DIVERGED if (width, seed) == (16, 1) else 0,
    )
    came = moments.reached(cube, "mark_0.1")
    assert came.values.tolist() == [[True, False, True], [False, True, True]]
    loss = moments.evaluated(cube, "test_loss", "mark_0.1")
    assert loss.dtype == float and np.array_equal(np.isfinite(loss), came)
    assert loss.values[0, 0] == pytest.approx(1 / 8)
    along = moments.evaluated_along(cube, "test_loss", ["mark_0.1", "init"])
    assert np.isfinite(along.values).sum() == 4 + 5
    steps = moments.steps(cube)
    assert steps.values[0].tolist()[0] == [0, 7] and np.isnan(steps.values[0, 1, 1])
    sim = moments.of_network(cube, "sim", "test", ["init"])
    assert sim.dims == ("width", "seed", "record") and np.isnan(sim.values[1, 0, 0])
    assert sim.values[0, :, 0].tolist() == [9, 10, 11]


def test_what_was_not_kept_is_told():
    cube = dynamics_cube()
    with pytest.raises(LayerAtlasError, match=r"record 'mark_0\.02' was not kept"):
        moments.reached(cube, "mark_0.02")
    with pytest.raises(LayerAtlasError, match="no variable 'other'"):
        moments.of_network(cube, "other", "train")


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("mark_0.1", "running loss below 0.1"),
        ("init", "initialisation"),
        ("final", "end of training"),
        ("step 5", "step 5"),
    ],
)
def test_labels_in_words(label, told):
    assert moments.label_told(label) == told
