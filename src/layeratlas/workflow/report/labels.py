"""What Snakemake's report says of a figure: under which category, with which labels.

Light to import: the rules read it at every start, and ask it when a report is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.papers import FIGURES, TITLES, paper_of

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

__all__ = ["CLAIMS", "MAPS", "OWN", "category", "labels", "labels_of_claims", "labels_of_map"]

CLAIMS = "Claims"
MAPS = "Maps"
OWN = "Figures of your own"
#: Kind of a figure that is drawn from no cube.
DRAWING = "drawing"


def category(figure: str) -> str:
    """The title of the figure's paper."""
    paper = paper_of(figure)
    return OWN if paper is None else TITLES[paper]


def labels(workflow: Workflow, figure: str) -> dict[str, str]:
    """Figure, kinds of the experiments that it shows, preset, and how many of its claims hold."""
    preset = workflow.config.preset
    shown = FIGURES[figure].experiments_of(preset)
    judged = [workflow.results / "claims" / f"{figure}.json"] if FIGURES[figure].claims else []
    return _labels(workflow, figure, shown, judged)


def labels_of_map(workflow: Workflow, experiment: str, metric: str) -> dict[str, str]:
    """The same of a map, of which no paper claims anything."""
    return _labels(workflow, f"{experiment}, {metric}", [experiment], [])


def labels_of_claims(workflow: Workflow, judged: Iterable[str]) -> dict[str, str]:
    """The same of the page of claims, which were judged into the files `judged`."""
    found = _labels(workflow, "all", [], [Path(path) for path in judged])
    return {**found, "kind": "claims"}


def _labels(
    workflow: Workflow, figure: str, experiments: Iterable[str], judged: Iterable[Path]
) -> dict[str, str]:
    # Claims are read when a report is made alone.
    from layeratlas.workflow.report.verdict import verdict

    kinds = dict.fromkeys(workflow.experiments.kinds[name] for name in experiments)
    return {
        "figure": figure,
        "kind": ", ".join(kinds) or DRAWING,
        "preset": workflow.config.preset,
        "verdict": verdict(judged),
    }
