"""What the runs of an experiment ask of a machine: refused where no machine has it.

Jobs may run elsewhere than where they are planned, so this machine's own memory refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layeratlas.config.checkpoints import Checkpoints
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
        self._needs: dict[tuple[int, tuple[Need, ...]], Any] = {}
        self._runs: dict[int, int] = {}
        self.setting = ""
        """The setting that gives a run its length."""

    @property
    def lengths(self) -> Iterable[int]:
        """How long the runs are, in the kind's moments."""
        return self._runs.keys()

    def add(self, run: Any) -> None:
        """Another run, without its seed."""
        self.setting, length = self._kind.horizon(run)
        self._runs[length] = self._runs.get(length, 0) + 1
        self._needs.setdefault((length, self._kind.memory(run)), run)

    def refuse(self, keeps: Checkpoints, shard_size: int, seeds: int, where: str) -> None:
        """ConfigError for what is more than a cube, or any machine's memory, can hold."""
        kept = {length: len(keeps.of(length)) for length in self._runs}
        records = seeds * sum(number * kept[length] for length, number in self._runs.items())
        if records > MOST_RECORDS:
            raise ConfigError(
                f"{where}: checkpoints: {records} {self._kind.moment}s are kept of all runs "
                f"together, and at most {MOST_RECORDS} are; keep fewer, or have fewer runs"
            )
        members = min(shard_size, seeds * sum(self._runs.values()))
        for (length, needs), run in self._needs.items():
            sizes = [need.once + need.each * members * kept[length] for need in needs]
            if sum(sizes) > MOST_BYTES:
                largest = needs[sizes.index(max(sizes))]
                raise ConfigError(
                    f"{where}: {self._told(largest, run, members, kept[length])}: a job needs about"
                    f" {in_words(sum(sizes))} of memory, most of it for {largest.what}; at most "
                    f"{in_words(MOST_BYTES)} are taken"
                )

    def _told(self, need: Need, run: Any, members: int, kept: int) -> str:
        told = [
            f"{section}.{name} {quoted(getattr(getattr(run, section), name), 30)}"
            for section, name in need.settings
        ]
        if need.each * members * kept > need.once:
            told.append(f"shard_size {members} with {kept} {self._kind.moment}s kept of each run")
        return ", ".join(told)
