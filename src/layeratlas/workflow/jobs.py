"""One table of jobs: what each rule asks of its script, and whose results it builds on.

The rules take their parameters from here, `layeratlas stale` its expectations, and receipts
(`layeratlas.workflow.receipts`) decide with it what runs again. A new rule is one entry.

A job's parameters are all that determines its result besides the files it reads: what it is asked
to compute, and `code`, a fingerprint of the code that computes it: its script, what that imports,
and what the experiment or figure names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import layeratlas
from layeratlas.datasets.recipe import recipe_of
from layeratlas.engine.entries import TABLES, measuring_entries, training_entries
from layeratlas.errors import ConfigError
from layeratlas.kinds.quantities import QUANTITIES, Quantity
from layeratlas.metrics.registry import get_metric, run_by
from layeratlas.papers import REFERENCES, paper_of
from layeratlas.runs.run import canonical_json
from layeratlas.workflow.fingerprints import code_id, folder_id

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

__all__ = ["JOBS", "NOT_COUNTED", "Job", "NotAskedError", "code_of", "cube_job", "param_of"]

Wildcards = Mapping[str, str]
Ask = Callable[["Workflow", Wildcards], Any]
Others = list[tuple[str, dict[str, str]]]


class NotAskedError(ConfigError):
    """The present configuration does not ask for this job; the message says why."""


# Configuration reaches a job as values, and storage is verified on every write: neither is part
# of a result's identity. Nor are tables of names: a new entry must not re-run what does not use it;
# what an experiment uses of them is named by `_modules_of…` below.
NOT_COUNTED = (
    "layeratlas",
    "layeratlas.errors",
    "layeratlas.words",
    "layeratlas.temporaries",
    "layeratlas.tables",
    "layeratlas.extending.*",
    "layeratlas.bounded.*",
    "layeratlas.config.*",
    "layeratlas.kinds.*",
    "layeratlas.metrics.listed.*",
    "layeratlas.metrics.metric",
    "layeratlas.metrics.registry",
    *TABLES,
    "layeratlas.papers",
    "layeratlas.papers.feature_speed",
    "layeratlas.papers.nfa",
    "layeratlas.papers.signal_propagation",
    "layeratlas.papers.spring_block",
    "layeratlas.storage.*",
    "layeratlas.workflow.*",
)


@dataclass(frozen=True)
class Job:
    """One rule. All functions take the workflow and the wildcards; NotAskedError from any of them
    where there is no such job any more.

    `asks`: its parameters by name, all but `code`; `modules`: code that the script does not import
    itself, modules and entries of tables; `upstream`: (rule, wildcards) of the jobs whose results
    it reads; `shared`: whether all presets write the same files, those outside `results/<preset>/`.
    """

    asks: Mapping[str, Ask] = field(default_factory=dict)
    modules: Callable[[Workflow, Wildcards], Iterable[str]] = lambda workflow, at: ()
    upstream: Callable[[Workflow, Wildcards], Others] = lambda workflow, at: []
    shared: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its parameters, as the rule passes them."""
        return (*self.asks, "code")


def param_of(workflow: Workflow, rule: str, name: str, at: Wildcards) -> Any:
    """One parameter of a job. NotAskedError where there is no such job any more."""
    if name == "code":
        return workflow.code(rule, tuple(JOBS[rule].modules(workflow, at)))
    return JOBS[rule].asks[name](workflow, at)


def code_of(rule: str, modules: Iterable[str], scripts: Path) -> str:
    """Fingerprint of a rule's script in the folder `scripts`, and of code found by name."""
    return code_id(*modules, scripts=(scripts / f"{rule}.py",), without=NOT_COUNTED)


# --- data, training, measuring ----------------------------------------------------------------
def _recipe(workflow: Workflow, at: Wildcards) -> str:
    return workflow.recipe(at["key"])


def _plan(workflow: Workflow, at: Wildcards) -> str:
    return workflow.plan_json(_experiment(workflow, at), at["key"])


