"""What the rules ask: which experiments, shards, data sets and figures there are.

Everything is known from configuration before the first job; wrong configuration is refused
here, in words. Reading is lazy, so a target plans the experiments it needs and no others,
but every experiment file is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from layeratlas.backends.base import has_nvidia_driver
from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import Experiment
from layeratlas.config.experiments import Experiments
from layeratlas.config.folder import unread
from layeratlas.config.refusing import named, plain
from layeratlas.config.remembering import Checks, open_experiments
from layeratlas.config.shapes import PRESETS
from layeratlas.config.workflow import WorkflowConfig, load_workflow_config
from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.registry import SOURCES
from layeratlas.errors import ConfigError, UnreadableError
from layeratlas.extending.loading import load
from layeratlas.extending.places import settle
from layeratlas.figures.entry import FigureEntry
from layeratlas.kinds import KINDS, Kind
from layeratlas.kinds.targets import recorded_scores
from layeratlas.metrics.registry import get_metric
from layeratlas.papers import FIGURES, REFERENCES
from layeratlas.provenance.record.configuration import configuration
from layeratlas.refining.beginning import first_generation
from layeratlas.refining.history import History, history_key, history_path, read_history
from layeratlas.runs.ledger import read_ledger
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import all_epochs, beginning, plain_point
from layeratlas.runs.run import Run, canonical_json
from layeratlas.runs.sharding import plan_shards
from layeratlas.words import listed, quoted, suggestion
from layeratlas.workflow.estimate import runs_in
from layeratlas.workflow.jobs import NotAskedError, code_of, param_of
from layeratlas.workflow.receipts import Receipts

#: The figure of the main command, in the atlas wherever nothing else is asked for.
FIRST_FIGURE = "phase_diagram"


def refuse_unknown_presets(entries: Iterable[FigureEntry]) -> None:
    """ConfigError for a figure's entry that speaks of a preset that there is not."""
    for entry in entries:
        for preset in entry.presets_named:
            if preset not in PRESETS:
                raise ConfigError(
                    f"figure {quoted(entry.name)}: `costly` or `more` names the preset "
                    f"{quoted(preset)}; {suggestion(preset, PRESETS)}known: {listed(PRESETS)}"
                )


