"""The line of a level, and how far off it may be."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import Runs, line, samples, wave

from layeratlas.config.refine import LARGEST_GRADIENT
from layeratlas.refining.boundary import boundary, density, steepest
from layeratlas.refining.plane import square
from layeratlas.refining.surface import Surface


def away(lines, other) -> np.ndarray:
    places = np.concatenate(lines)
    return np.sqrt(((places[:, None] - other[None]) ** 2).sum(-1)).min(1)


@pytest.fixture(scope="module")
def surface() -> Surface:
    return Surface(samples(Runs(), steps=7))


def test_the_line_is_where_it_is_and_as_far_off_as_it_says(surface):
    found = boundary(surface, 0.0)
    off = np.sqrt((away(found.lines, line(801)) ** 2).mean())
    assert off < 0.03 and found.offset / 4 < off < 3 * found.offset
    assert found.exists and 0.4 < found.above < 0.6
    # The line's own length in the unit square.
    exact = np.sqrt((np.diff(line(801), axis=0) ** 2).sum(1)).sum()
    assert abs(found.length - exact) < 0.1


def test_the_whole_line_lies_within_the_band(surface):
    found = boundary(surface, 0.0)
    mean, spread = surface.at(line())
    assert (np.abs(mean) <= found.band * spread).all()
    assert 1.96 < found.band < 5


def test_a_level_that_is_nowhere_has_no_boundary(surface):
    found = boundary(surface, 2.0)
    assert not found.exists and not found.lines and found.above == 0
    assert boundary(surface, -2.0).above == 1


def test_more_seeds_make_it_surer():
    few, more = (boundary(Surface(samples(Runs(), steps=5, each=n)), 0.0) for n in (2, 6))
    assert more.offset < few.offset


def test_the_steepest_line_is_the_front_between_two_plateaus():
    def front(places):
        return np.tanh((places[:, 0] - 0.3) / 0.1) + 0.2 * places[:, 1]

    quiet = Surface(samples(Runs(front, common=0.005, alone=0.005), steps=12))
    found = boundary(quiet, LARGEST_GRADIENT)
    assert np.abs(np.concatenate(found.lines)[:, 0] - 0.3).max() < 0.05
    # The control: of any other level the line is elsewhere.
    assert np.abs(np.concatenate(boundary(quiet, 0.9).lines)[:, 0] - 0.3).max() > 0.08


def test_a_plane_without_any_slope_has_a_level_all_the_same():
    flat = np.zeros(25)
    assert np.isfinite(steepest(flat, flat))


def test_the_density_of_boundary_is_rice_s_formula():
    """Against the share of lines of random surfaces that cross a small square."""
    rng = np.random.default_rng(0)
    steep, spread, mean = 2.0, 0.5, 0.3
    heights = mean + spread * rng.normal(size=200_000)
    # A plane of slope `steep` crosses 0 in a strip of width w if its height is below w · steep.
    width = 0.02
    crossed = np.mean((heights > 0) & (heights < width * steep)) / width
    told = density(np.array([mean]), np.array([spread]), np.array([steep]), 0.0)
    np.testing.assert_allclose(told[0], crossed, rtol=0.05)


def test_places_of_the_wave_are_on_it():
    assert np.abs(wave(line())).max() < 1e-12
    assert wave(square(4)).max() > 0
