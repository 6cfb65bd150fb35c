"""What the runs of an experiment ask of a machine: refused where no machine has it.

Jobs may run elsewhere than where they are planned, so this machine's own memory refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layeratlas.config.checkpoints import Checkpoints
from layeratlas.config.records import Pace, Records, pace_of
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import Kind
from layeratlas.kinds.memory import MOST_BYTES, Need, in_words
from layeratlas.words import quoted

MOST_RECORDS = 100_000_000
"""Runs times kept moments of an experiment, at most; a cube has a row for each."""


class Demands:
    """Gathers what runs need, one by one, so that none of them is kept."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        # Runs by the thousand differ in nothing that needs memory.
        self._needs: dict[tuple[Pace, tuple[Need, ...]], Any] = {}
        self._runs: dict[Pace, int] = {}
        self.setting = ""
        """The setting that gives a run its length."""

    @property
    def lengths(self) -> Iterable[int]:
        """How long the runs are, in the kind's moments."""
        return {length for length, _ in self._runs}

    @property
    def paces(self) -> Iterable[Pace]:
        """How long the runs are, and how many steps each moment of theirs has."""
        return self._runs.keys()

    def add(self, run: Any) -> None:
        """Another run, without its seed."""
        self.setting, _ = self._kind.horizon(run)
        pace = pace_of(self._kind, run)
        self._runs[pace] = self._runs.get(pace, 0) + 1
        self._needs.setdefault((pace, self._kind.memory(run)), run)

    def refuse(self, keeps: Checkpoints | Records, shard_size: int, seeds: int, where: str) -> None:
        """ConfigError for what is more than a cube, any machine's memory, or a file can hold."""
        kept = {pace: len(keeps.of(*pace)) for pace in self._runs}
        records = seeds * sum(number * kept[pace] for pace, number in self._runs.items())
        if records > MOST_RECORDS:
            raise ConfigError(
                f"{where}: checkpoints: {records} {self._kind.moment}s are kept of all runs "
                f"together, and at most {MOST_RECORDS} are; keep fewer, or have fewer runs"
            )
        members = min(shard_size, seeds * sum(self._runs.values()))
        for (pace, all_needs), run in self._needs.items():
            for stored, what in ((False, "of memory"), (True, "on the disk")):
                needs = [need for need in all_needs if need.stored is stored]
                sizes = [need.once + need.each * members * kept[pace] for need in needs]
                if sum(sizes) > MOST_BYTES:
                    largest = needs[sizes.index(max(sizes))]
                    raise ConfigError(
                        f"{where}: {self._told(largest, run, members, kept[pace])}: a job needs "
                        f"about {in_words(sum(sizes))} {what}, most of it for {largest.what}; at "
                        f"most {in_words(MOST_BYTES)} are taken"
                    )

    def _told(self, need: Need, run: Any, members: int, kept: int) -> str:
        told = [
            f"{section}.{name} {quoted(getattr(getattr(run, section), name), 30)}"
            for section, name in need.settings
        ]
        if need.each * members * kept > need.once:
            told.append(f"shard_size {members} with {kept} {self._kind.moment}s kept of each run")
        return ", ".join(told)
