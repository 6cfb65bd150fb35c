"""Tables of what the project can do, by name: metrics, families, losses, data, and more.

A table is filled by `add`, by the project and by its users alike: a user's file in `extensions/`,
or an installed package, makes the very call that the project's own modules make. An entry names
its code as "module:name", so that who reads a table loads none of it, and a new entry re-makes
nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from layeratlas.errors import ConfigError
from layeratlas.words import listed, quoted, suggestion


class Named(Protocol):
    """What every entry has."""

    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


def _bring_in() -> None:
    """What users add (`layeratlas.extending`), before a table is first read."""
    from layeratlas.extending.loading import load

    load()


class Table(Mapping[str, Entry], Generic[Entry]):
    """Entries of one sort in the order of their registration; `sort` is a word such as "metric".

    >>> METRICS = Table("metric")                                               # doctest: +SKIP
    >>> METRICS.add(Metric("spread", "my_file:spread", needs=("features",)))    # doctest: +SKIP
    """

    def __init__(self, sort: str) -> None:
        self.sort = sort
        self._entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> Entry:
        """Register an entry; ConfigError where another one has its name."""
        known = self._entries.get(entry.name)
        if known is not None and known != entry:
            raise ConfigError(
                f"{self.sort} {quoted(entry.name)}: there is one of that name already; give yours "
                "another"
            )
        self._entries[entry.name] = entry
        return entry

    def __getitem__(self, name: str) -> Entry:
        """The entry of that name; KeyError, whose text names the nearest one and lists all."""
        if name not in self:
            near = suggestion(str(name), self._entries)
            raise KeyError(
                f"unknown {self.sort} {quoted(name)}; {near}known: {listed(self._entries, 110)}"
            )
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        _bring_in()
        return iter(self._entries)

    def __len__(self) -> int:
        _bring_in()
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        # Users' files cannot replace an entry: for one that is there they need not be run. So
        # modules of the project may ask while they are themselves being imported.
        if name not in self._entries:
            _bring_in()
        return name in self._entries


@dataclass(frozen=True)
class NameIn:
    """For `Annotated[str, NameIn(TABLE)]`: a setting that names an entry of a table.

    Read when a value is judged, not when a model is made: entries of users count. Of a setting
    that may be null, null is no name.
    """

    table: Table[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], Any]) -> Any:
        plain = handler(schema)
        nothing = [None] if "anyOf" in plain else []
        return {**plain, "enum": [*self.table, *nothing]}

    def _known(self, name: str | None) -> str | None:
        from pydantic_core import PydanticCustomError

        if name is not None and name not in self.table:
            words = [repr(known) for known in self.table]
            told = " or ".join(filter(None, (listed(words[:-1], 160), words[-1])))
            raise PydanticCustomError("name_in_table", "Input should be {names}", {"names": told})
        return name


def is_ours(reference: str) -> bool:
    """Whether "module:name" is the project's own, and no user's."""
    return reference.partition(":")[0].partition(".")[0] == "layeratlas"


def resolve(reference: str) -> Any:
    """What "module:name" stands for; of users' code "path.py:name" too.

    ConfigError where users' code is not there or cannot be run.
    """
    if is_ours(reference):
        place, _, name = reference.rpartition(":")
        return getattr(importlib.import_module(place), name)
    from layeratlas.extending.loading import resolve as resolve_users

    return resolve_users(reference)
