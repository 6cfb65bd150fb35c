"""A trained shard, and data to train on."""

from __future__ import annotations

from made.scaled import data  # noqa: F401  (a fixture)
from made.shards import trained  # noqa: F401  (a fixture)
