"""YAML as people and editors write it; what is wrong has a line."""

from __future__ import annotations

import math
import re

import pytest

from layeratlas.config.reading import read_yaml
from layeratlas.errors import ConfigError


@pytest.fixture
def reading(tmp_path):
    def read(text: str | bytes):
        path = tmp_path / "x.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_yaml(path)

    return read


def test_yaml_is_read_as_people_write_it(reading):
    found = reading("a: 1e-3\nb: 2E+1\nc: &c {x: 1}\nd: {<<: *c, y: 2}\ne: {<<: *c, x: 3}\n")
    assert found == {
        "a": 1e-3, "b": 20.0, "c": {"x": 1}, "d": {"x": 1, "y": 2}, "e": {"x": 3},
    }  # fmt: skip
    assert reading("a: .5\nb: -.inf\nc: 1_000\nd: 0x10\n") == {
        "a": 0.5, "b": -math.inf, "c": 1000, "d": 16,
    }  # fmt: skip


def test_yaml_is_that_of_editors_where_no_is_a_word_and_so_is_a_date(reading):
    assert reading("a: no\nb: on\nc: 2026-01-01\nd: true\n") == {
        "a": "no", "b": "on", "c": "2026-01-01", "d": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: {x: 1, x: 2}\n", "not valid YAML: line 2: b: the key 'x' appears twice; keep"),
        ("a: 1\na: 1\n", "not valid YAML: line 2: the key 'a' appears twice; keep one"),
        ("1: a\n1: b\n", "not valid YAML: line 1: the key 1 is no text; keys are names"),
        ("a: 1\n\nb: [1,\n", "not valid YAML: line 4: "),
        ("a: *nothing\n", "not valid YAML: line 1: found undefined alias"),
        ("a: !!python/object:os.system {}\n", "not valid YAML: line 1: a: the tag "),
        ("- a\n", "expected a mapping of settings, got list"),
        ("", "expected a mapping of settings, got NoneType"),
        (b"a: \xff\n", "is no text in UTF-8 (invalid start byte)"),
        ("a: " + "[" * 400, "not valid YAML: "),
    ],
)
def test_what_is_no_mapping_is_refused_in_one_line(reading, tmp_path, text, told):
    with pytest.raises(ConfigError, match=re.escape(f"{tmp_path / 'x.yaml'}: {told}")) as caught:
        reading(text)
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_no_files(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        read_yaml(tmp_path / "y.yaml")
    (tmp_path / "z.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"z\.yaml: is no regular file"):
        read_yaml(tmp_path / "z.yaml")
