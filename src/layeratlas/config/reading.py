"""Reading YAML: a mapping of settings, or one sentence that says file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from layeratlas.errors import ConfigError

# How a file is read: `read_yaml`, or a cached one while a folder of files is read.
Reader = Callable[[Path], dict[str, Any]]


class _Constructor(SafeConstructor):
    """Refuses a repeated key in one sentence; the library's own speaks of how to allow it."""

    def check_mapping_key(
        self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any
    ) -> bool:
        if key in mapping:
            told = f"the key {key!r} appears twice; keep one"
            raise ConstructorError(None, None, told, key_node.start_mark)
        return True


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping in YAML 1.2, where 1e-3 is a number and `no` is text; ConfigError else."""
    parser = YAML(typ="safe", pure=True)
    parser.Constructor = _Constructor
    try:
        data = parser.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid YAML: {_reason(error)}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a mapping of settings, got {type(data).__name__}")
    return data


def _reason(error: Exception) -> str:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    told = ", ".join(part for part in (error.context, error.problem) if part)
    return f"line {error.problem_mark.line + 1}: {' '.join(told.split())}"
