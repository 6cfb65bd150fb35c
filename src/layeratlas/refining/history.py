"""Which points an experiment was asked for, generation by generation, in one file.

The file lies with the results, results/<preset>/refined/<experiment>.json. It is what planning
reads, so a generation is an ordinary grid of runs, and what a controller that was killed goes on
from. Its points follow from the experiment and from what earlier ones gave alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import check_seal, sealed
from layeratlas.config.experiment import Asked, Experiment
from layeratlas.errors import UnreadableError
from layeratlas.runs.run import short_hash

__all__ = [
    "FOLDER", "History", "Request", "history_key", "history_path", "read_history", "write_history",
]  # fmt: skip

FOLDER = "refined"

Request = tuple[tuple[Any, Any], tuple[int, ...]]
"""Values of the two axes, and the seeds that are new there."""


@dataclass(frozen=True)
class History:
    """Generations of requests; `taken` maps experiments to the runs that their cubes have."""

    key: str
    generations: tuple[tuple[Request, ...], ...]
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def points(self) -> tuple[Asked, ...]:
        """Every point in the order it was first asked for, with all its seeds."""
        found: dict[tuple[Any, Any], tuple[list[int], list[int]]] = {}
        for number, requests in enumerate(self.generations):
            for values, seeds in requests:
                own = found.setdefault(values, ([], []))
                own[0].extend(seeds)
                own[1].extend([number] * len(seeds))
        return tuple(Asked(at, tuple(s), tuple(g)) for at, (s, g) in found.items())

    @property
    def runs(self) -> int:
        """Runs in all."""
        return sum(len(seeds) for requests in self.generations for _, seeds in requests)

    @property
    def runs_taken(self) -> frozenset[str]:
        """Ids of the runs that other cubes have."""
        return frozenset(run for ids in self.taken.values() for run in ids)

    def with_taken(self, more: Mapping[str, Iterable[str]]) -> History:
        """With runs more that other cubes have."""
        names = {*self.taken, *more}
        taken = {n: tuple(sorted({*self.taken.get(n, ()), *more.get(n, ())})) for n in names}
        return replace(self, taken=taken)

    def grown(self, requests: Sequence[Request]) -> History:
        """With a generation more."""
        return replace(self, generations=(*self.generations, tuple(requests)))


def history_key(experiment: Experiment) -> str:
    """Hash of all that points follow from besides results; tolerance and budget end them alone."""
    assert experiment.refine is not None
    asked = experiment.refine.asked()
    asked.pop("tolerance")
    asked.pop("budget")
    grid = {axis: list(values) for axis, values in experiment.grid.items()}
    return short_hash(
        {
            "kind": experiment.kind,
            "settings": experiment.settings,
            "grid": grid,
            "seeds": list(experiment.seeds),
            "checkpoints": [str(point) for point in experiment.checkpoints],
            "refine": asked,
        }
    )


def history_path(results: Path, experiment: str) -> Path:
    """Where the file of an experiment lies."""
    return results / FOLDER / f"{experiment}.json"


def read_history(path: Path, key: str) -> History | None:
    """The history in a file; None where there is none, or where it is of other settings.

    UnreadableError where it is not what was written.
    """
    if not path.exists():
        return None
    document = read_json(path)
    check_seal(document, path)
    try:
        if document["key"] != key:
            return None
        generations = tuple(
            tuple(((x, y), tuple(map(int, seeds))) for x, y, seeds in requests)
            for requests in document["generations"]
        )
        taken = {str(name): tuple(map(str, ids)) for name, ids in document["taken"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableError(path, "is no list of points of a refined experiment") from None
    return History(key, generations, taken)


def write_history(path: Path, history: History) -> None:
    """Write it, whole or not at all."""
    from layeratlas.storage.atomic import write_json_atomic

    document = {
        "key": history.key,
        "generations": [
            [[x, y, list(seeds)] for (x, y), seeds in requests] for requests in history.generations
        ],
        "taken": {name: list(ids) for name, ids in sorted(history.taken.items())},
    }
    write_json_atomic(path, sealed(document))
