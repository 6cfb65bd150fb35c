"""A refusal as every refusal is to be: one sentence, soon, fit for a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layeratlas.config.experiments import load_experiments
from layeratlas.errors import LONGEST, ConfigError

HANG = 10.0


def refusal(ask: Callable[[], Any]) -> str:
    """The sentence of the ConfigError that `ask` ends in."""
    start = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        ask()
    message = str(caught.value)
    assert time.monotonic() - start < HANG
    assert message.isprintable() and len(message) < LONGEST, message  # so nothing was left out
    return message


def refusal_of_file(folder: Path, content: str | bytes, name: str = "x.yaml") -> str:
    """The same of an experiment file in a folder, which the sentence names."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refusal(lambda: load_experiments("smoke", folder))
    assert message.startswith(str(path))
    return message
