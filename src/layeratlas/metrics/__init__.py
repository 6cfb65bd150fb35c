"""Per-layer metrics: pure functions on signals, and the registry that names them.

Shapes are `(member, sample, feature)`. Functions take numpy arrays or torch tensors and give
back the same kind. The functions load on first use, by name: the workflow reads the registry alone,
and who reads the registry does not thereby depend on the code of any metric.
"""

from __future__ import annotations

from importlib import import_module

from layeratlas.metrics.registry import METRICS, Metric, get_metric

__all__ = [
    "METRICS",
    "Metric",
    "data_separation",
    "data_separation_pseudoinverse",
    "data_separation_within_pseudoinverse",
    "get_metric",
]


def __getattr__(name: str):
    if name.startswith("data_separation"):
        return getattr(import_module("layeratlas.metrics.separation"), name)
    raise AttributeError(f"module 'layeratlas.metrics' has no attribute {name!r}")
