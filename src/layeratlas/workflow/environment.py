"""The environment that jobs inherit from the workflow's process."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from layeratlas.runs.threads import limit_threads


def set_up(source: str, environment: MutableMapping[str, str] = os.environ) -> None:
    """One thread a job, and the package of this clone first on the path of jobs.

    Snakemake gives jobs the path at the end of theirs, where a copy installed from elsewhere
    would win; the variable puts this clone's code first.
    """
    rest = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([source, *rest]))
    limit_threads(environment)
