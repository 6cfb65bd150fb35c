"""Where the paper is, as figures and claims cite it."""

from __future__ import annotations

from layeratlas.probes.variables import SOURCE

__all__ = ["PREPRINT", "PUBLISHED", "REFERENCE"]

REFERENCE = SOURCE
PREPRINT = "arXiv 2311.18718"
PUBLISHED = f"{PREPRINT}, NeurIPS 2024"
