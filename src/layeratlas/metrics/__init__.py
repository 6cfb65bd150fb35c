"""Per-layer metrics: pure functions on signals, and the registry that names them.

Shapes are `(member, sample, feature)`. Functions take numpy arrays or torch tensors and give
back the same kind. Attributes load on first use: the workflow reads the registry alone.
"""

from __future__ import annotations

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
        from layeratlas.metrics import separation

        return getattr(separation, name)
    raise AttributeError(f"module 'layeratlas.metrics' has no attribute {name!r}")
