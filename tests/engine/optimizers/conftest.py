"""Both backends, and calling a kernel on either."""

from __future__ import annotations

from made.kernels import backends, device, twins  # noqa: F401  (fixtures)
