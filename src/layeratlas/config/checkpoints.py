"""Which moments of a run are kept: listed ones, its last, or every so many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from layeratlas.errors import ConfigError


class Checkpoints(BaseModel):
    """Moments (epochs, steps) that every run keeps as far as it gets; 0 is its beginning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listed: tuple[int, ...] = ()
    final: bool = True
    every: int | None = None

    def of(self, last: int) -> tuple[int, ...]:
        """The moments that a run of this length keeps, ascending."""
        kept = {moment for moment in self.listed if moment <= last}
        if self.every is not None:
            kept |= set(range(0, last + 1, self.every))
        return tuple(sorted(kept | {last} if self.final else kept))

    def of_all(self, lengths: Iterable[int]) -> tuple[int, ...]:
        """The moments that any of these runs keeps."""
        return tuple(sorted({moment for last in lengths for moment in self.of(last)}))


def checkpoints(
    asked: Any, moment: str, setting: str, lengths: Iterable[int], where: str
) -> Checkpoints:
    """The checkpoints that a file asks for, of runs of these lengths.

    `setting` gives a run its length in `moment`s, such as `training.epochs` in epochs. ConfigError
    for a moment that no run reaches, and where a run would keep nothing.
    """
    lengths = sorted(set(lengths))
    if isinstance(asked, dict) and set(asked) == {"every"}:
        every = asked["every"]
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ConfigError(
                f"{where}: checkpoints.every: expected an integer of at least 1, got {every!r}"
            )
        return Checkpoints(every=every)
    if not isinstance(asked, list) or not asked:
        raise ConfigError(
            f"{where}: checkpoints: expected a list of {moment}s or 'final', or "
            f"{{every: n}}, got {asked!r}"
        )
    article = "an" if moment[0] in "aeiou" else "a"
    for i, value in enumerate(asked):
        if value == "final":
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= lengths[-1]:
            raise ConfigError(
                f"{where}: checkpoints[{i}]: expected {article} {moment} from 0 to {setting} "
                f"({lengths[-1]}) or 'final', got {value!r}"
            )
    found = Checkpoints(
        listed=tuple(value for value in asked if value != "final"), final="final" in asked
    )
    if not found.of(lengths[0]):
        raise ConfigError(
            f"{where}: checkpoints: runs of {setting} {lengths[0]} reach none of "
            f"{', '.join(map(str, found.listed))}; add 'final'"
        )
    return found
