"""A user's class by reference, "my_net.py:Net" or "package.module:Net": the class, and its text."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from layeratlas.tables import resolve


def is_file(reference: str) -> bool:
    """Whether it names a file, relative to the working folder, and not a module."""
    return reference.rpartition(":")[0].endswith(".py")


def loaded_from(reference: str) -> Any:
    """What a reference stands for; whatever the user's code raises is raised."""
    if not is_file(reference):
        return resolve(reference)
    place, _, name = reference.rpartition(":")
    path = Path(place).resolve()
    known = f"layeratlas_user_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[known]
            raise
    return getattr(sys.modules[known], name)


def source_digest(reference: str) -> str:
    """16 hex digits of the text that a reference names, comments left out."""
    if is_file(reference):
        path = Path(reference.rpartition(":")[0])
    else:
        spec = importlib.util.find_spec(reference.partition(":")[0])
        path = Path(str(spec.origin)) if spec is not None else Path("missing")
    text = ast.unparse(ast.parse(path.read_bytes()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
