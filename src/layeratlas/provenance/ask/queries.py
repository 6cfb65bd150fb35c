"""What the store can be asked, each a function that returns a DataFrame (or opens a cube).

All take `root`, the folder of the project; by default the one around the working directory.
"""

from __future__ import annotations

from layeratlas.provenance.ask.dependents import dependents
from layeratlas.provenance.ask.differences import diff
from layeratlas.provenance.ask.history import log
from layeratlas.provenance.ask.lineage import lineage
from layeratlas.provenance.ask.staleness import stale
from layeratlas.provenance.ask.versions import open, versions

__all__ = ["dependents", "diff", "lineage", "log", "open", "stale", "versions"]
