"""Experiment files, written from plain data."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML


def as_yaml(data: Any) -> str:
    """YAML 1.2 text of plain data, keys in their order."""
    writer = YAML(typ="safe", pure=True)
    writer.sort_base_mapping_type_on_output = False
    writer.default_flow_style = False
    text = io.StringIO()
    writer.dump(data, text)
    return text.getvalue()
