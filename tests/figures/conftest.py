"""Cubes of other rooms: synthetic of analysis, simulated of springs, probed of probes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def _load(folder: str, name: str):
    path = Path(__file__).parents[1] / folder / "conftest.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


synthetic = _load("analysis", "layeratlas_synthetic_cubes").synthetic
simulated = _load("springs", "layeratlas_simulated_cubes").simulated
probed = _load("probes", "layeratlas_probed_cubes").probed


@pytest.fixture(scope="session")
def assert_readable():
    """No two texts of a figure overlap and none leaves the page."""
    path = Path(__file__).with_name("test_figures.py")
    spec = importlib.util.spec_from_file_location("layeratlas_test_figures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.assert_readable
