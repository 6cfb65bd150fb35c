"""What drawings and claims are given: cubes by experiment, files of data/reference by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xarray import DataTree

Cubes = Mapping[str, DataTree]
References = Mapping[str, Path]
