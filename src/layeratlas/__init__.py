"""Layer Atlas: how deep networks learn features, as reproducible figures.

The package is importable without Snakemake. `open_cube` reads a published cube;
`layeratlas.metrics` and `layeratlas.analysis` are pure functions on arrays.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__", "open_cube"]


def __getattr__(name: str):
    # Lazy: importing the package must not cost a second of xarray in every job.
    if name == "open_cube":
        from layeratlas.cube import open_cube

        return open_cube
    raise AttributeError(f"module 'layeratlas' has no attribute {name!r}")
