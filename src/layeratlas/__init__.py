"""Layer Atlas: how deep networks learn features, as reproducible figures.

The package is importable without Snakemake. `open` reads any version of a published cube,
`lineage`, `dependents`, `diff`, `stale`, `log` and `versions` ask the provenance store;
`try_out` runs an experiment in memory; `layeratlas.metrics` and the reductions of
`layeratlas.papers` are pure functions on arrays.
Nothing of it is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Name → module that has it.
_LAZY = {
    "accept": "layeratlas.provenance.ask.accepting",
    "check_crate": "layeratlas.provenance.crate.checking",
    "collect_garbage": "layeratlas.provenance.store.garbage",
    "dependents": "layeratlas.provenance.ask.dependents",
    "diff": "layeratlas.provenance.ask.differences",
    "efficiency": "layeratlas.provenance.ask.efficiency",
    "export_crate": "layeratlas.provenance.crate.export",
    "free_weights": "layeratlas.provenance.store.weights",
    "lineage": "layeratlas.provenance.ask.lineage",
    "log": "layeratlas.provenance.ask.history",
    "open": "layeratlas.provenance.ask.versions",
    "open_cube": "layeratlas.cubes.opening",
    "open_parts": "layeratlas.cubes.parts",
    "pin": "layeratlas.provenance.store.pins",
    "record": "layeratlas.provenance.record.own_work",
    "refine": "layeratlas.workflow.refining.driving",
    "seal": "layeratlas.provenance.ask.sealing",
    "sign_crate": "layeratlas.provenance.crate.signing",
    "stale": "layeratlas.provenance.ask.staleness",
    "to_grid": "layeratlas.refining.gridding",
    "try_out": "layeratlas.workflow.trying",
    "verify": "layeratlas.provenance.store.verify",
    "versions": "layeratlas.provenance.ask.versions",
    "why": "layeratlas.provenance.ask.why",
}
__all__ = ["__version__", *_LAZY]


def __getattr__(name: str) -> Any:
    # Lazy: importing the package must not cost a second of xarray in every job.
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'layeratlas' has no attribute {name!r}")
