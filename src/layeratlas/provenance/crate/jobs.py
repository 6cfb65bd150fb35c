"""Jobs as actions: what ran, on what, with which settings, in which environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rocrate.model.entity import Entity

from layeratlas.datasets.registry import SOURCES
from layeratlas.provenance.crate.entities import (
    COMPLETED,
    Entities,
    iso_time,
    link,
    once,
    short_hash,
)
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.record.schema import Code, Record
from layeratlas.provenance.record.settings import plain_settings


class Jobs:
    """Adds jobs and all that stands around them to `entities`.

    `accepted` is what was accepted of jobs since, sentences by the id of a record; `authors` answer
    for all jobs: of each the account is known that ran it, and that is no name of a person.
    """

    def __init__(
        self,
        entities: Entities,
        files: Files,
        workflow: WorkflowFiles | None,
        accepted: Mapping[str, Iterable[str]] = MappingProxyType({}),
        authors: Sequence[Entity] = (),
    ):
        self._add_to, self._files, self._workflow = entities, files, workflow
        self._accepted, self._authors = accepted, [*authors]
        self._source = workflow.source if workflow else None

    def action(self, job: Record) -> Entity:
        """A job as a CreateAction with its tool, files, parameters and environment."""
        tool, rule = self._tool(job), job.activity.rule
        inputs = [self._files.entity(file) for file in job.inputs]
        outputs = [self._files.entity(file) for file in job.outputs]
        for direction, files in (("input", job.inputs), ("output", job.outputs)):
            for file in files:
                entity = self._files.entity(file)
                self._add_to.declare(tool, rule, direction, file.role, entity)
        values = []
        settings: dict[str, Any] = plain_settings(job.configuration.value)
        if job.seeds:
            settings["seeds"] = list(job.seeds)
        for name, value in settings.items():
            entity = self._add_to.value(name, value)
            self._add_to.declare(tool, rule, "input", name, entity)
            values.append(entity)
        wildcards = sorted(job.activity.wildcards.items())
        what = ", ".join(f"{key} {value}" for key, value in wildcards)
        source = self._data_source(settings)
        since = [f"Its result was {sentence}." for sentence in self._accepted.get(job.id, ())]
        return self._add_to.add(
            f"#job-{job.id}",
            "CreateAction",
            name=f"{rule}: {what}" if what else rule,
            description=" ".join([self.purpose(rule), f"Run on {hardware(job)}.", *since]),
            instrument=tool,
            object=once([*inputs, *([source] if source else []), *values]),
            result=once(outputs),
            startTime=iso_time(job.started),
            endTime=iso_time(job.ended),
            agent=self._authors,
            actionStatus=COMPLETED,
            environment=self._environment(job),
            resourceUsage=self._usage(job),
            identifier=job.id,
        )

    def purpose(self, rule: str) -> str:
        """What a rule does, in its script's words."""
        told = self._workflow.purpose(rule) if self._workflow else None
        return told or f"Rule {rule} of the pipeline."

    def _tool(self, job: Record) -> Entity:
        """The script that ran; a description of it where the file is no longer the same."""
        rule, digest = job.activity.rule, job.code.script
        requirement = self._package(job)
        path = self._workflow.script(rule, digest) if self._workflow else None
        if path is not None and self._workflow is not None:
            tool = self._add_to.enclose(
                path.as_posix(),
                self._workflow.folder / path,
                digest,
                types=["File", "SoftwareSourceCode"],
                name=rule,
                description=self.purpose(rule),
                programmingLanguage="Python",
                encodingFormat="text/x-python",
                version=job.code.version,
                codeRepository=job.code.repository,
            )
        else:
            key = (digest or job.code.source)[:16]
            tool = self._add_to.add(
                f"#tool-{rule}-{key}",
                "SoftwareApplication",
                name=rule,
                description=f"{self.purpose(rule)} The script that ran is not enclosed: it has "
                "changed since, or was not found.",
                softwareVersion=job.code.version,
                sha256=digest,
                url=job.code.repository,
            )
        link(tool, "softwareRequirements", requirement)
        return tool

    def _package(self, job: Record) -> Entity:
        code = job.code
        state = {None: "outside version control", True: "with uncommitted changes", False: "clean"}
        commit = f"commit {code.commit}, {state[code.dirty]}" if code.commit else state[None]
        if not code.commit and "unread" not in code.model_fields_set:
            # Earlier records took whatever git did not say for none.
            commit = "no commit on record"
        if "commit" in code.unread:
            commit = f"its commit could not be read: {code.unread['commit']}"
        return self._add_to.add(
            f"#layeratlas-{short_hash(f'{code.source} {commit}')}",
            "SoftwareApplication",
            name="layeratlas",
            softwareVersion=code.version,
            description=f"The package as it was imported ({commit}); sha256 is over its files."
            + self._enclosed(code),
            sha256=code.source,
            url=code.repository,
        )

    def _enclosed(self, code: Code) -> str:
        """Where the package is, if the crate holds it; of another, that it decides nothing."""
        if self._source is None:
            return ""
        if self._source == code.source:
            return " It is the one in src/layeratlas."
        return (
            " The one in src/layeratlas is another; what this job used of it is the same, unless "
            "the crate says that its result is stale."
        )

    def _environment(self, job: Record) -> list[Entity]:
        code, environment = job.code, job.environment
        unread = code.unread | environment.unread | job.machine.unread
        facts: dict[str, Any] = {
            "python": environment.python,
            "environment sha256": environment.hash,
            "lock sha256": environment.lock,
            "code sha256": code.source,
            "commit": code.commit,
            "uncommitted changes": code.dirty,
            **{f"package {name}": v for name, v in sorted(environment.packages.items())},
            **{f"variable {name}": v for name, v in sorted(environment.variables.items())},
            **{f"could not be read: {name}": why for name, why in sorted(unread.items())},
        }
        return [self._add_to.value(name, v) for name, v in facts.items() if v is not None]

    def _usage(self, job: Record) -> list[Entity]:
        # Unit codes of UN/CEFACT: second, byte.
        measured = (
            ("wall_seconds", "wall time", job.wall_seconds, "SEC"),
            ("cpu_seconds", "CPU time", job.cpu_seconds, "SEC"),
            ("peak_memory_bytes", "peak memory", job.peak_memory_bytes, "AD"),
        )
        return [
            self._add_to.add(
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

    def _data_source(self, settings: dict[str, Any]) -> Entity | None:
        """The published data set that a recipe starts from, with its licence and citation."""
        recipe = settings.get("recipe")
        name = recipe.get("source") if isinstance(recipe, dict) else None
        source = SOURCES.get(name) if isinstance(name, str) else None
        if source is None:
            return None
        address = next((url for file in source.files.values() for url in file.bases), None)
        checksums = [f"{file.name} {file.checksum}" for file in source.files.values()]
        checksums += [f"{name} sha256:{value}" for name, value in source.array_sha256.items()]
        return self._add_to.add(
            f"#data-{source.name}",
            "CreativeWork",
            name=source.title,
            license=source.licence,
            citation=source.citation,
            identifier=checksums,
            url=address,
            description=source.note or f"The data set {source.title}.",
        )


def hardware(job: Record) -> str:
    """Processor, graphics card and system of a job.

    The host's name says nothing to a reader elsewhere, and is not everybody's business.
    """
    unknown = "a graphics card that could not be asked" if "gpu" in job.machine.unread else None
    parts = (job.machine.cpu, job.machine.gpu or unknown, job.machine.platform)
    return ", ".join(part for part in parts if part)
