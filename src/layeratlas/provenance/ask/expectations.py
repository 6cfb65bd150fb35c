"""What the present code and configuration would ask of a job."""

from __future__ import annotations

import json
import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

import layeratlas
from layeratlas.errors import LayerAtlasError
from layeratlas.provenance.record.settings import plain_settings
from layeratlas.provenance.store.inside import inside
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.receipts import Receipts, receipt_path

Recorded = dict[str, Any]
"""rule, wildcards, preset: as recorded."""


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
        self._receipts: dict[str | None, Receipts] = {}
        self._params: dict[str, Any] = {}

    @cached_property
    def _config(self) -> dict[str, Any]:
        from layeratlas.config.reading import read_yaml

        assert self.source is not None
        return read_yaml(self.source / "config" / "config.yaml")

    def workflow(self, preset: str | None) -> Workflow | None:
        """The plans of a preset, None where the configuration is refused (`problem`)."""
        if preset not in self._workflows:
            self._workflows[preset] = None
            if self.source is None:
                self.problem = "there is no config/experiments here"
                return None
            try:
                config = self._config | ({"preset": preset} if preset else {})
                workflow = Workflow(config, self.source, warn=_warn, checks="new")
                # Plans of earlier shards lie in the project, wherever this process stands.
                workflow.results = self.root / workflow.results
                _ = workflow.experiments
                self._workflows[preset] = workflow
            except LayerAtlasError as error:
                self.problem = str(error)
        return self._workflows[preset]

    def receipts(self, preset: str | None) -> Receipts | None:
        """What of a preset's results is out of date; None as of `workflow`."""
        if preset not in self._receipts and (workflow := self.workflow(preset)) is not None:
            self._receipts[preset] = Receipts(workflow, self.root)
        return self._receipts.get(preset)

    def has_receipt(self, job: Recorded) -> bool:
        """Whether the receipt of a job of the table lies with its results."""
        preset, rule, wildcards = job["preset"] or "laptop", job["rule"], job["wildcards"]
        place = inside(self.root, receipt_path(preset, rule, wildcards).as_posix())
        return place is not None and place.is_file()

    def params(self, job: Recorded) -> dict[str, Any] | None:
        """What the rule would pass now, JSON text opened, with `code`; None when unknown.

        NotAskedError when the present configuration has no such job.
        """
        rule, wildcards = job["rule"], job["wildcards"]
        if rule not in JOBS or (workflow := self.workflow(job["preset"])) is None:
            return None
        key = repr((rule, job["preset"], sorted(wildcards.items())))
        if key not in self._params:
            try:
                params = {n: workflow.param(rule, n, wildcards) for n in JOBS[rule].names}
            except KeyError:  # wildcards of another version of the rule
                return None
            # As a record holds them: lists for tuples.
            plain = json.loads(json.dumps(plain_settings(params)))
            self._params[key] = plain | {"code": params["code"]}
        return self._params[key]


def _warn(sentence: str) -> None:
    warnings.warn(sentence, RecordWarning, stacklevel=2)
