"""The workflow and its run: the Snakefile with its parameters, and the jobs as its steps."""

from __future__ import annotations

from pathlib import PurePosixPath

from rocrate.model.entity import Entity

from layeratlas.provenance.crate.entities import COMPLETED, Entities, iso_time, link, once, slug
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.jobs import Jobs, hardware
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.storage.hashing import file_digest

_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_ENGINE = "https://snakemake.github.io"
_PIP = "https://pip.pypa.io/en/stable/reference/requirements-file-format/"


class Run:
    """Adds the workflow and the run of it that `actions` are the jobs of."""

    def __init__(
        self,
        entities: Entities,
        files: Files,
        jobs: Jobs,
        history: History,
        workflow: WorkflowFiles,
    ):
        self._add_to, self._files, self._jobs = entities, files, jobs
        self._history, self._workflow = history, workflow
        self._engine_version = history.jobs[-1].environment.packages.get("snakemake")

    def action(self, actions: list[Entity]) -> Entity:
        """The whole run as one CreateAction; with its steps where the profile has them."""
        workflow, history = self._main(), self._history
        workflow["hasPart"] = once(action["instrument"] for action in actions)
        self._enclose_rules(workflow)
        self._enclose_lock(workflow)
        sources = [self._files.entity(file) for file in history.sources]
        values = [
            self._add_to.value(name, value)
            for name in ("preset", "experiment", "figure")
            if (value := getattr(history.maker.activity, name)) is not None
        ]
        results = [self._files.entity(file) for file in history.maker.outputs]
        for direction, entities in (("input", [*sources, *values]), ("output", results)):
            for entity in entities:
                name = str(entity["name"])
                self._add_to.declare(workflow, "workflow", direction, name, entity)
        works = self._add_to.crate.get_by_type("CreativeWork")
        data = [entity for entity in works if entity.id.startswith("#data-")]
        jobs = history.jobs
        run = self._add_to.add(
            "#run",
            "CreateAction",
            name=f"Making of {PurePosixPath(history.target.path).name}",
            description=f"{len(jobs)} jobs of the workflow, the last on {hardware(jobs[-1])}.",
            instrument=workflow,
            object=once([*data, *sources, *values]),
            result=results,
            startTime=min(iso_time(job.started) for job in jobs),
            endTime=max(iso_time(job.ended) for job in jobs),
            agent=self._jobs.agent(history.maker),
            actionStatus=COMPLETED,
        )
        if self._add_to.holds("provenance"):
            self._steps(workflow, actions, run)
        return run

    def _main(self) -> Entity:
        code = self._history.jobs[-1].code
        snakefile, place = self._workflow.folder / "Snakefile", "workflow/Snakefile"
        digest = file_digest(snakefile)
        self._add_to.copied[place] = (snakefile, digest)
        types = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
        if self._add_to.holds("provenance"):
            types.append("HowTo")
        properties = {
            "@type": types,
            "name": "Layer Atlas",
            "description": "Trains networks over a grid, measures their layers, and draws "
            "figures and claims. Snakefile and rules are as found when this crate was "
            "written; the code of each job is in its environment.",
            "encodingFormat": "text/x-python",
            "conformsTo": {"@id": _WORKFLOW},
            "version": code.version,
            "sha256": digest,
        }
        if code.repository:
            properties |= {"codeRepository": code.repository, "url": code.repository}
        return self._add_to.crate.add_workflow(
            snakefile,
            place,
            main=True,
            lang="snakemake",
            lang_version=self._engine_version,
            properties=properties,
        )

    def _enclose_rules(self, workflow: Entity) -> None:
        for path in self._workflow.rule_files:
            self._add_to.enclose(
                f"workflow/{path.as_posix()}",
                self._workflow.folder / path,
                None,
                types=["File", "SoftwareSourceCode"],
                name=path.name,
                programmingLanguage={"@id": workflow["programmingLanguage"].id},
                encodingFormat="text/x-python",
                version=self._history.jobs[-1].code.version,
            )

    def _enclose_lock(self, workflow: Entity) -> None:
        digest = self._history.jobs[-1].environment.lock
        path = self._workflow.lock(digest)
        if path is None:
            return
        lock = self._add_to.enclose(
            f"workflow/{path.as_posix()}",
            self._workflow.folder / path,
            digest,
            name=path.name,
            description="Every version of the environment, as pip reads it",
            encodingFormat="text/plain",
            conformsTo={"@id": _PIP},
        )
        if self._add_to.holds("provenance"):
            workflow["buildInstructions"] = lock

    def _steps(self, workflow: Entity, actions: list[Entity], run: Entity) -> None:
        """A step a rule, a ControlAction a job, and the engine that organised them."""
        steps: dict[str, Entity] = {}
        controls = []
        for job, action in zip(self._history.jobs, actions, strict=True):
            rule = job.activity.rule
            if rule not in steps:
                steps[rule] = self._add_to.add(
                    f"#step-{slug(rule)}",
                    "HowToStep",
                    name=rule,
                    description=self._jobs.purpose(rule),
                    position=str(len(steps) + 1),
                )
            link(steps[rule], "workExample", action["instrument"])
            controls.append(
                self._add_to.add(
                    f"#control-{job.id}",
                    "ControlAction",
                    name=f"orchestrate {action['name']}",
                    instrument=steps[rule],
                    object=action,
                    actionStatus=COMPLETED,
                )
            )
        workflow["step"] = list(steps.values())
        engine = self._add_to.add(
            _ENGINE,
            "SoftwareApplication",
            name="Snakemake",
            softwareVersion=self._engine_version,
            url=_ENGINE,
        )
        self._add_to.add(
            "#orchestration",
            "OrganizeAction",
            name="Snakemake's run of the workflow",
            instrument=engine,
            object=controls,
            result=run,
            agent=run.get("agent"),
            startTime=run["startTime"],
            endTime=run["endTime"],
            actionStatus=COMPLETED,
        )
