"""`layeratlas refine`: generation after generation, until the boundary is known well enough.

What is asked lies in a file that planning reads (`layeratlas.refining.history`), so each generation
is an ordinary grid for Snakemake, on a laptop or a cluster. Between two of them nothing is held but
that file: who is killed is started again, and asks what would have been asked.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from layeratlas.config.expansion import expand
from layeratlas.errors import ConfigError, LayerAtlasError, StoreError
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.store.reading import project_root
from layeratlas.refining.history import (
    History,
    Request,
    history_key,
    history_path,
    read_history,
    write_history,
)
from layeratlas.refining.stopping import BUDGET, FOUND, NONE, SEEDS
from layeratlas.words import listed, quoted, suggestion
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.refining.generations import State, next_generation, state_of
from layeratlas.workflow.refining.taking import runs_elsewhere

__all__ = ["Outcome", "refine"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What `refine` came to: the last state, the runs that were taken out of other cubes, and the
    files of the figure and the cube."""

    state: State
    taken: int
    figure: Path
    cube: Path


def refine(
    experiment: str,
    root: str | os.PathLike[str] | None = None,
    preset: str | None = None,
    arguments: Sequence[str] = ("--cores", "all"),
    say: Say = print,
) -> Outcome:
    """Spend runs on the boundary that an experiment asks for, and draw it.

    `arguments` are Snakemake's, such as `--cores 4` or `--workflow-profile profiles/slurm`; `say`
    takes a line about each generation. Interrupted, the same call goes on. ConfigError where there
    is no such experiment, or it has no `refine`; LayerAtlasError where a generation could not be
    made.
    """
    folder = _project(root)
    present = Present(folder)
    workflow = present.workflow(preset)
    if workflow is None or present.source is None:
        raise ConfigError(present.problem or "the configuration cannot be read")
    _refuse_unrefined(workflow, experiment)
    return _Controller(workflow, experiment, folder, present.source, arguments, say).run()


def _project(root: str | os.PathLike[str] | None) -> Path:
    """The folder of the project; a fresh clone, where nothing has run yet, is one too."""
    try:
        return project_root(root)
    except StoreError:
        here = Path.cwd()
        fresh = (here / "Snakefile").is_file() and (here / "config" / "experiments").is_dir()
        if root is None and fresh:
            return here
        raise


def _refuse_unrefined(workflow: Workflow, experiment: str) -> None:
    if experiment not in workflow.experiments:
        near = suggestion(experiment, workflow.experiments)
        raise ConfigError(
            f"there is no experiment {quoted(experiment)} to refine; {near}with a boundary to "
            f"find: {listed(workflow.refined()) or 'none'}"
        )
    if workflow.experiments[experiment].refine is None:
        raise ConfigError(
            f"experiment {experiment!r} says no boundary to find: give its file `refine`, such as "
            "{of: convexity_index, at: 0, axes: [negative_slope, dropout]}; others have one: "
            f"{listed(workflow.refined()) or 'none'}"
        )


