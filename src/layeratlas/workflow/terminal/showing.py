"""A workflow's display, given to Snakemake's logger plugin where that is at work.

`LAYERATLAS_TERMINAL` says how: `live` and `lines` whatever the terminal, `snakemake` for
Snakemake's own talk, which `--verbose`, `--quiet`, `--printshellcmds`, `--debug-dag` ask for too.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import IO, TYPE_CHECKING, Any

from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import LayerAtlasError
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.requests import Requests
from layeratlas.workflow.sizes import UNKNOWN
from layeratlas.workflow.terminal.channel import VARIABLE, job_name
from layeratlas.workflow.terminal.display import Display
from layeratlas.workflow.terminal.ending import ending
from layeratlas.workflow.terminal.expecting import Expected, Expecting
from layeratlas.workflow.terminal.plan import Plan, Planned

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

CHOICE = "LAYERATLAS_TERMINAL"
#: Of rules without a script of ours.
_BRIEF = 1.0


def is_live(stream: IO[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether lines can be redrawn there, or somebody says so."""
    choice = environment.get(CHOICE)
    if choice in ("live", "lines"):
        return choice == "live"
    try:
        return stream.isatty() and environment.get("TERM") not in (None, "", "dumb")
    except ValueError:
        return False


class Showing:
    """The display of a run: made when the rules are read, shown when the jobs are known.

    `snakemake` is Snakemake's workflow, `atlas` ours. Without the plugin nothing is shown.
    """

    def __init__(self, snakemake: Any, atlas: Workflow, requests: Requests):
        self._snakemake, self._atlas, self._requests = snakemake, atlas, requests
        self._expecting = Expecting()
        self.display: Display | None = None

    def offer(self, environment: Mapping[str, str] = os.environ) -> None:
        """Give the display to the plugin, where this process started the work."""
        if not self._snakemake.is_main_process:
            # A job that calls Snakemake itself, on another machine or not, shows nothing.
            os.environ.pop(VARIABLE, None)
            return
        if environment.get(CHOICE) == "snakemake":
            return
        plugins = [
            handler
            for handler in self._snakemake.logger_manager.get_log_handlers()
            if hasattr(handler, "layeratlas")
        ]
        settings = self._snakemake.output_settings
        stream = sys.stdout if settings.stdout else sys.stderr
        for plugin in plugins:
            self.display = Display(
                stream,
                # What a dry run says is read by others, too.
                live=is_live(stream, environment) and not settings.dryrun,
                dryrun=settings.dryrun,
                ending=self._at_the_end,
                show_logs=settings.show_failed_logs,
            )
            plugin.layeratlas(self.display)

    def begin(self) -> None:
        """All jobs are known, and none has run."""
        if self.display is not None:
            preset = self._atlas.config.preset
            self.display.begin(self._planned(), f"{self._what()} at preset {preset}")

    # --- the jobs -------------------------------------------------------------------------------
    def _planned(self) -> Plan:
        dag = self._snakemake.dag
        # A dry run has finished all of them.
        needed = set(dag.needrun_jobs(exclude_finished=not self._snakemake.dryrun))
        before = {job: [one for one in dag.dependencies[job] if one in needed] for job in needed}
        order = sorted(needed, key=dag.jobid)
        # What is made first is told first.
        order = list(TopologicalSorter({job: before[job] for job in order}).static_order())
        of_its_kind = Counter(map(_kind, order))
        numbers: Counter[tuple[str, str]] = Counter()
        planned = []
        for job in order:
            kind = _kind(job)
            numbers[kind] += 1
            several = of_its_kind[kind] > 1
            number = f"{numbers[kind]}/{of_its_kind[kind]}" if several else ""
            planned.append(self._job(job, frozenset(map(dag.jobid, before[job])), number))
        return Plan.of(planned, *self._places(len(planned)))

    def _job(self, job: Any, before: frozenset[int], number: str) -> Planned:
        rule, at = job.rule.name, dict(job.wildcards.items())
        log = str(job.log[0]) if job.log else ""
        output = str(job.output[0]) if job.output else None
        expected, gpu = self._expected(rule, at)
        return Planned(
            self._snakemake.dag.jobid(job),
            rule,
            " ".join(filter(None, (rule, self._named(rule, at), number))),
            expected.seconds,
            before,
            gpu,
            job_name(rule, log, output),
            log,
            expected.on_record,
        )

    def _places(self, most: int) -> tuple[int, int]:
        workflow = self._snakemake
        number = workflow._cores if workflow.local_exec else workflow.nodes
        gpus = workflow.global_resources.get("gpu")
        cards = getattr(gpus, "value", gpus) if gpus is not None else number
        return max(1, min(number or 1, most)), cards if isinstance(cards, int) else 1

    def _expected(self, rule: str, at: dict[str, str]) -> tuple[Expected, bool]:
        """Its time, and whether it needs the GPU."""
        if rule not in JOBS:
            return Expected(_BRIEF, True), False
        try:
            size = self._requests.size(rule, at)
        except LayerAtlasError:
            size = UNKNOWN
        found = self._expecting.of(rule, at.get("experiment") or at.get("figure"), size)
        return found, bool(self._requests.fixed(rule)["gpu"])

    def _named(self, rule: str, at: dict[str, str]) -> str:
        if rule != "prepare_dataset":
            return _what_of(at)
        try:
            return recipe_of(self._atlas.recipe(at["key"])).source
        except (LayerAtlasError, AttributeError):
            return at["key"][:6]

    # --- the whole ------------------------------------------------------------------------------
    def _targets(self) -> list[str]:
        """Files that were asked for; of a target without files, those that it gathers."""
        found: list[str] = []
        for job in sorted(self._snakemake.dag.targetjobs, key=str):
            found += map(str, job.output or job.input)
        asked = set(map(str, self._snakemake.dag.targetfiles))
        return [path for path in dict.fromkeys(found) if path in asked or not asked & set(found)]

    def _what(self) -> str:
        targets = self._targets()
        return targets[0] if len(targets) == 1 else f"{len(targets):,} files"

    def _at_the_end(self) -> Iterable[str]:
        if self._snakemake.dryrun:
            return [f"  {self._planned().told()}"]
        return ending(self._targets(), self._atlas.results)


def _kind(job: Any) -> tuple[str, str]:
    return job.rule.name, _what_of(dict(job.wildcards.items()))


def _what_of(at: Mapping[str, str]) -> str:
    found = at.get("experiment") or at.get("figure") or ""
    return f"{found} {at['metric']}" if "metric" in at else found