class Workflow:
    """Plans of one invocation; `results` is `results/<preset>`.

    `warn` takes a sentence about each file that is left out of planning; `checks` says which
    experiments are checked (`layeratlas.config.remembering`).
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        base: Path,
        experiments: Path | None = None,
        warn: Callable[[str], None] = lambda sentence: None,
        checks: Checks = "all",
    ):
        self.base = Path(base)
        settle(self.base)
        load()
        refuse_unknown_presets(FIGURES.values())
        self.config: WorkflowConfig = load_workflow_config(config, "config/config.yaml")
        self.folder = experiments or self.base / "config" / "experiments"
        self.results = Path("results") / self.config.preset
        self._warn = warn
        self._checks = checks
        self._plans: dict[str, list[ShardPlan]] = {}
        self._plan_of: dict[str, dict[str, ShardPlan]] = {}
        self._run_of: dict[str, dict[str, Run]] = {}
        self._plan_texts: dict[tuple[str, str], str] = {}
        self._dataset_keys: dict[str, str] = {}
        self._cubes: dict[str, str] = {}
        self._identities: dict[str, dict[str, str]] = {}
        self._runs: dict[str, list[Run]] = {}
        self._untried: dict[str, list[Run]] = {}
        self._recipes: dict[str, dict[str, str]] = {}
        self._params: dict[tuple, Any] = {}
        self._histories: dict[str, History] = {}
        self._had: dict[str, bool] = {}
        self._codes: dict[tuple[str, tuple[str, ...]], str] = {}

    # --- experiments ------------------------------------------------------------------------
    @cached_property
    def experiments(self) -> Experiments:
        return open_experiments(self.config.preset, self.folder, self._checks)

    @property
    def unread(self) -> str:
        """What lies beside the experiments and is none, in a sentence; empty where nothing does."""
        names = unread(self.folder)
        return (
            f"{named(self.folder)}: not read: {listed(names)}; an experiment is <name>.yaml"
            if names
            else ""
        )

    def runs(self, experiment: str) -> list[Run]:
        """The runs of an experiment, whose networks, if users', have been tried."""
        if experiment not in self._runs:
            settings = self.experiments[experiment]
            runs = self._expanded(experiment)
            where = f"{named(self.folder / f'{experiment}.yaml')} (preset {settings.preset})"
            KINDS[settings.kind].prove(runs, settings.measure, where)
            self._runs[experiment] = runs
        return self._runs[experiment]

    def _expanded(self, experiment: str) -> list[Run]:
        if experiment not in self._untried:
            self._untried[experiment] = expand(self.at_points(experiment))
        return self._untried[experiment]

    # --- refined ones ---------------------------------------------------------------------------
    def on_grids(self) -> tuple[str, ...]:
        """Experiments whose cubes are grids."""
        return tuple(name for name in self.assembled() if not self.is_refined(name))

    def refined(self) -> tuple[str, ...]:
        """Experiments that ask for a boundary in place of a grid."""
        return tuple(name for name in self.assembled() if self.is_refined(name))

    def is_refined(self, experiment: str) -> bool:
        """Whether an experiment asks for a boundary; its file is read no further for it."""
        return self.experiments.is_refined(experiment)

    def history(self, experiment: str) -> History:
        """The points that an experiment is asked for so far: those of its grid, if of no others.

        ConfigError where their file is not what was written.
        """
        if experiment not in self._histories:
            static = self.experiments[experiment]
            path = history_path(self.results, experiment)
            try:
                found = read_history(path, history_key(static))
            except UnreadableError as error:
                raise ConfigError(
                    f"{error}; remove it, and `layeratlas refine {experiment}` finds the same "
                    "points again from the runs that there are"
                ) from None
            if found is None:
                found = first_generation(static)
            self._histories[experiment] = found
        return self._histories[experiment]

    def at_points(self, experiment: str) -> Experiment:
        """An experiment as its runs are made: one that is refined at the points of its history."""
        found = self.experiments[experiment]
        if found.refine is None:
            return found
        return found.at_points(self.history(experiment).points())

    def taken_from(self, experiment: str) -> tuple[str, ...]:
        """Other experiments, whose cubes have runs of this one."""
        if not self.is_refined(experiment):
            return ()
        return tuple(sorted(self.history(experiment).taken))

    def shards(self, experiment: str) -> list[ShardPlan]:
        """The shards to have, finished ones first recognised by their plans on disk."""
        if experiment not in self._plans:
            settings, runs = self.experiments[experiment], self.runs(experiment)
            if self.is_refined(experiment):
                there = self.history(experiment).runs_taken
                runs = [run for run in runs if run.id not in there]
            if self.trained(experiment) != experiment:
                self._plans[experiment] = self._borrowed(experiment)
                return self._plans[experiment]
            folder = self.results / KINDS[settings.kind].folder / experiment
            members = KINDS[settings.kind].members
            ledger = read_ledger(folder, runs, members, self._warn)
            self._plans[experiment] = plan_shards(
                runs,
                self._shard_size(settings),
                members,
                ledger,
                KINDS[settings.kind].together,
            )
        return self._plans[experiment]

    def _shard_size(self, settings: Any) -> int | Callable[[Sequence[Run]], int]:
        """Runs in a shard: what the experiment says, or what this place has minutes for."""
        minutes = self.config.minutes_per_job
        if minutes is None:
            return settings.shard_size
        return runs_in(minutes, settings.kind, self.uses_gpu, settings.shard_size)

    def trained(self, experiment: str) -> str:
        """The experiment that trains the networks of one: itself, or `measure.networks`."""
        measure = getattr(self.experiments[experiment], "measure", None)
        return getattr(measure, "networks", None) or experiment

    def _borrowed(self, experiment: str) -> list[ShardPlan]:
        """Shards of another experiment that hold the runs of one.

        ConfigError where it has other runs, or keeps other moments of them.
        """
        other, runs = self.trained(experiment), self.runs(experiment)
        theirs = {run.id: run for run in self.runs(other)}
        where = f"{named(self.folder / f'{experiment}.yaml')} (preset {self.config.preset})"
        for run in runs:
            at = ", ".join(f"{name}={value}" for name, value in run.coordinates.items())
            if run.id not in theirs:
                raise ConfigError(
                    f"{where}: measure.networks: {other!r} trains no network as the one at {at}; "
                    f"take its settings, grid and seeds over (extends: {other}), or fewer of them"
                )
            kept = theirs[run.id].checkpoints
            measure = self.experiments[experiment].measure
            first = beginning(kept)
            if measure.needs_initial and first is None:
                compares = next(name for name in measure.metrics if get_metric(name).at_start)
                raise ConfigError(
                    f"{where}: measure.networks: {compares!r} compares with epoch 0, and {other!r} "
                    f"keeps none of the network at {at}; add 0 to its checkpoints, or leave the "
                    "metric out"
                )
            wanted = set(run.checkpoints)
            if measure.needs_initial and 0 not in self.experiments[experiment].checkpoints:
                # Added for what compares with the start, which may have a label there.
                wanted -= {0}
            if not wanted <= set(kept):
                raise ConfigError(
                    f"{where}: measure.networks: {other!r} keeps other moments of the network at "
                    f"{at}; ask for checkpoints or records that it has, by the same labels"
                )
        ids = {run.id for run in runs}
        return [plan for plan in self.shards(other) if ids & set(plan.run_ids)]

    def shard(self, experiment: str, key: str) -> ShardPlan:
        """A shard of the present grid; NotAskedError where there is none of that key."""
        # By key: jobs come by the ten thousand, and each asks for its own a few times.
        if experiment not in self._plan_of:
            self._plan_of[experiment] = {plan.key: plan for plan in self.shards(experiment)}
        plan = self._plan_of[experiment].get(key)
        if plan is None:
            raise NotAskedError(
                f"experiment {experiment}: no run of shard {key} is in its present grid"
            )
        return plan

    def plan_json(self, experiment: str, key: str) -> str:
        """The plan of a shard as its jobs get it: canonical JSON."""
        if (experiment, key) not in self._plan_texts:
            text = canonical_json(self.shard(experiment, key).to_json())
            self._plan_texts[experiment, key] = text
        return self._plan_texts[experiment, key]

    def runs_of(self, experiment: str, key: str) -> list[Run]:
        """The runs of a shard that the grid still asks for; a kept shard may hold others too."""
        if experiment not in self._run_of:
            self._run_of[experiment] = {run.id: run for run in self.runs(experiment)}
        known = self._run_of[experiment]
        return [known[i] for i in self.shard(experiment, key).run_ids if i in known]

    def kind(self, experiment: str) -> Kind:
        return KINDS[self.experiments.kinds[experiment]]

    def of_stage(self, stage: str) -> tuple[str, ...]:
        """Experiments whose results a stage makes (`train`, `simulate`)."""
        return tuple(name for name in self.experiments if self.kind(name).stage == stage)

    def assembled(self) -> tuple[str, ...]:
        """Experiments whose cubes are assembled from shards: all with a grid."""
        return tuple(name for name in self.experiments if self.kind(name).has_grid)

    def sources_of(self, experiment: str) -> dict[str, str]:
        """Cubes, without suffix, that the cube of an experiment is made of, by what they are to it:
        `target` and `library` of a fit."""
        read = self.kind(experiment).reads(self.experiments[experiment].settings)
        return {role: f"{self.results}/cubes/{name}" for role, name in read.items()}

    def results_of(self, experiment: str) -> list[str]:
        """Files, without suffix, that the cube of an experiment is assembled from."""
        kind = self.kind(experiment)
        folder = "measurements" if kind.measured else kind.folder
        plans = self.shards(experiment)
        return [f"{self.results}/{folder}/{experiment}/{plan.key}" for plan in plans]

    def measure_json(self, experiment: str, key: str) -> str:
        """What to measure of a shard, with what each metric is said to mean, as canonical JSON.

        `moments`: of the networks of another experiment those that this one asks for, where they
        are fewer than it keeps.
        """
        asked = self.experiments[experiment].measured()
        if self.trained(experiment) != experiment:
            plan = self.shard(experiment, key)
            wanted = {m for run in self.runs_of(experiment, key) for m in run.checkpoints}
            if asked.pop("start_only", False):
                wanted -= {0}
            if wanted != set(plan.checkpoints):
                kept = [plain_point(point) for point in plan.checkpoints if point in wanted]
                asked["moments"] = kept
        return canonical_json(asked)

    @cached_property
    def uses_gpu(self) -> bool:
        """Whether training jobs will ask for a GPU, and must take turns."""
        return self.config.device == "cuda" or (
            self.config.device == "auto" and has_nvidia_driver()
        )

    def dataset_key(self, plan: ShardPlan) -> str:
        # Of a shard, for all rules that ask; and of a recipe, which many shards have.
        if plan.key not in self._dataset_keys:
            text = canonical_json(plan.shared["dataset"])
            if text not in self._dataset_keys:
                self._dataset_keys[text] = recipe_of(plan.shared["dataset"]).key
            self._dataset_keys[plan.key] = self._dataset_keys[text]
        return self._dataset_keys[plan.key]

    def recipe(self, key: str) -> str:
        """The canonical recipe of the data set of that key; NotAskedError where none asks for it.

        Experiments that are planned already are looked at first, and no more than need be. Of runs
        as they are asked for: another experiment's networks are not tried for a figure that does
        not show them.
        """
        for experiment in sorted(
            self.of_stage("train"), key=lambda name: name not in self._untried
        ):
            recipes = self.recipes_of(experiment)
            if key in recipes:
                return recipes[key]
        raise NotAskedError(f"no experiment of preset {self.config.preset} asks for data set {key}")

    def recipes_of(self, experiment: str) -> dict[str, str]:
        """Key → canonical recipe of the data sets of an experiment."""
        if experiment not in self._recipes:
            recipes = {canonical_json(r.settings["dataset"]) for r in self._expanded(experiment)}
            self._recipes[experiment] = {recipe_of(one).key: one for one in sorted(recipes)}
        return self._recipes[experiment]

    def cube_plan(self, experiment: str) -> str:
        """What the assembling job needs to know, as canonical JSON."""
        if experiment not in self._cubes:
            e = self.at_points(experiment)
            reference = REFERENCES.get(e.paper, e.paper)
            self._cubes[experiment] = canonical_json(describe(e, self.runs(experiment), reference))
        return self._cubes[experiment]

    def identity(self, experiments: Iterable[str]) -> dict[str, str]:
        """What a figure says of its experiments besides the cubes' hashes, for `params`.

        `configuration <name>` is the hash under which the record of the assembling job keeps its
        settings; `dataset <name>` lists the keys of the data sets trained on.
        """
        found: dict[str, str] = {}
        for name in experiments:
            if name not in self._identities:
                self._identities[name] = self._identity(name)
            found |= self._identities[name]
        return found

    def _identity(self, name: str) -> dict[str, str]:
        found = {f"configuration {name}": configuration({"plan": self.cube_plan(name)}).hash}
        if "dataset" in self.runs(name)[0].settings:
            found[f"dataset {name}"] = " ".join(sorted(self.recipes_of(name)))
        return found

    # --- jobs -----------------------------------------------------------------------------------
    def param(self, rule: str, name: str, wildcards: Mapping[str, str]) -> Any:
        """A parameter of a rule (see `layeratlas.workflow.jobs`); each is worked out once."""
        key = (rule, name, tuple(sorted(wildcards.items())))
        if key not in self._params:
            self._params[key] = param_of(self, rule, name, wildcards)
        return self._params[key]

    def code(self, rule: str, modules: tuple[str, ...]) -> str:
        """Fingerprint of a rule's script and of modules found by name; jobs by the hundred share
        few of them."""
        if (rule, modules) not in self._codes:
            self._codes[rule, modules] = code_of(rule, modules, self.base / "scripts")
        return self._codes[rule, modules]

    @cached_property
    def receipts(self) -> Receipts:
        """What of the results is out of date."""
        return Receipts(self)

    # --- figures ------------------------------------------------------------------------------
    @property
    def figures(self) -> tuple[str, ...]:
        return tuple(FIGURES)

    @property
    def ordinary(self) -> tuple[str, ...]:
        """Figures that `figures`, `claims` and `all` make; costly ones are asked for by name, or
        by that of their paper."""
        preset = self.config.preset
        return tuple(name for name, entry in FIGURES.items() if not entry.is_costly(preset))

    def shown(self, names: Iterable[str]) -> list[str]:
        """Files of these figures as the rules show them: pages, animations and tables."""
        found = []
        for name in names:
            endings = {"pdf": True, "gif": FIGURES[name].animation, "tex": FIGURES[name].table}
            found += [f"figures/{name}.{ending}" for ending, there in endings.items() if there]
        return found

    def in_atlas(self) -> tuple[str, ...]:
        """Figures of the atlas' page: those that `atlas.figures` names, all ordinary ones, or the
        first figure and those that are made at this preset; ConfigError for a name of none."""
        asked = self.config.atlas.figures
        if asked == "all":
            return self.ordinary
        if asked == "made":
            return tuple(n for n in FIGURES if n == FIRST_FIGURE or self._is_made(n))
        for name in asked:
            if name not in FIGURES:
                near = suggestion(name, FIGURES, sentence=True)
                raise ConfigError(
                    f"atlas.figures: there is no figure {quoted(name)}. {near}"
                    f"Figures: {listed(sorted(FIGURES))}; or made, or all."
                )
        return tuple(dict.fromkeys(asked))

    def _is_made(self, figure: str) -> bool:
        """Whether drawing, captions and claims of a figure are there, current or not."""
        folder = self.results / "figures"
        endings = ("pdf", "png", "svg", "caption.txt", "caption.tex")
        return (self.results / "claims" / f"{figure}.json").is_file() and all(
            (folder / f"{figure}.{ending}").is_file() for ending in endings
        )

    def atlas_cubes(self) -> tuple[str, ...]:
        """Experiments of the atlas' page: of its figures, and others that `atlas.experiments`
        names; ConfigError for a name of none."""
        asked = self.config.atlas.experiments
        for name in asked:
            if name not in self.experiments:
                near = suggestion(name, self.experiments, sentence=True)
                raise ConfigError(
                    f"atlas.experiments: there is no experiment {quoted(name)}. {near}"
                    f"Experiments: {listed(self.experiments) or 'none'}."
                )
        drawn = (e for figure in self.in_atlas() for e in self.drawn_from(figure))
        return tuple(dict.fromkeys((*drawn, *asked)))

    def claimed(self) -> tuple[str, ...]:
        """Figures that have claims."""
        return tuple(name for name, entry in FIGURES.items() if entry.claims)

    def on_scoreboard(self) -> tuple[str, ...]:
        """Figures whose claims stand on the scoreboard."""
        return tuple(name for name in self.claimed() if name in self.ordinary)

    def animated(self) -> tuple[str, ...]:
        """Figures that are animations too."""
        return tuple(name for name, entry in FIGURES.items() if entry.animation)

    def tabulated(self) -> tuple[str, ...]:
        """Figures that are tables, with LaTeX and Markdown beside them."""
        return tuple(name for name, entry in FIGURES.items() if entry.table)

    def figure(self, name: str) -> FigureEntry:
        """The entry of a figure; ConfigError where an experiment that it is drawn from is not
        there."""
        entry = FIGURES[name]
        for experiment in entry.experiments_of(self.config.preset):
            if experiment not in self.experiments:
                near = suggestion(experiment, self.experiments, sentence=True)
                raise ConfigError(
                    f"Figure {quoted(name)} is drawn from the experiment {quoted(experiment)}, "
                    f"which is not in {named(self.folder)}. {near}".rstrip()
                )
        return entry

    def drawn_from(self, name: str) -> tuple[str, ...]:
        """The experiments of a figure at this preset, without optional ones whose data set cannot
        be had, at `smoke` without a download; errors as of `figure`."""
        entry = self.figure(name)
        every = entry.experiments_of(self.config.preset)
        return tuple(e for e in every if e not in entry.optional or self._can_be_had(e))

    def _can_be_had(self, experiment: str) -> bool:
        """Whether there is a cube already, or a way to all data of an experiment."""
        if experiment not in self._had:
            # Few figures ask, and what looks at files loads more than planning needs.
            from layeratlas.datasets.fetch import is_obtainable

            config = self.config
            # A first try downloads nothing for what it can do without.
            download = config.download and config.preset != "smoke"
            where = config.data_dir, config.cache_dir, download
            recipes = {canonical_json(r.settings["dataset"]) for r in self._expanded(experiment)}
            names = {recipe_of(recipe).source for recipe in recipes}
            self._had[experiment] = Path(
                f"{self.results}/cubes/{experiment}.zarr.zip"
            ).exists() or (
                all(is_obtainable(name, *where) for name in names if name in (*SOURCES, *CORPORA))
            )
        return self._had[experiment]

    def recorded(self, experiment: str) -> tuple[str, ...]:
        """Names of the numbers that the cube of an experiment has."""
        e = self.experiments[experiment]
        if not KINDS[e.kind].measured:
            return KINDS[e.kind].recorded
        data = {canonical_json(run.settings["dataset"]) for run in self.runs(experiment)}
        scores = {name: None for recipe in sorted(data) for name in recorded_scores(recipe)}
        moments = () if all_epochs(e.checkpoints) else ("record_epoch", "record_step", "reached")
        return (*e.measure.metrics, *scores, "epochs_run", "n_layers", "status", *moments)

    def map_of(self, experiment: str, metric: str) -> str:
        """The cube of a map, without suffix; ConfigError where the map could not be drawn."""
        e = self.experiments[experiment]
        target = f"figures/maps/{experiment}/{plain(metric)}"
        if self.is_refined(experiment):
            raise ConfigError(
                f"{target}: {experiment!r} has points and no grid; its boundary is drawn in "
                f"refined/{experiment}.pdf"
            )
        if not e.grid:
            drawn = [n for n, entry in FIGURES.items() if experiment in entry.every_experiment]
            hint = f"; it is drawn in figures/{drawn[0]}.pdf" if drawn else ""
            raise ConfigError(f"{target}: a {e.kind} has no map{hint}")
        known = self.recorded(experiment)
        if metric not in known:
            raise ConfigError(
                f"{target}: experiment {experiment!r} does not record {quoted(metric)}. "
                f"{suggestion(metric, known, sentence=True)}It records: {listed(known)}; "
                "more metrics: measure.metrics in its file."
            )
        if len(e.grid) < 2:
            raise ConfigError(
                f"{target}: a map needs two axes, and the grid of {experiment!r} has only "
                f"{', '.join(e.grid)}. Its cube is {self.results}/cubes/{experiment}.zarr.zip."
            )
        return f"{self.results}/cubes/{experiment}"

    def refuse_boundary(self, name: str) -> str:
        """Raises ConfigError that says which experiments ask for a boundary."""
        near = suggestion(name, self.refined(), sentence=True)
        what = f"{quoted(name)} asks for no boundary" if name in self.experiments else (
            f"There is no experiment {quoted(name)}"
        )  # fmt: skip
        raise ConfigError(
            f"{what}. {near}Experiments with `refine`: {listed(self.refined()) or 'none'}."
        )

    def refuse_figure(self, name: str) -> str:
        """Raises ConfigError that says which figures there are."""
        stem = name.partition(".")[0]
        parts = stem.split("/")
        if parts[0] == "maps" and len(parts) == 3 and parts[1] not in self.experiments:
            near = suggestion(parts[1], self.experiments, sentence=True)
            raise ConfigError(
                f"There is no experiment {quoted(parts[1])}. {near}"
                f"Experiments: {listed(self.experiments) or 'none'}."
            )
        near = suggestion(stem, FIGURES, sentence=True)
        raise ConfigError(
            f"There is no figure {quoted(name)}. {near}Figures: {listed(sorted(FIGURES))}; "
            "formats: pdf, png, svg. Maps: figures/maps/<experiment>/<metric>.pdf."
        )
