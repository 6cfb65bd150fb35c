"""From a history to the entities of a Workflow Run RO-Crate.

Three profiles, each holding the one before (https://w3id.org/ro/wfrun, version 0.5):

    process      a CreateAction a job: tool, inputs, parameters, results, environment
    workflow     + the workflow, its parameters, and its run as one CreateAction
    provenance   + a HowToStep a rule, a ControlAction a job, the engine's OrganizeAction
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from layeratlas.datasets.registry import SOURCES
from layeratlas.papers import FIGURES
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.record.schema import FileState, Record
from layeratlas.provenance.record.settings import plain_settings

PROFILES = ("process", "workflow", "provenance")
_VERSION = "0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_ENGINE = "https://snakemake.github.io"
_COMPLETED = "http://schema.org/CompletedActionStatus"
_FORMATS = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
    ".json": "application/json",
    ".csv": "text/csv",
    ".py": "text/x-python",
    ".md": "text/markdown",
}


class CrateBuilder:
    """Fills an RO-Crate 1.1; `copied` is {place in the crate: (file, its digest)}."""

    def __init__(self, history: History, workflow: WorkflowFiles | None, profile: str):
        self.history = history
        self.files = workflow
        self.level = PROFILES.index(profile)
        self.crate = ROCrate(version="1.1")  # the profiles know the terms of 1.1 only
        self.crate.metadata.extra_contexts.append(_TERMS)
        self.copied: dict[str, tuple[Path, str]] = {}
        self._enclosed = {file.identity for file in history.enclosed}
        self._entities: dict[str, Entity] = {}

    def build(self, licence: tuple[str, str], original: Path | None) -> ROCrate:
        """The whole crate. `original`: where the target was given, if as a path."""
        self._original = original
        jobs = self.history.jobs
        agents = _once(self._agent(job) for job in jobs)
        actions = [self._action(job) for job in jobs]
        if self.level >= PROFILES.index("workflow"):
            actions.append(self._workflow_run(jobs, actions))
        self._code_changes()
        self._root(licence, agents, actions)
        return self.crate

    # --- jobs -----------------------------------------------------------------------------------
    def _action(self, job: Record) -> Entity:
        tool = self._tool(job)
        inputs = [self._file(file) for file in job.inputs]
        outputs = [self._file(file) for file in job.outputs]
        for direction, files in (("input", job.inputs), ("output", job.outputs)):
            for file in files:
                self._declare(tool, job.activity.rule, direction, file.role, self._file(file))
        values = []
        settings: dict[str, Any] = plain_settings(job.configuration.value)
        if job.seeds:
            settings["seeds"] = list(job.seeds)
        for name, value in settings.items():
            entity = self._value(name, value)
            self._declare(tool, job.activity.rule, "input", name, entity)
            values.append(entity)
        activity = job.activity
        what = ", ".join(f"{key} {value}" for key, value in sorted(activity.wildcards.items()))
        source = self._data_source(settings)
        return self._add(
            f"#job-{job.id}",
            "CreateAction",
            name=f"{activity.rule}: {what}" if what else activity.rule,
            description=f"{self._purpose(activity.rule)} Run on {_hardware(job)}.",
            instrument=tool,
            object=_once([*inputs, *([source] if source else []), *values]),
            result=_once(outputs),
            startTime=_time(job.started),
            endTime=_time(job.ended),
            agent=self._agent(job),
            actionStatus=_COMPLETED,
            environment=self._environment(job),
            resourceUsage=self._usage(job),
            identifier=job.id,
        )

    def _tool(self, job: Record) -> Entity:
        """The script that ran; a description of it where the file is no longer the same."""
        rule, digest = job.activity.rule, job.code.script
        requirement = self._package(job)
        path = self.files.script(rule, digest) if self.files else None
        if path is not None and self.files is not None:
            place = f"workflow/{path.as_posix()}"
            tool = self._enclose(
                place,
                self.files.folder / path,
                digest,
                types=["File", "SoftwareSourceCode"],
                name=rule,
                description=self._purpose(rule),
                programmingLanguage="Python",
                encodingFormat="text/x-python",
                version=job.code.version,
            )
        else:
            key = (digest or job.code.source)[:16]
            tool = self._add(
                f"#tool-{rule}-{key}",
                "SoftwareApplication",
                name=rule,
                description=f"{self._purpose(rule)} The script itself is not enclosed: it has "
                "changed since, or was not found.",
                softwareVersion=job.code.version,
                sha256=digest,
            )
        _link(tool, "softwareRequirements", requirement)
        return tool

    def _package(self, job: Record) -> Entity:
        code = job.code
        state = {None: "outside version control", True: "with uncommitted changes", False: "clean"}
        commit = f"commit {code.commit}, {state[code.dirty]}" if code.commit else state[None]
        return self._add(
            f"#layeratlas-{hashlib.sha256(f'{code.source} {commit}'.encode()).hexdigest()[:16]}",
            "SoftwareApplication",
            name="layeratlas",
            softwareVersion=code.version,
            description=f"The package as it was imported ({commit}); sha256 is over its files.",
            sha256=code.source,
        )

    def _purpose(self, rule: str) -> str:
        return (self.files.purpose(rule) if self.files else None) or f"Rule {rule} of the pipeline."

    def _agent(self, job: Record) -> Entity | None:
        user = job.machine.user
        return self._add(f"#person-{_slug(user)}", "Person", name=user) if user else None

    def _environment(self, job: Record) -> list[Entity]:
        code, environment = job.code, job.environment
        facts: dict[str, Any] = {
            "python": environment.python,
            "environment sha256": environment.hash,
            "lock sha256": environment.lock,
            "code sha256": code.source,
            "commit": code.commit,
            "uncommitted changes": code.dirty,
            **{f"package {name}": v for name, v in sorted(environment.packages.items())},
            **{f"variable {name}": v for name, v in sorted(environment.variables.items())},
        }
        return [self._value(name, value) for name, value in facts.items() if value is not None]

    def _usage(self, job: Record) -> list[Entity]:
        # Unit codes of UN/CEFACT: second, byte.
        measured = (
            ("wall_seconds", "wall time", job.wall_seconds, "SEC"),
            ("cpu_seconds", "CPU time", job.cpu_seconds, "SEC"),
            ("peak_memory_bytes", "peak memory", job.peak_memory_bytes, "AD"),
        )
        return [
            self._add(
                f"#job-{job.id}-{key}",
                "PropertyValue",
                name=name,
                propertyID=key,
                value=value,
                unitCode=unit,
            )
            for key, name, value, unit in measured
            if value is not None
        ]

    # --- parameters and values ------------------------------------------------------------------
    def _value(self, name: str, value: Any) -> Entity:
        """A name with a value, once in the crate whichever jobs share it."""
        if value is None or isinstance(value, dict | list | tuple):
            value = json.dumps(value, sort_keys=True, ensure_ascii=False)
        key = hashlib.sha256(json.dumps([name, value], sort_keys=True).encode()).hexdigest()[:16]
        return self._add(f"#value-{key}", "PropertyValue", name=name, value=value)

    def _declare(self, tool: Entity, owner: str, direction: str, name: str, of: Entity) -> None:
        """Say that `of` is an example of the tool's parameter `name`."""
        if self.level < PROFILES.index("workflow"):
            return
        parameter = self._add(
            f"#{_slug(owner)}-{direction}-{_slug(name)}",
            "FormalParameter",
            name=name,
            additionalType=_kind(of),
            conformsTo={"@id": _PARAMETER},
        )
        _link(tool, direction, parameter)
        _link(of, "exampleOfWork", parameter)

    # --- files ----------------------------------------------------------------------------------
    def _file(self, file: FileState) -> Entity:
        """A file of the records: enclosed where it belongs here, else by its hashes."""
        key = f"file {file.identity}"
        if key not in self._entities:
            others = [self._original] if self._original else []
            enclosed = file.identity in self._enclosed
            path = self.history.find(file, *others) if enclosed else None
            facts = {
                "name": PurePosixPath(file.path).name,
                "alternateName": file.path,
                "contentSize": str(file.size),
                "sha256": file.digest,
                "identifier": f"content hash {file.content_hash}" if file.content_hash else None,
                "encodingFormat": _FORMATS.get(PurePosixPath(file.path).suffix),
            }
            if path is None:
                entity = self._add(f"#file-{file.digest[:32]}", "File", **facts)
            else:
                entity = self._enclose(_place(file), path, file.digest, **facts)
                self._manifest(file, path)
            self._entities[key] = entity
        return self._entities[key]

    def _manifest(self, file: FileState, path: Path) -> None:
        beside = path.with_name(path.name.removesuffix(".zarr.zip") + ".json")
        if not path.name.endswith(".zarr.zip") or not beside.is_file():
            return
        try:
            digest = json.loads(beside.read_bytes())["digest"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        if digest == file.digest:
            place = _place(file).removesuffix(".zarr.zip") + ".json"
            self._enclose(
                place,
                beside,
                None,
                name=PurePosixPath(place).name,
                description=f"Manifest of {PurePosixPath(file.path).name}: hashes, dims, variables",
                encodingFormat="application/json",
            )

    def _enclose(
        self, place: str, path: Path, digest: str | None, types: Any = "File", **facts: Any
    ) -> Entity:
        if place not in self._entities:
            properties = {"@type": types, **_given(facts)}
            self._entities[place] = self.crate.add_file(path, place, properties=properties)
            if digest is not None:
                self.copied[place] = (path, digest)
        return self._entities[place]

    def _code_changes(self) -> None:
        for job in self.history.jobs:
            objects = self.history.root / "store" / "objects"
            diff = job.code.diff
            found = sorted(objects.glob(f"{Path(diff).name}*")) if diff else []
            if found:
                self._enclose(
                    f"code/{found[0].name}",
                    found[0],
                    None,
                    name=found[0].name,
                    description="Uncommitted changes of the code, against the commit of its jobs",
                    encodingFormat="text/x-diff",
                )

    def _data_source(self, settings: dict[str, Any]) -> Entity | None:
        """The published data set that a recipe starts from, with its licence and citation."""
        recipe = settings.get("recipe")
        source = SOURCES.get(recipe.get("source", "")) if isinstance(recipe, dict) else None
        if source is None:
            return None
        address = next((url for file in source.files.values() for url in file.bases), None)
        checksums = [f"{file.name} {file.checksum}" for file in source.files.values()]
        checksums += [f"{name} sha256:{value}" for name, value in source.array_sha256.items()]
        return self._add(
            f"#data-{source.name}",
            "CreativeWork",
            name=source.title,
            license=source.licence,
            citation=source.citation,
            identifier=checksums,
            url=address,
            description=source.note or f"The data set {source.title}.",
        )

    # --- workflow -------------------------------------------------------------------------------
    def _workflow_run(self, jobs: tuple[Record, ...], actions: list[Entity]) -> Entity:
        assert self.files is not None
        tools = _once(action["instrument"] for action in actions)
        version = jobs[-1].environment.packages.get("snakemake")
        workflow = self.crate.add_workflow(
            self.files.folder / "Snakefile",
            "workflow/Snakefile",
            main=True,
            lang="snakemake",
            lang_version=version,
            properties={
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
                if self.level == PROFILES.index("provenance")
                else ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
                "name": "Layer Atlas",
                "description": "Trains networks over a grid, measures their layers, and draws "
                "figures and claims. Snakefile and rules are as found when this crate was "
                "written; the code of each job is in its environment.",
                "encodingFormat": "text/x-python",
                "conformsTo": {"@id": _WORKFLOW},
                "version": jobs[-1].code.version,
            },
        )
        workflow["hasPart"] = tools
        for path in self.files.rule_files:
            self._enclose(
                f"workflow/{path.as_posix()}",
                self.files.folder / path,
                None,
                types=["File", "SoftwareSourceCode"],
                name=path.name,
                programmingLanguage={"@id": workflow["programmingLanguage"].id},
                encodingFormat="text/x-python",
                version=jobs[-1].code.version,
            )
        self._lock(workflow, jobs)
        sources = [self._file(file) for file in self.history.sources]
        values = [
            self._value(name, value)
            for name in ("preset", "experiment", "figure")
            if (value := getattr(self.history.maker.activity, name)) is not None
        ]
        results = [self._file(file) for file in self.history.maker.outputs]
        for entity in [*sources, *values]:
            self._declare(workflow, "workflow", "input", str(entity["name"]), entity)
        for entity in results:
            self._declare(workflow, "workflow", "output", str(entity["name"]), entity)
        data = [a for a in self.crate.get_by_type("CreativeWork") if a.id.startswith("#data-")]
        run = self._add(
            "#run",
            "CreateAction",
            name=f"Making of {PurePosixPath(self.history.target.path).name}",
            description=f"{len(jobs)} jobs of the workflow, the last on {_hardware(jobs[-1])}.",
            instrument=workflow,
            object=_once([*data, *sources, *values]),
            result=results,
            startTime=_time(jobs[0].started),
            endTime=max(_time(job.ended) for job in jobs),
            agent=self._agent(self.history.maker),
            actionStatus=_COMPLETED,
        )
        if self.level == PROFILES.index("provenance"):
            self._steps(workflow, jobs, actions, run, version)
        return run

    def _steps(
        self,
        workflow: Entity,
        jobs: tuple[Record, ...],
        actions: list[Entity],
        run: Entity,
        version: str | None,
    ) -> None:
        steps: dict[str, Entity] = {}
        controls = []
        for job, action in zip(jobs, actions, strict=True):
            rule = job.activity.rule
            if rule not in steps:
                steps[rule] = self._add(
                    f"#step-{_slug(rule)}",
                    "HowToStep",
                    name=rule,
                    description=self._purpose(rule),
                    position=str(len(steps) + 1),
                )
            _link(steps[rule], "workExample", action["instrument"])
            controls.append(
                self._add(
                    f"#control-{job.id}",
                    "ControlAction",
                    name=f"orchestrate {action['name']}",
                    instrument=steps[rule],
                    object=action,
                    actionStatus=_COMPLETED,
                )
            )
        workflow["step"] = list(steps.values())
        engine = self._add(
            _ENGINE,
            "SoftwareApplication",
            name="Snakemake",
            softwareVersion=version,
            url=_ENGINE,
        )
        self._add(
            "#orchestration",
            "OrganizeAction",
            name="Snakemake's run of the workflow",
            instrument=engine,
            object=controls,
            result=run,
            agent=run.get("agent"),
            startTime=run["startTime"],
            endTime=run["endTime"],
            actionStatus=_COMPLETED,
        )

    def _lock(self, workflow: Entity, jobs: tuple[Record, ...]) -> None:
        assert self.files is not None
        path = self.files.lock(jobs[-1].environment.lock)
        if path is not None:
            lock = self._enclose(
                f"workflow/{path.as_posix()}",
                self.files.folder / path,
                jobs[-1].environment.lock,
                name=path.name,
                description="Every version of the environment, as pip reads it",
                encodingFormat="text/plain",
                conformsTo={
                    "@id": "https://pip.pypa.io/en/stable/reference/requirements-file-format/"
                },
            )
            if self.level == PROFILES.index("provenance"):
                workflow["buildInstructions"] = lock

    # --- the crate itself -----------------------------------------------------------------------
    def _root(self, licence: tuple[str, str], agents: list[Entity], actions: list[Entity]) -> None:
        root, history = self.crate.root_dataset, self.history
        name, about = _title(history)
        missing = [f.path for f in history.enclosed if self._file(f).id.startswith("#")]
        told = f" Not enclosed, as they were not found: {', '.join(missing)}." if missing else ""
        gaps = f" No record tells who made {', '.join(history.gaps)}." if history.gaps else ""
        root["name"] = name
        root["description"] = f"{about}{told}{gaps}"
        root["datePublished"] = _time(history.maker.ended)
        address, spelled = licence
        root["license"] = self._add(
            address,
            "CreativeWork",
            name=spelled,
            description="Of results and code; data sets keep their own licences, stated with them.",
        )
        if agents:
            root["author"] = _plain_list(agents)
        root["mentions"] = [*actions, *self.crate.get_by_type("OrganizeAction")]
        cited = self._papers()
        if cited:
            root["citation"] = _plain_list(cited)
        names = PROFILES[: self.level + 1]
        profiles = [(f"https://w3id.org/ro/wfrun/{n}/{_VERSION}", n, _VERSION) for n in names]
        if self.level >= PROFILES.index("workflow"):
            profiles.append(("https://w3id.org/workflowhub/workflow-ro-crate/1.0", None, "1.0"))
        root["conformsTo"] = [
            self._add(
                uri,
                "CreativeWork",
                name=f"{kind.title()} Run Crate" if kind else "Workflow RO-Crate",
                version=version,
            )
            for uri, kind, version in profiles
        ]
        text = _readme(name, root["description"], history)
        self.crate.add_file(
            StringIO(text),
            "README.md",
            properties={
                "name": "README",
                "about": root,
                "encodingFormat": "text/markdown",
                "contentSize": str(len(text.encode())),
            },
        )

    def _papers(self) -> list[Entity]:
        found = {}
        for job in self.history.jobs:
            plan = plain_settings(job.configuration.value).get("plan")
            described = plan.get("description", {}) if isinstance(plan, dict) else {}
            if text := described.get("references"):
                found[_address(text)] = text
        return [
            self._add(address, "ScholarlyArticle", name=text, url=None)
            for address, text in sorted(found.items())
        ]

    def _add(self, identifier: str, types: Any, /, **facts: Any) -> Entity:
        """An entity that is no file, once; None and empty lists are left out."""
        if identifier not in self._entities:
            properties = {"@type": types, **_given(facts)}
            entity = ContextEntity(self.crate, identifier, properties=properties)
            self._entities[identifier] = self.crate.add(entity)
        return self._entities[identifier]


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    given = {}
    for name, value in facts.items():
        value = _plain_list(value)
        if value is not None:
            given[name] = value
    return given


def _plain_list(value: Any) -> Any:
    """RO-Crate asks for one thing instead of a list of one."""
    if isinstance(value, list) and len(value) < 2:
        return value[0] if value else None
    return value


def _link(entity: Entity, name: str, other: Entity) -> None:
    """Add `other` to a property of `entity`, once, without lists of one."""
    known = entity.get(name)
    known = [] if known is None else known if isinstance(known, list) else [known]
    if other not in known:
        entity[name] = [*known, other] if known else other


def _once(entities: Iterable[Any]) -> list[Any]:
    return list({entity.id: entity for entity in entities if entity is not None}.values())


def _kind(entity: Entity) -> str:
    types = entity.type if isinstance(entity.type, list) else [entity.type]
    if "File" in types:
        return "File"
    value = entity.get("value")
    kinds = ((bool, "Boolean"), (int, "Integer"), (float, "Float"), (str, "Text"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "PropertyValue")


def _place(file: FileState) -> str:
    """Where a file goes in the crate: as in the project, unless that points elsewhere."""
    path = PurePosixPath(file.path)
    if path.is_absolute() or ".." in path.parts:
        return f"files/{file.digest[:16]}/{path.name}"
    return path.as_posix()


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text)


def _time(text: str) -> str:
    """ISO 8601 with milliseconds and an offset, as the profiles ask for."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _hardware(job: Record) -> str:
    # The host's name says nothing to a reader elsewhere, and is not everybody's business.
    parts = (job.machine.cpu, job.machine.gpu, job.machine.platform)
    return ", ".join(part for part in parts if part)


def _address(reference: str) -> str:
    if found := re.search(r"doi:\s*(\S+?)[,;]?(?:\s|$)", reference):
        return f"https://doi.org/{found[1]}"
    if found := re.search(r"arXiv[: ]\s*(\d{4}\.\d{4,5})", reference):
        return f"https://arxiv.org/abs/{found[1]}"
    return f"#paper-{hashlib.sha256(reference.encode()).hexdigest()[:16]}"


def _title(history: History) -> tuple[str, str]:
    """Name and description of the crate."""
    file = PurePosixPath(history.target.path).name
    activity = history.maker.activity
    figure = FIGURES.get(activity.figure or activity.wildcards.get("figure", ""))
    if figure is not None:
        return figure.title, f"{figure.caption} With its cubes, claims, code and parameters."
    plan = plain_settings(history.maker.configuration.value).get("plan")
    described = plan.get("description", {}) if isinstance(plan, dict) else {}
    title = described.get("title") or file
    summary = described.get("summary") or f"{file}, made by Layer Atlas."
    return title, f"{summary} With code and parameters of the jobs that made it."


def _readme(name: str, description: str, history: History) -> str:
    files = "\n".join(f"- `{_place(file)}`" for file in history.enclosed)
    return (
        f"# {name}\n\n{description}\n\n{files}\n\n"
        "`ro-crate-metadata.json` tells how each file was made: jobs, inputs, parameters, code and "
        "environment. Files that are not enclosed (shards, prepared data sets) are named by their "
        "sha256.\n\nA cube (`.zarr.zip`) opens with xarray and zarr alone:\n\n"
        "    import xarray as xr, zarr\n"
        '    xr.open_datatree(zarr.storage.ZipStore(path, mode="r"), engine="zarr", '
        "consolidated=False)\n"
    )
