"""What the present code and configuration would ask of a job: the library's view of the rules.

One entry a rule; it must pass what `rules/*.smk` passes as `params` (a test compares the names).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import layeratlas
from layeratlas.errors import ConfigError, LayerAtlasError
from layeratlas.provenance.record.settings import plain_settings
from layeratlas.workflow.planning import Workflow


class NotAskedError(Exception):
    """The present configuration does not ask for this job; the message says why."""


Job = dict[str, Any]
"""rule, wildcards, preset: as recorded."""


def _prepare(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    key = wildcards["key"]
    if key not in workflow.datasets:
        raise NotAskedError("no experiment asks for this data set any more")
    return {"recipe": workflow.datasets[key], "code": workflow.code("prepare")}


def _train(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    experiment = _experiment(workflow, wildcards)
    for plan in workflow.shards(experiment):
        if plan.key == wildcards["key"]:
            break
    else:
        raise NotAskedError(f"no run of this shard is in the present grid of {experiment}")
    return {
        "plan": workflow.shard_json(experiment, wildcards["key"]),
        "code": workflow.code("train", experiment),
    }


def _shard_of(stage: str) -> Callable[[Workflow, dict[str, str]], dict[str, Any]]:
    def params(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
        return {"plan": _train(workflow, wildcards)["plan"], "code": workflow.code(stage)}

    return params


def _measure(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    params = _train(workflow, wildcards)
    experiment = wildcards["experiment"]
    params["measure"] = workflow.measure_json(experiment)
    params["code"] = workflow.code("measure", experiment)
    return params


def _assemble(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    experiment = _experiment(workflow, wildcards)
    return {"plan": workflow.cube_plan(experiment), "code": workflow.code("assemble")}


def _fit(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    return {**_assemble(workflow, wildcards), "code": workflow.code("fit_springs")}


def _figure(what: str) -> Callable[[Workflow, dict[str, str]], dict[str, Any]]:
    def params(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
        name = wildcards["figure"]
        if name not in workflow.figures:
            raise NotAskedError(f"there is no figure {name!r} any more")
        experiments = workflow.figure(name).experiments
        found = {
            "experiments": experiments,
            "preset": workflow.config.preset,
            "code": workflow.figure_code(name, what),
        }
        plain = what in ("claims", "table")
        return found | ({} if plain else {"identity": workflow.identity(experiments)})

    return params


def _map(workflow: Workflow, wildcards: dict[str, str]) -> dict[str, Any]:
    modules = ("layeratlas.figures.maps", "layeratlas.figures.output")
    return {
        "identity": workflow.identity([_experiment(workflow, wildcards)]),
        "preset": workflow.config.preset,
        "code": workflow.code("map", None, *modules),
    }


def _experiment(workflow: Workflow, wildcards: dict[str, str]) -> str:
    experiment = wildcards["experiment"]
    if experiment not in workflow.experiments:
        raise NotAskedError(f"there is no experiment {experiment!r} any more")
    return experiment


PARAMS: dict[str, Callable[[Workflow, dict[str, str]], dict[str, Any]]] = {
    "prepare_dataset": _prepare,
    "train": _train,
    "simulate": _shard_of("simulate"),
    "probe": _shard_of("probe"),
    "measure": _measure,
    "assemble_cube": _assemble,
    "fit_springs": _fit,
    "draw_figure": _figure("function"),
    "animate_figure": _figure("animation"),
    "write_table": _figure("table"),
    "check_claims": _figure("claims"),
    "draw_map": _map,
}


class Present:
    """The present code and configuration of a project whose working directory is `root`.

    `source` is the folder of the Snakefile: `root`, or the checkout the package is imported
    from. StoreError is never raised; a configuration that is refused is told in `problem`.
    """

    def __init__(self, root: Path):
        self.root = root
        checkout = Path(layeratlas.__file__).resolve().parents[2]
        found = [p for p in (root, checkout) if (p / "config" / "experiments").is_dir()]
        self.source: Path | None = found[0] if found else None
        self.problem: str | None = None
        self._workflows: dict[str | None, Workflow | None] = {}
        self._params: dict[str, Any] = {}

    @cached_property
    def _config(self) -> dict[str, Any]:
        from layeratlas.config.reading import read_yaml

        assert self.source is not None
        return read_yaml(self.source / "config" / "config.yaml")

    def _workflow(self, preset: str | None) -> Workflow | None:
        if preset not in self._workflows:
            self._workflows[preset] = None
            if self.source is None:
                self.problem = "there is no config/experiments here"
                return None
            try:
                config = self._config | ({"preset": preset} if preset else {})
                workflow = Workflow(config, self.source)
                # Plans of earlier shards lie in the project, wherever this process stands.
                workflow.results = self.root / workflow.results
                _ = workflow.experiments
                self._workflows[preset] = workflow
            except LayerAtlasError as error:
                self.problem = str(error)
        return self._workflows[preset]

    def params(self, job: Job) -> dict[str, Any] | None:
        """What the rule would pass now, JSON text opened, with `code`; None when unknown.

        NotAskedError when the present configuration has no such job.
        """
        rule, wildcards = job["rule"], job["wildcards"]
        if rule not in PARAMS or (workflow := self._workflow(job["preset"])) is None:
            return None
        key = repr((rule, job["preset"], sorted(wildcards.items())))
        if key not in self._params:
            try:
                params = PARAMS[rule](workflow, wildcards)
            except ConfigError as error:
                raise NotAskedError(str(error)) from None
            except KeyError:  # wildcards of another version of the rule
                return None
            # As a record holds them: lists for tuples.
            plain = json.loads(json.dumps(plain_settings(params)))
            self._params[key] = plain | {"code": params["code"]}
        return self._params[key]

    def script(self, rule: str) -> str | None:
        """sha256 of the rule's script as it is now; None where there is none."""
        path = self.source / "scripts" / f"{rule}.py" if self.source is not None else None
        if path is None or not path.is_file():
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()
