"""Which moments of a run are kept: listed ones, its last, or every so many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from layeratlas.config.shapes import refuse_no_moments
from layeratlas.errors import ConfigError
from layeratlas.words import listed

MOST_MOMENTS = 20_000


class Checkpoints(BaseModel):
    """Moments (epochs, steps) that every run keeps as far as it gets; 0 is its beginning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listed: tuple[int, ...] = ()
    final: bool = True
    every: int | None = None

    def of(self, last: int, steps: int = 1) -> tuple[int, ...]:
        """The moments that a run of this length keeps, ascending; whatever its steps a moment."""
        kept = {moment for moment in self.listed if moment <= last}
        if self.every is not None:
            kept |= set(range(0, last + 1, self.every))
        return tuple(sorted(kept | {last} if self.final else kept))


def checkpoints(
    asked: Any, moment: str, setting: str, lengths: Iterable[int], where: str
) -> Checkpoints:
    """The checkpoints that a file asks for, of runs of these lengths.

    `setting` gives a run its length in `moment`s, such as `training.epochs` in epochs. ConfigError
    for a moment that no run reaches, and where a run would keep nothing.
    """
    lengths = sorted(set(lengths))
    refuse_no_moments(asked, where, "checkpoints")
    if isinstance(asked, dict):
        found = Checkpoints(every=asked["every"])
        number = lengths[-1] // asked["every"] + 1
        if number > MOST_MOMENTS:
            least = -(-lengths[-1] // (MOST_MOMENTS - 1))
            raise ConfigError(
                f"{where}: checkpoints.every: {asked['every']} keeps {number} {moment}s of "
                f"{setting} {lengths[-1]}, and a run keeps at most {MOST_MOMENTS}; use at least "
                f"{least}"
            )
        return found
    article = "an" if moment[0] in "aeiou" else "a"
    for i, value in enumerate(asked):
        if value != "final" and value > lengths[-1]:
            raise ConfigError(
                f"{where}: checkpoints[{i}]: expected {article} {moment} from 0 to {setting} "
                f"({lengths[-1]}) or 'final', got {value}"
            )
    found = Checkpoints(
        listed=tuple(value for value in asked if value != "final"), final="final" in asked
    )
    if not found.of(lengths[0]):
        raise ConfigError(
            f"{where}: checkpoints: runs of {setting} {lengths[0]} reach none of "
            f"{listed(found.listed)}; add 'final'"
        )
    return found
