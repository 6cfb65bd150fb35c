"""The first generation of an experiment, the points of its grid; and who deals seeds to later ones.

Planning asks for it where nothing is refined yet, so it loads no arrays.
"""

from __future__ import annotations

import itertools

from layeratlas.config.experiment import Experiment
from layeratlas.refining.history import History, Request, history_key
from layeratlas.refining.seeds import Dealer
from layeratlas.refining.side import sides_of

__all__ = ["dealer_of", "first_generation", "place_in"]


def place_in(experiment: Experiment, values: tuple[float, float]) -> tuple[float, float]:
    """Where a point is in the unit square of the plane of an experiment."""
    assert experiment.refine is not None
    x, y = sides_of(experiment.refine.axes, experiment.refine.log, experiment.plane)
    return x.place(values[0]), y.place(values[1])


def first_generation(experiment: Experiment) -> History:
    """The points of the grid, each with its first seeds."""
    assert experiment.refine is not None
    dealer = Dealer(experiment.seeds)
    requests: list[Request] = []
    for values in itertools.product(*(experiment.grid[axis] for axis in experiment.refine.axes)):
        place = place_in(experiment, values)
        requests.append((values, dealer.deal(place, experiment.refine.seeds.first)))
    return History(history_key(experiment), (tuple(requests),))


def dealer_of(experiment: Experiment, history: History) -> Dealer:
    """Who has dealt all seeds of a history."""
    dealer = Dealer(experiment.seeds)
    for requests in history.generations:
        for values, seeds in requests:
            dealer.note(place_in(experiment, values), seeds)
    return dealer
