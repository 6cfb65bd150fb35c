"""Tables: registration, look-up, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from layeratlas.errors import ConfigError
from layeratlas.extending import loading
from layeratlas.tables import NameIn, Table, resolve


@dataclass(frozen=True)
class _Entry:
    name: str
    value: int = 0


def table() -> Table[_Entry]:
    made: Table[_Entry] = Table("thing")
    made.add(_Entry("first"))
    made.add(_Entry("second", 2))
    return made


def test_entries_keep_the_order_of_their_registration():
    assert list(table()) == ["first", "second"]
    assert table()["second"].value == 2
    assert len(table()) == 2


def test_an_unknown_name_is_told_with_the_nearest_one():
    with pytest.raises(KeyError, match=r"unknown thing 'secnd'; did you mean 'second'.*known: f"):
        table()["secnd"]


def test_a_name_belongs_to_one_entry():
    made = table()
    made.add(_Entry("second", 2))  # the same again is no other
    with pytest.raises(ConfigError, match="thing 'second': there is one of that name already"):
        made.add(_Entry("second", 3))


@pytest.mark.parametrize("read", [list, len, lambda t: "new" in t, lambda t: t.get("new")])
def test_what_users_add_is_brought_in_before_a_table_is_read(read, monkeypatch):
    called = []
    monkeypatch.setattr(loading, "load", lambda: called.append(1))
    read(table())
    assert called


def test_a_reference_names_what_a_module_holds():
    assert resolve("layeratlas.tables:resolve") is resolve


def test_a_setting_names_an_entry_that_may_come_after_its_model():
    made = table()

    class Settings(BaseModel):
        thing: Annotated[str, NameIn(made)] = "first"

    with pytest.raises(ValidationError, match="Input should be 'first' or 'second'"):
        Settings(thing="third")
    made.add(_Entry("third"))
    assert Settings(thing="third").thing == "third"
    assert Settings.model_json_schema()["properties"]["thing"]["enum"] == list(made)
