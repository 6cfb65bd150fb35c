"""Height and test error over learning rates and batch sizes."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import rates_cube

from layeratlas.papers.signal_propagation import generalising


def test_cells_hold_the_means_of_the_runs_that_came():
    lost = lambda learning_rate, batch_size, seed, **at: (  # noqa: E731
        (batch_size, seed) != (32, 1) and (batch_size, learning_rate) != (128, 1e-2)
    )
    found = generalising.cells(rates_cube(reached=lost))
    assert found["runs"].values.tolist() == [[1, 1, 1], [2, 2, 0]]
    assert found["height"].dims == ("batch_size", "learning_rate")
    assert found["height"].values[0] == pytest.approx(
        0.2 + 20 * np.array([1e-3, 3e-3, 1e-2]) - 0.016
    )
    assert found["test_error"].values[1, 0] == pytest.approx(0.2 - 0.002 + 0.0128)
    assert found["loss_gap"].values[0, 0] == pytest.approx(0.5)
    assert np.isnan(found["height"].values[1, 2])
    assert generalising.points(found).sizes["cell"] == 5


def test_heights_are_those_of_mean_profiles():
    """Seeds that peak at different layers have a lower mean than the mean of their peaks."""
    cube = rates_cube()
    moved = cube["affine"]["alignment"].values
    moved[:, :, 1] = moved[:, :, 1, ..., ::-1]
    cube["affine"] = (
        cube["affine"].to_dataset().assign(alignment=cube["affine"]["alignment"].copy(data=moved))
    )
    each = generalising.profile(cube, "alignment").max("layer").mean("seed")
    assert (generalising.cells(cube)["height"].values < each.transpose("batch_size", ...)).all()


def test_rank_correlation_has_its_sign_and_needs_three_cells():
    assert generalising.rank_correlation(generalising.cells(rates_cube())) == pytest.approx(-1)
    few = generalising.cells(rates_cube(reached=lambda learning_rate, **at: learning_rate == 1e-3))
    assert np.isnan(generalising.rank_correlation(few))
    assert np.isnan(generalising.share_of_shuffles(few))


@pytest.mark.parametrize("batches", [(32, 128), (32, 128, 512, 2048)])
def test_the_share_of_shuffles_is_that_of_orders(batches):
    """The best of n! orders, of six cells all of them, of twelve a sample."""
    found = generalising.cells(rates_cube(batches=batches))
    best = generalising.share_of_shuffles(found)
    if len(batches) == 2:
        assert best == pytest.approx(1 / 720)
    else:
        assert best < 1e-3
    worst = found.assign(test_error=-found["test_error"])
    assert generalising.share_of_shuffles(worst) == 1
    middle = found.assign(test_error=found["test_error"].copy(data=np.roll(found["test_error"], 1)))
    share = generalising.share_of_shuffles(middle)
    assert best < share < 1
