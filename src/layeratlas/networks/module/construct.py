"""Making a user's module from its settings, or a sentence that says why it cannot be made."""

from __future__ import annotations

import inspect
import random
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from layeratlas.errors import ConfigError
from layeratlas.runs.streams import key
from layeratlas.tables import resolve
from layeratlas.words import listed, quoted, shortened

# What a constructor is given where it takes them and the settings do not give them.
_GIVEN = ("input_shape", "n_outputs")


def construct(
    reference: str,
    settings: Mapping[str, Any],
    input_shape: Sequence[int],
    n_outputs: int,
    seed: int,
) -> nn.Module:
    """`reference(**settings)`, every generator that its reset may use seeded by the run's `seed`.

    A constructor that takes `input_shape` (a tuple, of one sample) or `n_outputs` is given them.
    Raises ConfigError, whose sentence names the reference, for what cannot be made.
    """
    maker = loaded(reference)
    arguments = dict(settings)
    try:
        taken = inspect.signature(maker).parameters
    except (TypeError, ValueError):
        taken = {}  # type: ignore[assignment]
    values = {"input_shape": tuple(int(n) for n in input_shape), "n_outputs": int(n_outputs)}
    arguments |= {name: values[name] for name in _GIVEN if name in taken and name not in arguments}
    unknown = [name for name in arguments if taken and name not in taken]
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in taken.values())
    if unknown and not open_ended:
        raise ConfigError(
            f"model.settings: {quoted(reference)} takes no {listed(unknown, 60)}; it takes: "
            f"{listed(taken, 110) or 'nothing'}"
        )
    with seeded(seed), told(reference, "cannot be made"):
        module = maker(**arguments)
    if not isinstance(module, nn.Module):
        raise ConfigError(
            f"model.from: {quoted(reference)} gives a {type(module).__name__}, not a "
            "torch.nn.Module; name a class of modules, or a function that returns one"
        )
    return module


def loaded(reference: str) -> Callable[..., Any]:
    """What a reference stands for; ConfigError where it cannot be imported or called."""
    try:
        with told(reference, "cannot be imported"):
            maker = resolve(reference)
    except ConfigError as error:
        raise ConfigError(_of_from(error)) from None
    if not callable(maker):
        raise ConfigError(
            f"model.from: {quoted(reference)} is a {type(maker).__name__}; name a class, "
            "such as 'my_net.py:Net'"
        )
    return maker


def _of_from(error: ConfigError) -> str:
    text = str(error)
    return text if text.startswith("model.from: ") else f"model.from: {text}"


@contextmanager
def told(reference: str, what: str) -> Iterator[None]:
    """Whatever a user's code raises, as a sentence with the place where it does."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if "/torch/" not in frame.filename]
        line = f" (line {own[-1].lineno} of {own[-1].filename.rpartition('/')[2]})" if own else ""
        if isinstance(error, SyntaxError):
            line = f" (line {error.lineno})"
        text = shortened(f"{type(error).__name__}: {error}", 160)
        raise ConfigError(f"model.from: {quoted(reference)} {what}: {text}{line}") from None


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Every generator of the process set by the run's stream `initialization/module`, then back."""
    words = key(seed, "initialization/module")
    number = int(words[0]) | int(words[1]) << 32
    before = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        random.seed(number)
        np.random.seed(words)
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])
