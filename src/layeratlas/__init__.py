"""Layer Atlas: how deep networks learn features, as reproducible figures.

The package is importable without Snakemake. `open` reads any version of a published cube,
`lineage`, `dependents`, `diff`, `stale`, `log` and `versions` ask the provenance store;
`layeratlas.metrics` and the reductions of `layeratlas.papers` are pure functions on arrays.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_QUERIES = "layeratlas.provenance.ask.queries"
# Name → module that has it.
_LAZY = {
    "collect_garbage": "layeratlas.provenance.store.objects",
    "dependents": _QUERIES,
    "diff": _QUERIES,
    "export_crate": "layeratlas.provenance.crate.export",
    "lineage": _QUERIES,
    "log": _QUERIES,
    "open": _QUERIES,
    "open_cube": "layeratlas.cubes.opening",
    "pin": "layeratlas.provenance.store.objects",
    "stale": _QUERIES,
    "verify": "layeratlas.provenance.store.verify",
    "versions": _QUERIES,
}
__all__ = ["__version__", *_LAZY]


def __getattr__(name: str):
    # Lazy: importing the package must not cost a second of xarray in every job.
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'layeratlas' has no attribute {name!r}")
