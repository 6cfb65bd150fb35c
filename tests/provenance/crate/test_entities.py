"""Entities: each once, linked without lists of one."""

from __future__ import annotations

import hashlib

import pytest

from layeratlas.provenance.crate.entities import (
    PROFILES,
    Entities,
    iso_time,
    link,
    once,
    one_or_many,
    slug,
)


@pytest.fixture
def entities():
    return Entities("provenance")


def test_the_same_name_is_the_same_entity(entities):
    first = entities.add("#a", "Thing", name="a", url=None, parts=[], only=["x"], two=["x", "y"])
    assert entities.add("#a", "Thing", name="another") is first
    told = first.properties()
    assert {k: told[k] for k in ("name", "only", "two")} == {
        "name": "a",
        "only": "x",
        "two": ["x", "y"],
    }
    assert "url" not in told
    assert "parts" not in told


def test_values_are_shared_by_content_and_not_by_order(entities):
    one = entities.value("grid", {"a": 1, "b": [1, 2]})
    assert entities.value("grid", {"b": [1, 2], "a": 1}) is one
    assert one["value"] == '{"a": 1, "b": [1, 2]}'
    assert entities.value("grid", None)["value"] == "null"
    assert entities.value("n", 1) is not entities.value("n", 1.5)


def test_files_are_enclosed_once_and_told_with_their_digest(entities, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    first = entities.enclose("data/a.txt", tmp_path / "a.txt", "0" * 64, name="a")
    assert entities.enclose("data/a.txt", tmp_path / "b.txt", None) is first
    second = entities.enclose("data/b.txt", tmp_path / "a.txt", None)
    found = hashlib.sha256(b"a").hexdigest()
    assert (first["sha256"], second["sha256"]) == ("0" * 64, found)
    assert entities.copied == {
        "data/a.txt": (tmp_path / "a.txt", "0" * 64),
        "data/b.txt": (tmp_path / "a.txt", found),
    }


@pytest.mark.parametrize(
    ("value", "kind"),
    [(True, "Boolean"), (3, "Integer"), (0.5, "Float"), ("x", "Text"), ([1], "Text")],
)
def test_a_parameter_is_declared_with_an_example(entities, value, kind):
    tool = entities.add("#tool", "SoftwareApplication")
    given = entities.value("rate", value)
    for _ in range(2):
        entities.declare(tool, "train it", "input", "rate", given)
    parameter = tool["input"]
    assert parameter.id == "#train-it-input-rate"
    assert parameter["additionalType"] == kind
    assert given["exampleOfWork"] == parameter


def test_the_process_profile_has_no_parameters():
    entities = Entities("process")
    tool = entities.add("#tool", "SoftwareApplication")
    entities.declare(tool, "train", "input", "rate", entities.value("rate", 1))
    assert tool.get("input") is None


def test_each_profile_holds_those_before_it():
    for i, profile in enumerate(PROFILES):
        assert [Entities(profile).holds(other) for other in PROFILES] == [
            j <= i for j in range(len(PROFILES))
        ]


def test_links_are_one_thing_or_a_list_of_different_ones(entities):
    tool, a, b = (entities.add(name, "Thing") for name in ("#tool", "#a", "#b"))
    link(tool, "input", a)
    link(tool, "input", a)
    assert tool["input"] == a
    link(tool, "input", b)
    assert tool["input"] == [a, b]
    assert once([b, None, a, b]) == [b, a]
    assert [one_or_many(v) for v in ([], [1], [1, 2], "x", None)] == [None, 1, [1, 2], "x", None]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-01-02T03:04:05.123456+00:00", "2026-01-02T03:04:05.123+00:00"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000+00:00"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000+00:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000+00:00"),
    ],
)
def test_times_are_utc_with_milliseconds(given, told):
    assert iso_time(given) == told


def test_names_become_parts_of_identifiers():
    assert slug("max rate (L/2)") == "max-rate-L-2-"