def _metrics(workflow: Workflow, at: Wildcards) -> str:
    return workflow.measure_json(_experiment(workflow, at), at["key"])


def _source(workflow: Workflow, at: Wildcards) -> str:
    return canonical_json(recipe_of(_recipe(workflow, at)).source_identity())


def _references(workflow: Workflow, at: Wildcards) -> tuple[str, ...]:
    return workflow.figure(at["figure"]).references


def _entries_of_dataset(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    return recipe_of(_recipe(workflow, at)).entries()


def _entries_of_training(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    return training_entries(_settings_of_shard(workflow, at))


def _entries_of_measuring(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    asked = workflow.experiments[at["experiment"]].measure.metrics
    entries, uses = run_by(get_metric(name) for name in asked)
    return (*measuring_entries(_settings_of_shard(workflow, at), uses), *sorted(entries))


def _settings_of_shard(workflow: Workflow, at: Wildcards) -> list[Mapping[str, Any]]:
    runs = workflow.runs_of(_experiment(workflow, at), at["key"])
    return [run.settings for run in runs]


def _dataset_of(workflow: Workflow, at: Wildcards) -> Others:
    plan = workflow.shard(_experiment(workflow, at), at["key"])
    return [("prepare_dataset", {"key": workflow.dataset_key(plan)})]


def _shard_and_dataset_of(workflow: Workflow, at: Wildcards) -> Others:
    trained = {"experiment": workflow.trained(_experiment(workflow, at)), "key": at["key"]}
    return [("train", trained), *_dataset_of(workflow, at)]


# --- cubes ------------------------------------------------------------------------------------
def _cube_plan(workflow: Workflow, at: Wildcards) -> str:
    return workflow.cube_plan(_experiment(workflow, at))


def _results_of(workflow: Workflow, at: Wildcards) -> Others:
    experiment = _experiment(workflow, at)
    kind = workflow.kind(experiment)
    rule = "measure" if kind.measured else kind.stage
    return [(rule, {"experiment": experiment, "key": p.key}) for p in workflow.shards(experiment)]


def cube_job(workflow: Workflow, experiment: str) -> tuple[str, dict[str, str]]:
    """The rule and the wildcards that make the cube of an experiment."""
    kind = workflow.kind(experiment)
    if workflow.is_refined(experiment):
        return "assemble_points", {"experiment": experiment}
    return "assemble_cube" if kind.has_grid else kind.stage, {"experiment": experiment}


def _cube_of(workflow: Workflow, at: Wildcards) -> Others:
    return [cube_job(workflow, _experiment(workflow, at))]


def _points_of(workflow: Workflow, at: Wildcards) -> Others:
    taken = [cube_job(workflow, name) for name in workflow.taken_from(_experiment(workflow, at))]
    return [*_results_of(workflow, at), *taken]


def _quantity(workflow: Workflow, at: Wildcards) -> Quantity:
    refine = workflow.experiments[_experiment(workflow, at)].refine
    if refine is None:
        raise NotAskedError(f"experiment {at['experiment']!r} is not refined any more")
    known = QUANTITIES.get(refine.of)
    return known or Quantity(refine.of, refine.of, refine.of.rpartition(":")[2])


def _of_quantity(workflow: Workflow, at: Wildcards) -> dict[str, str]:
    quantity = _quantity(workflow, at)
    return {
        "function": quantity.function,
        "long_name": quantity.long_name,
        "symbol": quantity.symbol,
        "theory": quantity.theory or "",
    }


def _entries_of_points(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    return (_quantity(workflow, at).function,)


def _entries_of_boundary(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    theory = _quantity(workflow, at).theory
    return (theory,) if theory else ()


def _cubes_read(workflow: Workflow, at: Wildcards) -> Others:
    experiment = _experiment(workflow, at)
    read = workflow.kind(experiment).reads(workflow.experiments[experiment].settings)
    return [cube_job(workflow, name) for name in read.values()]


def _entries_of_kind(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    experiment = _experiment(workflow, at)
    return workflow.kind(experiment).entries(workflow.experiments[experiment].settings)


# --- figures ----------------------------------------------------------------------------------
def _experiments(workflow: Workflow, at: Wildcards) -> tuple[str, ...]:
    if at["figure"] not in workflow.figures:
        raise NotAskedError(f"there is no figure {at['figure']!r} any more")
    return workflow.drawn_from(at["figure"])


def _identity(workflow: Workflow, at: Wildcards) -> dict[str, str]:
    return workflow.identity(_experiments(workflow, at))


def _identity_of_map(workflow: Workflow, at: Wildcards) -> dict[str, str]:
    return workflow.identity([_experiment(workflow, at)])


def _preset(workflow: Workflow, at: Wildcards) -> str:
    return workflow.config.preset


def _function(what: str) -> Callable[[Workflow, Wildcards], Iterable[str]]:
    """The entry of a figure's drawing (`function`), `claims`, `animation` or `table`."""

    def entries(workflow: Workflow, at: Wildcards) -> Iterable[str]:
        named = getattr(workflow.figure(at["figure"]), what)
        # A figure without claims has an empty list of them.
        return (named,) if named else ()

    return entries


def _told(workflow: Workflow, at: Wildcards) -> dict[str, Any]:
    """What a figure says of itself: its table of figures is not counted as code."""
    entry = workflow.figure(at["figure"])
    return {
        "title": entry.title,
        "caption": entry.caption,
        "published": list(entry.published),
        "letters": dict(entry.letters),
    }


def _drawing(workflow: Workflow, at: Wildcards) -> Iterable[str]:
    return (*_function("function")(workflow, at), *_NOTES)


def _cubes_of(workflow: Workflow, at: Wildcards) -> Others:
    return [cube_job(workflow, name) for name in _experiments(workflow, at)]


def _drawn(workflow: Workflow, at: Wildcards) -> Others:
    return [("draw_figure", dict(at)), ("check_claims", dict(at))]


def _drawn_for_crate(workflow: Workflow, at: Wildcards) -> Others:
    entry = workflow.figure(at["figure"])
    others = {"animate_figure": entry.animation, "write_table": entry.table}
    return [*_drawn(workflow, at), *((rule, dict(at)) for rule, there in others.items() if there)]


def _map(workflow: Workflow, at: Wildcards) -> Others:
    return [("draw_map", dict(at))]


def _authors(workflow: Workflow, at: Wildcards) -> tuple[str, ...]:
    return workflow.config.authors


# --- the atlas --------------------------------------------------------------------------------
def _in_atlas(workflow: Workflow, at: Wildcards) -> tuple[str, ...]:
    return workflow.in_atlas()


def _atlas_cubes(workflow: Workflow, at: Wildcards) -> tuple[str, ...]:
    return workflow.atlas_cubes()


def _told_in_atlas(workflow: Workflow, at: Wildcards) -> list[dict[str, Any]]:
    """What the page says of each figure besides what its files say."""
    found = []
    for name in workflow.in_atlas():
        entry = workflow.figure(name)
        paper = paper_of(name) or entry.paper or "your own"
        found.append(
            {
                "name": name,
                "title": entry.title or name,
                "paper": paper,
                "reference": REFERENCES.get(paper, entry.paper),
                "experiments": list(workflow.drawn_from(name)),
                "letters": dict(entry.letters),
            }
        )
    return found


def _budget(workflow: Workflow, at: Wildcards) -> float:
    return workflow.config.atlas.budget_mb


def _web(workflow: Workflow, at: Wildcards) -> str:
    """Fingerprint of the page's style and JavaScript, which no script imports."""
    return folder_id(Path(layeratlas.__file__).parent / "atlas" / "web")


def _all_in_atlas(workflow: Workflow, at: Wildcards) -> Others:
    drawn = [
        (rule, {"figure": name})
        for name in workflow.in_atlas()
        for rule in ("draw_figure", "check_claims")
    ]
    return [*drawn, *(cube_job(workflow, name) for name in workflow.atlas_cubes())]


def _judged(workflow: Workflow, at: Wildcards) -> Others:
    return [("check_claims", {"figure": name}) for name in workflow.on_scoreboard()]


def _experiment(workflow: Workflow, at: Wildcards) -> str:
    if at["experiment"] not in workflow.experiments:
        raise NotAskedError(f"there is no experiment {at['experiment']!r} any more")
    return at["experiment"]


_FIGURE: dict[str, Ask] = {"experiments": _experiments, "preset": _preset}
_FIGURE_WITH_IDENTITY: dict[str, Ask] = {**_FIGURE, "identity": _identity}
_ATLAS: dict[str, Ask] = {
    "preset": _preset,
    "figures": _in_atlas,
    "told": _told_in_atlas,
    "experiments": _atlas_cubes,
    "budget_mb": _budget,
    "web": _web,
}
_REFERENCES: dict[str, Ask] = {"references": _references}
# What `papers.draw`, which is not counted, does to every figure.
_NOTES = ("layeratlas.figures.origin", "layeratlas.cubes.population")
_CRATE: dict[str, Ask] = {"preset": _preset, "authors": _authors}
# Storage is not counted, but to export is all that these do.
_EXPORT = ("layeratlas.storage.export",)

JOBS: dict[str, Job] = {
    "prepare_dataset": Job({"recipe": _recipe, "source": _source}, _entries_of_dataset),
    "train": Job({"plan": _plan}, _entries_of_training, _dataset_of),
    "measure": Job(
        {"plan": _plan, "measure": _metrics}, _entries_of_measuring, _shard_and_dataset_of
    ),
    "simulate": Job({"plan": _plan}),
    "probe": Job({"plan": _plan}),
    "assemble_cube": Job({"plan": _cube_plan}, upstream=_results_of),
    "assemble_points": Job(
        {"plan": _cube_plan, "quantity": _of_quantity}, _entries_of_points, _points_of
    ),
    "draw_boundary": Job(
        {"identity": _identity_of_map, "preset": _preset, "quantity": _of_quantity},
        _entries_of_boundary,
        _cube_of,
        shared=True,
    ),
    "fit_springs": Job({"plan": _cube_plan}, upstream=_cubes_read),
    "reduce_cubes": Job({"plan": _cube_plan}, _entries_of_kind, _cubes_read),
    "draw_figure": Job(_FIGURE_WITH_IDENTITY | _REFERENCES | {"told": _told}, _drawing, _cubes_of),
    "check_claims": Job(_FIGURE | _REFERENCES, _function("claims"), _cubes_of),
    "animate_figure": Job(_FIGURE_WITH_IDENTITY, _function("animation"), _cubes_of, shared=True),
    "write_table": Job(_FIGURE_WITH_IDENTITY, _function("table"), _cubes_of, shared=True),
    "draw_map": Job(
        {"identity": _identity_of_map, "preset": _preset}, upstream=_cube_of, shared=True
    ),
    "show_figure": Job({"preset": _preset}, upstream=_drawn, shared=True),
    "write_claims": Job({"preset": _preset}, upstream=_judged, shared=True),
    "write_atlas": Job(_ATLAS, upstream=_all_in_atlas, shared=True),
    "unpack_cube": Job({"preset": _preset}, lambda workflow, at: _EXPORT, _cube_of, shared=True),
    "export_netcdf": Job({"preset": _preset}, lambda workflow, at: _EXPORT, _cube_of, shared=True),
    "export_crate": Job(_CRATE, upstream=_drawn_for_crate, shared=True),
    "export_map_crate": Job(_CRATE, upstream=_map, shared=True),
}
