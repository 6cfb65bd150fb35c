"""The synthetic cubes of tests/analysis, shared."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_path = Path(__file__).parents[1] / "analysis" / "conftest.py"
_spec = importlib.util.spec_from_file_location("layeratlas_synthetic_cubes", _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

synthetic = _module.synthetic
