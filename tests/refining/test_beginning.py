"""The first generation of an experiment, and who deals seeds to later ones."""

from __future__ import annotations

import numpy as np
from made.refined import chains as experiment

from layeratlas.config.expansion import describe, expand
from layeratlas.refining.beginning import dealer_of, first_generation, place_in
from layeratlas.refining.plane import Plane


def test_the_first_generation_is_the_grid_with_its_first_seeds(tmp_path):
    asked = experiment(tmp_path)
    history = first_generation(asked)
    points = history.points()
    assert [p.values for p in points] == [(0.1, 0.0), (0.1, 0.2), (0.5, 0.0), (0.5, 0.2)]
    assert all(len(p.seeds) == 2 for p in points) and history.runs == 8
    runs = expand(asked.at_points(points))
    assert len({run.id for run in runs}) == 8
    # The very runs of the grid: another experiment with it has the same.
    plain = asked.model_copy(update={"refine": None})
    assert {run.id for run in runs} <= {run.id for run in expand(plain)}


def test_a_cube_is_told_points_ranges_and_generations_and_no_budget(tmp_path):
    asked = experiment(tmp_path).at_points(first_generation(experiment(tmp_path)).points())
    told = describe(asked, expand(asked))["description"]
    assert told["grid"] == {"point": [0, 1, 2, 3]}
    assert told["along"]["friction_right"]["values"] == [0.0, 0.2, 0.0, 0.2]
    assert told["refine"]["plane"] == {"noise_strength": [0.1, 0.5], "friction_right": [0.0, 0.2]}
    assert not {"budget", "tolerance"} & set(told["refine"])
    assert Plane.of(told["refine"]).names == (
        "noise_strength",
        "friction_right",
    )


def test_who_reads_a_history_deals_on_as_who_made_it(tmp_path):
    asked = experiment(tmp_path)
    history = first_generation(asked)
    one, other = (dealer_of(asked, history) for _ in range(2))
    assert one.deal((0.3, 0.3), 3) == other.deal((0.3, 0.3), 3)


def test_places_are_those_of_the_plane(tmp_path):
    asked = experiment(tmp_path, ", log: [noise_strength]")
    plane = Plane.of(asked.refine.asked() | {"plane": asked.plane})
    for values in ((0.1, 0.0), (0.3, 0.05), (0.5, 0.2)):
        np.testing.assert_allclose(place_in(asked, values), plane.unit(np.array([values]))[0])