class _Controller:
    def __init__(
        self,
        workflow: Workflow,
        experiment: str,
        root: Path,
        source: Path,
        arguments: Sequence[str],
        say: Say,
    ) -> None:
        self._workflow, self._name = workflow, experiment
        self._root, self._source = root, source
        self._arguments, self._say = list(arguments), say
        self._asked = workflow.experiments[experiment]
        assert self._asked.refine is not None
        self._refine = self._asked.refine
        self._path = history_path(workflow.results, experiment)
        self._cube = Path(f"{workflow.results}/cubes/{experiment}.zarr.zip")

    def run(self) -> Outcome:
        history = self._begun()
        offsets: list[tuple[int, float]] = []
        while True:
            self._make(f"results/{self._asked.preset}/cubes/{self._name}.zarr.zip")
            state, requests = self._looked_at(history, offsets)
            self._tell(state, history)
            if state.ended:
                break
            history = self._with_taken(history.grown(requests))
            write_history(self._path, history)
        figure = f"refined/{self._name}.pdf"
        self._make(figure)
        taken = len(history.runs_taken)
        self._tell_end(state, taken)
        return Outcome(state, taken, self._root / figure, self._cube)

    # --- what is asked --------------------------------------------------------------------------
    def _begun(self) -> History:
        """The history so far; the first generation is written down, so that jobs find it."""
        found = read_history(self._path, history_key(self._asked))
        if found is None:
            if self._path.exists():
                self._say(
                    "its settings are others than before: the points are found anew, and runs that "
                    "are there are not made again"
                )
            found = self._with_taken(self._workflow.history(self._name))
            write_history(self._path, found)
        return found

    def _with_taken(self, history: History) -> History:
        """With the runs of the last generation that other cubes have."""
        before = replace(history, generations=history.generations[:-1])
        new = self._runs(history) - self._runs(before) - history.runs_taken
        return history.with_taken(runs_elsewhere(self._workflow, self._name, new))

    def _runs(self, history: History) -> set[str]:
        return {run.id for run in expand(self._asked.at_points(history.points()))}

    def _looked_at(
        self, history: History, offsets: list[tuple[int, float]]
    ) -> tuple[State, list[Request]]:
        from layeratlas.refining.results import Found
        from layeratlas.storage import open_datatree

        with open_datatree(self._cube) as cube:
            found = Found.of(cube)
        offsets.append((history.runs, found.boundary.offset))
        requests, ended = next_generation(self._asked, history, found)
        return state_of(self._asked, history, found, offsets, ended), requests

    # --- Snakemake ------------------------------------------------------------------------------
    def _make(self, target: str) -> None:
        command = [
            sys.executable, "-m", "snakemake", "--directory", str(self._root), *self._arguments,
            "--config", f"preset={self._asked.preset}", "--", target,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=self._source, check=False)
        if done.returncode:
            raise LayerAtlasError(
                f"a job of this generation failed (above): `layeratlas refine {self._name}` goes "
                "on from there"
            )

    # --- what is said ---------------------------------------------------------------------------
    def _tell(self, state: State, history: History) -> None:
        refine = self._refine
        at = refine.at if isinstance(refine.at, str) else f"{refine.at:g}"
        head = (
            f"generation {state.generation}: {state.points} points, {state.runs} of "
            f"{refine.budget} runs, {len(history.runs_taken)} of them from other cubes"
        )
        if state.ended == NONE:
            self._say(f"{head}; no boundary of {refine.of} at {at} in this plane")
            return
        off = f"the boundary is off by {state.offset:.3f} of the axes' ranges"
        if not math.isnan(state.moved):
            off += f" and moved by {state.moved:.3f}"
        if not state.ended and state.offset > refine.tolerance:
            off += f"; about {math.ceil(state.more)} runs more to {refine.tolerance:g}"
        self._say(f"{head}; {off}")

    def _tell_end(self, state: State, taken: int) -> None:
        refine = self._refine
        why = {
            FOUND: f"known to {state.offset:.3f}, within the tolerance of {refine.tolerance:g}",
            NONE: "there is no boundary in this plane: nothing more is spent on it",
            BUDGET: f"the budget of {refine.budget} runs has no room for another generation: known "
            f"to {state.offset:.3f}, {self._compared(state)}",
            SEEDS: f"points near the boundary have all their {refine.seeds.to} seeds: known to "
            f"{state.offset:.3f}; more tells refine.seeds.to",
        }[state.ended]
        made = state.runs - taken
        self._say(
            f"{why}. {made} runs made and {taken} taken; a plain grid as fine as the tolerance has "
            f"{state.plain:,}: {100 * state.runs / state.plain:.2g} % of them. "
            f"refined/{self._name}.pdf"
        )

    def _compared(self, state: State) -> str:
        tolerance = self._refine.tolerance
        if state.offset > tolerance:
            return f"and asked for was {tolerance:g}"
        return f"within {tolerance:g}, but the last generation moved it by more"
