"""Which experiments a claim is about, so that claims and maps lead to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

__all__ = ["experiments_of"]


def experiments_of(
    subject: str, experiments: Sequence[str], letters: Mapping[str, str]
) -> list[str]:
    """Of a figure's `experiments` those that a claim on `subject` is about.

    `letters` names the panels of experiments: the subject "c dropout" is that of the panel "c",
    "c and d" is that of both. A subject may also hold an experiment's own name. A claim that names
    none is about all.
    """
    words = subject.replace(",", " ").replace(":", " ").split()
    named = [name for name in experiments if name in words]
    panels = {letters[name] for name in experiments if name in letters}
    first = set(takewhile(lambda word: word in panels, (w for w in words if w != "and")))
    lettered = [name for name in experiments if letters.get(name) in first]
    return named or lettered or list(experiments)
