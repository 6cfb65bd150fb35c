"""What double precision leaves of an identity, and of zero."""

from __future__ import annotations

__all__ = ["IDENTITY", "ROUNDING"]

#: Largest relative error of the feature speed formula (specification §5 (1)).
IDENTITY = 1e-10
#: Largest number that stands for zero.
ROUNDING = 1e-12
