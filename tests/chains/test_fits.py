"""Fits find the chain and the clock they were made from, and say where they cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made.chains import EPOCHS, FRICTION, NOISE, STEPS, chains

from layeratlas.chains.fits import (
    Library,
    TrajectoryLibrary,
    fit_curve,
    nearest,
    range_normalised,
    wall_normalised,
)
from layeratlas.chains.integrators import first_order

# --- load curves -----------------------------------------------------------------------------

FRICTIONS = np.array([0.0, 0.03, 0.06, 0.10, 0.15])
NOISES = np.array([0.0, 0.03, 0.06, 0.1, 0.2, 0.5])


def at_the_end(friction, noise, seeds):
    F, N, S = np.meshgrid(friction, noise, seeds, indexing="ij")
    D = first_order(
        length=7, steps=10_000, record=[10_000], seeds=list(S.ravel()),
        friction_right=F.ravel(), friction_left=0.15, noise=N.ravel(),
    )  # fmt: skip
    return D.reshape(*F.shape, 8)


@pytest.fixture(scope="module")
def final_separation():
    return at_the_end(FRICTIONS, NOISES, range(1, 9))


@pytest.fixture(scope="module")
def of_ends(final_separation):
    return Library.from_separation(FRICTIONS, NOISES, final_separation)


def test_it_finds_the_chain_of_each_library_cell(of_ends):
    of_ends = replace(of_ends, points=121)
    for i, j in ((1, 1), (2, 0), (3, 2), (4, 1)):
        fit = fit_curve(3.0 * of_ends.shapes[i, j] + 2.0, of_ends, tolerance=1e-3)
        assert fit.residual < 5e-3
        for name, true in (("friction_right", FRICTIONS[i]), ("noise_strength", NOISES[j])):
            estimate = fit.parameters[name]
            assert estimate.low - 1e-9 <= true <= estimate.high + 1e-9


def test_strong_noise_does_not_identify_its_strength(of_ends):
    # All stationary curves coincide (spec. §3.4 (iii)); friction then sets the curve alone.
    shaken = fit_curve(of_ends.shapes[1, 5], of_ends, tolerance=0.01).parameters
    assert not shaken["noise_strength"].identifiable
    assert shaken["friction_right"].identifiable
    # A still chain is told from all shaken ones, though none less shaken was there to compare.
    still = fit_curve(of_ends.shapes[3, 0], of_ends, tolerance=0.01).parameters
    assert still["noise_strength"].identifiable
    assert still["noise_strength"].at_end == -1
    assert still["friction_right"].at_end == 0


def test_the_region_grows_with_the_tolerance(of_ends):
    def width(fit):
        return [fit.parameters[name].high - fit.parameters[name].low for name in of_ends.grids]

    tight = fit_curve(of_ends.shapes[2, 2], of_ends, tolerance=1e-3)
    loose = fit_curve(of_ends.shapes[2, 2], of_ends, tolerance=0.05)
    assert width(loose)[0] > width(tight)[0]
    assert width(loose)[1] > width(tight)[1]


def test_curves_without_a_shape_give_no_fit(of_ends):
    for curve in (np.full(8, 1.0), np.r_[np.nan, np.arange(7.0)]):
        fit = fit_curve(curve, of_ends, tolerance=0.01)
        assert np.isnan(fit.residual)
        assert np.isnan(fit.parameters["friction_right"].value)
        assert not fit.parameters["friction_right"].identifiable
        assert not fit.best
    with pytest.raises(ValueError, match="5 points"):
        fit_curve(np.arange(5.0), of_ends, tolerance=0.01)


def test_load_curves_are_rescaled_by_their_own_range():
    curve = np.random.default_rng(0).normal(size=(3, 8))
    scaled = range_normalised(curve)
    np.testing.assert_allclose(range_normalised(4.0 * curve - 7.0), scaled)
    assert scaled.min(axis=-1).tolist() == [0, 0, 0]
    assert scaled.max(axis=-1).tolist() == [1, 1, 1]


# --- trajectories ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(separation):
    return TrajectoryLibrary.from_separation(FRICTION, NOISE, STEPS, separation, EPOCHS)


# Friction, noise, clock: still, shaken and in between; unfinished and long finished.
@pytest.mark.parametrize(
    "friction, noise, clock",
    [(0.08, 0.0, 100), (0.02, 0.05, 60), (0.06, 0.1, 20), (0.12, 0.15, 150), (0.0, 0.03, 40)],
)
def test_it_finds_chain_and_clock(library, friction, noise, clock):
    # Chains of seeds that the library has not seen, at steps that it did not record, and in the
    # units of a network.
    seen = chains([friction], [noise], range(50, 70), clock * EPOCHS)[0, 0].mean(axis=0)
    tolerance = max(library.scatter, 0.01)
    fit = fit_curve(4.0 * seen - 2.5, library, tolerance)
    assert fit.residual < tolerance
    # Between the library's values chains are interpolated: an interval may miss by a grid step.
    for name, true in (
        ("friction_right", friction), ("noise_strength", noise), ("steps_per_epoch", clock)
    ):  # fmt: skip
        estimate, grid = fit.parameters[name], library.grids[name]
        step = np.diff(grid).max() if name != "steps_per_epoch" else 0.13 * clock
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.low - step <= true <= estimate.high + step
    assert fit.parameters["steps_per_epoch"].identifiable
    assert fit.parameters["friction_right"].value == pytest.approx(friction, abs=0.03)
    assert fit.parameters["steps_per_epoch"].value == pytest.approx(clock, rel=0.35)


def test_a_whole_trajectory_tells_more_than_its_end(separation, library):
    # At the end a shaken chain has forgotten how hard it was shaken (spec. §3.4 (iii)); a
    # trajectory still shows it in the balance of its layers on the way.
    seen = chains([0.04], [0.1], range(50, 70), 200 * EPOCHS)[0, 0].mean(axis=0)
    end = fit_curve(
        seen[-1], Library.from_separation(FRICTION, NOISE, separation[..., -1, :]), 0.03
    ).parameters["noise_strength"]
    whole = fit_curve(seen, library, 0.03).parameters["noise_strength"]
    assert whole.high - whole.low <= end.high - end.low


@pytest.mark.parametrize("noise", [0.3, 0.5])
def test_saturated_noise_is_not_identified(library, noise):
    # Noise far above all friction moves blocks as any other such noise does; a little less of it
    # with less friction does too.
    seen = chains([0.04], [noise], range(50, 70), 50 * EPOCHS)[0, 0].mean(axis=0)
    found = fit_curve(seen, library, 0.02).parameters
    assert not found["noise_strength"].identifiable
    assert found["noise_strength"].low < 0.1
    assert found["noise_strength"].high == NOISE[-1]
    # A chain at rest but for its pull is told from all shaken ones.
    still = chains([0.08], [0.0], [1], 50 * EPOCHS)[0, 0, 0]
    assert fit_curve(still, library, 0.02).parameters["noise_strength"].identifiable


def test_a_curve_at_rest_does_not_identify_its_clock(library):
    # Long at rest, the moments of motion before epoch 1 are the only witnesses of the clock.
    rest = np.repeat(chains([0.08], [0.0], [1], [8000])[0, 0, 0], len(EPOCHS), axis=0)
    assert not fit_curve(rest, library, 0.15).parameters["steps_per_epoch"].identifiable


def by_hand(trajectory):
    """The scale of the wall, epoch by epoch."""
    wall, low = 0.0, np.inf
    for moment in trajectory:
        wall += moment[0] / len(trajectory)
        for value in moment:
            low = min(low, value)
    return [[(value - low) / (wall - low) for value in moment] for moment in trajectory]


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.tuples(*(st.integers(2, 4) for _ in range(5))),
    curves=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_residuals_are_those_of_three_loops(sizes, curves, seed):
    n_friction, n_noise, n_seed, n_epoch, n_layer = sizes
    rng = np.random.default_rng(seed)
    friction, noise = np.sort(rng.random(n_friction)), np.sort(rng.random(n_noise))
    steps, epochs = np.array([0, 3, 10, 30]), np.arange(n_epoch)
    chain = rng.normal(size=(n_friction, n_noise, n_seed, len(steps), n_layer))
    found = rng.normal(size=(curves, n_epoch, n_layer))
    for walls in (chain[..., 0], found[..., 0]):
        walls[:] = 5 + 0.1 * walls  # above the other layers, and not quite constant
    clocks = [1.0, 30 / epochs[-1]]
    library = TrajectoryLibrary.from_separation(friction, noise, steps, chain, epochs, clocks)
    squares = library.squares(found)
    refined = library.grids
    # The library's own points lie on the refined grid only at its corners; there, by hand.
    for c, clock in enumerate(sorted(clocks)):
        for i, j in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
            shape = np.empty((n_epoch, n_layer))
            for t in range(n_epoch):
                for layer in range(n_layer):
                    one = [
                        np.interp(clock * epochs[t], steps, chain[i, j, s, :, layer])
                        for s in range(n_seed)
                    ]
                    shape[t, layer] = np.mean(one)
            shape = by_hand(shape)
            assert refined["friction_right"][i] == pytest.approx(friction[i])
            assert refined["noise_strength"][j] == pytest.approx(noise[j])
            for k in range(curves):
                wanted = by_hand(found[k])
                total = 0.0
                for t in range(n_epoch):
                    for layer in range(n_layer):
                        total += (wanted[t][layer] - shape[t][layer]) ** 2
                assert squares[k, c, i, j] == pytest.approx(
                    total / (n_epoch * n_layer), rel=1e-9, abs=1e-12
                )
    # Everywhere else the shape of `shape` is meant.
    c, i, j = 1, 17, 60
    shape = library.shape(c, i, j)
    np.testing.assert_allclose(
        squares[:, c, i, j], ((wall_normalised(found) - shape) ** 2).mean((1, 2)), rtol=1e-9
    )


@settings(max_examples=50, deadline=None)
@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-1e3, 1e3),
    wobble=st.floats(0, 0.06),
    seed=st.integers(0, 2**32 - 1),
)
def test_trajectories_hang_on_their_wall(scale, shift, wobble, seed):
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(3, 5, 8))
    found[..., 0] = 1 + wobble * rng.random((3, 5))
    found[:, -1, -1] = -1
    scaled = wall_normalised(found)
    # Whatever the network's units: the wall is at 1, all moments share the smallest value.
    np.testing.assert_allclose(wall_normalised(scale * found + shift), scaled, atol=1e-9)
    np.testing.assert_allclose(scaled[..., 0].mean(-1), 1)
    np.testing.assert_array_equal(scaled.min(axis=(1, 2)), 0)
    np.testing.assert_array_equal(scaled > scaled[..., :1], found > found[..., :1])
    # What layers do above the wall does not move the others.
    raised = np.where(found > found[..., :1], 10 * found, found)
    below = found <= found[..., :1]
    np.testing.assert_array_equal(wall_normalised(raised)[below], scaled[below])


def test_the_wall_of_a_chain_is_at_1_at_all_times(separation, library):
    for of_clock in library.libraries:
        np.testing.assert_allclose(of_clock.shapes[..., 0], 1, rtol=1e-12)
        np.testing.assert_allclose(of_clock.shapes[..., 0, :], 1, rtol=1e-12)
        # Blocks pass the wall only if shaken, and not far.
        assert of_clock.shapes[:, 0].max() <= 1 + 1e-12
        assert of_clock.shapes.max() < 1.1


@pytest.mark.parametrize("friction, noise", [(0.08, 0.0), (0.08, 0.1), (0.02, 0.2)])
def test_a_start_above_the_wall_is_a_misfit_and_slows_the_clock(library, friction, noise):
    # A chain whose layers begin above the wall, the deeper the higher, as an untrained network's.
    chain = chains([friction], [noise], range(50, 70), 50 * EPOCHS)[0, 0].mean(axis=0)
    lifted = chain + 0.3 * np.exp(-EPOCHS / 3)[:, None] * np.arange(8) / 7
    assert wall_normalised(lifted).max() > 1.2
    plain, raised = (fit_curve(curve, library, 0.02) for curve in (chain, lifted))
    assert raised.residual > 2 * plain.residual
    # The true chain stays among those that fit as well, within a step between chains.
    for name, true, step in (("friction_right", friction, 0.01), ("noise_strength", noise, 0.02)):
        found = raised.parameters[name]
        assert found.low - step <= true <= found.high + step
    # Its clock does not: no chain rests above the wall, a slow one rests near it.
    clocks = [fit.parameters["steps_per_epoch"].value for fit in (raised, plain)]
    assert 0.4 < clocks[0] / clocks[1] < 1


def test_what_cannot_be_fitted(library, separation):
    falling = chains([0.08], [0.0], [1], 50 * EPOCHS)[0, 0, 0]
    wobbling = np.where(np.arange(8) == 0, 0.03 * np.cos(EPOCHS)[:, None], 2 + falling)
    for broken in (
        np.full((41, 8), 0.1),  # at rest: D_0 is the smallest value
        wobbling,  # no layer ever below the wall
        np.where(np.arange(8) == 3, np.nan, falling),  # a layer is missing
        np.where(np.arange(8) == 0, np.nan, falling),  # the wall is missing
    ):
        assert np.isnan(wall_normalised(broken)).all()
        fit = fit_curve(broken, library, 0.01)
        assert np.isnan(fit.residual)
        assert not fit.best
        assert not any(e.identifiable or e.at_end for e in fit.parameters.values())
    with pytest.raises(ValueError, match="40 × 8 points, the library's chains 41 × 8"):
        fit_curve(np.ones((40, 8)), library, 0.01)
    with pytest.raises(ValueError, match=r"leave the recorded steps, 0 to 8000"):
        TrajectoryLibrary.from_separation(FRICTION, NOISE, STEPS, separation, EPOCHS, [300.0])


def test_ends_of_the_library_are_told_apart():
    # Also where the interval is one value only.
    x = np.linspace(0, 1, 5)
    square = (x[:, None] - 2) ** 2 + (x[None, :] + 1) ** 2
    fit = nearest(square, {"a": x, "b": x}, 0.0)
    assert {name: estimate.at_end for name, estimate in fit.parameters.items()} == {"a": 1, "b": -1}
    assert all(estimate.low == estimate.high for estimate in fit.parameters.values())


def test_the_region_is_that_of_a_profile():
    # Two parameters that make up for each other: neither is known alone.
    x = np.linspace(-1, 1, 21)
    valley = (x[:, None] + x[None, :]) ** 2
    fit = nearest(valley, {"a": x, "b": x}, 0.05)
    assert not any(estimate.identifiable for estimate in fit.parameters.values())
    fit = nearest(valley + 0.1 * x[:, None] ** 2, {"a": x, "b": x}, 0.05)
    assert all(estimate.identifiable for estimate in fit.parameters.values())


# --- definitions, by hand -----------------------------------------------------------------------


def test_the_scatter_is_about_the_shape_of_the_mean(final_separation, of_ends):
    """Chains are averaged before they are rescaled; scatter is rms over chains and layers."""

    def scaled(curve):
        return (curve - curve.min()) / (curve.max() - curve.min())

    squares = []
    for i, j in np.ndindex(len(FRICTIONS), len(NOISES)):
        runs = final_separation[i, j]
        shape = scaled(sum(runs) / len(runs))
        np.testing.assert_allclose(of_ends.shapes[i, j], shape, atol=1e-12)
        squares += [(scaled(run) - shape) ** 2 for run in runs]
    assert of_ends.scatter == pytest.approx(np.sqrt(np.mean(squares)))


def test_scatter_at_a_clock_is_that_of_its_library(library):
    scatters = [one.scatter for one in library.libraries]
    assert len(set(scatters)) > 1
    for clock, scatter in enumerate(scatters):
        assert library.scatter_at({"steps_per_epoch": clock}) == scatter
    assert library.scatter == pytest.approx(np.sqrt(np.mean(np.square(scatters))))


def test_grids_are_even_in_friction_and_even_in_rank_of_noise(of_ends):
    """Half-way between two library values lie both the grid's value and its shape."""
    library = replace(of_ends, points=2 * (len(NOISES) - 1) + 1)
    np.testing.assert_allclose(
        library.grids["friction_right"], np.linspace(FRICTIONS[0], FRICTIONS[-1], 11)
    )
    noise = library.grids["noise_strength"]
    np.testing.assert_allclose(noise[::2], NOISES)
    np.testing.assert_allclose(noise[1::2], (NOISES[1:] + NOISES[:-1]) / 2)
    np.testing.assert_allclose(
        library.shape(0, 3), (of_ends.shapes[0, 1] + of_ends.shapes[0, 2]) / 2
    )


def test_the_region_adds_squares():
    """r² ≤ r²_min + tolerance²: at r_min 0.2 and tolerance 0.1, r² up to 0.05."""
    square = np.array([0.09, 0.0501, 0.05, 0.04, 0.0499, 0.0501, 0.09])
    estimate = nearest(square, {"a": np.arange(7.0)}, 0.1).parameters["a"]
    assert (estimate.value, estimate.low, estimate.high) == (3, 2, 4)
    assert nearest(square, {"a": np.arange(7.0)}, 0.1).residual == pytest.approx(0.2)


@pytest.mark.parametrize(("within", "identifiable"), [(5, True), (6, False)])
def test_an_interval_of_half_the_range_is_identifiable(within, identifiable):
    """Nine values: four steps of eight are half, five are more."""
    square = np.where(np.arange(9) < within, 0.0, 1.0)
    estimate = nearest(square, {"a": np.arange(9.0)}, 0.5).parameters["a"]
    assert estimate.identifiable == identifiable
