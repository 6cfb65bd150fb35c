"""The workflow and its run: the Snakefile with its parameters, and the jobs as its steps."""

from __future__ import annotations

from pathlib import PurePosixPath

from rocrate.model.entity import Entity

from layeratlas.config.people import CITATION, repository_in
from layeratlas.provenance.crate.entities import COMPLETED, Entities, iso_time, link, once, slug
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.jobs import Jobs, hardware
from layeratlas.provenance.crate.layout import SNAKEFILE
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.record.source import GitState

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
        authors: list[Entity],
    ):
        self._add_to, self._files, self._jobs = entities, files, jobs
        self._history, self._workflow, self._authors = history, workflow, authors
        self._engine_version = history.jobs[-1].environment.packages.get("snakemake")
        self._version = history.maker.code.version

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
            agent=self._authors,
            actionStatus=COMPLETED,
        )
        if self._add_to.holds("provenance"):
            self._steps(workflow, actions, run)
        return run

    def _main(self) -> Entity:
        state = self._workflow.state
        types = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
        if self._add_to.holds("provenance"):
            types.append("HowTo")
        properties = {
            "@type": types,
            "name": "Layer Atlas",
            "description": "Trains networks over a grid, measures their layers, and draws "
            f"figures and claims. {_told(state)} The code of each job is in its environment. "
            f"{self._workflow.note}".rstrip(),
            "encodingFormat": "text/x-python",
            "conformsTo": {"@id": _WORKFLOW},
            "version": self._version,
        }
        if address := state.repository or repository_in(self._workflow.folder / CITATION):
            properties |= {"codeRepository": address, "url": address}
        return self._add_to.enclose_main(
            SNAKEFILE,
            self._workflow.folder / SNAKEFILE,
            properties,
            lang="snakemake",
            lang_version=self._engine_version,
        )

    def _enclose_rules(self, workflow: Entity) -> None:
        for path in self._workflow.rule_files:
            self._add_to.enclose(
                path.as_posix(),
                self._workflow.folder / path,
                None,
                types=["File", "SoftwareSourceCode"],
                name=path.name,
                programmingLanguage={"@id": workflow["programmingLanguage"].id},
                encodingFormat="text/x-python",
                version=self._version,
            )

    def _enclose_lock(self, workflow: Entity) -> None:
        digest = self._history.jobs[-1].environment.lock
        path = self._workflow.lock(digest)
        if path is None:
            return
        lock = self._add_to.enclose(
            path.as_posix(),
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


def _told(state: GitState) -> str:
    """Which code the crate holds, in a sentence."""
    if state.commit is None:
        return "The crate holds the code as it was found, outside version control."
    changes = "with uncommitted changes" if state.dirty else "without changes"
    return f"The crate holds the code of commit {state.commit}, {changes}."
