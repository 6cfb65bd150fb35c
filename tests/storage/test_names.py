"""Names are files below the folder of an archive, wherever that is unpacked."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.storage.names import member_problem, name_problem, same_name, variable_problem


@pytest.mark.parametrize("name", ["loss", "Schicht α", "a.b", "...", "-", "c", "x" * 255])
def test_names_that_stay(name):
    assert name_problem(name) is None
    assert member_problem(f"{name}/zarr.json") is None


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "a/b", "/", "\\", "a\\b", "C:", "c:x", "a\0", "\n", "\u202e", "\ud800"),
        *("x" * 256, "ü" * 128, "zarr.json", "ZARR.json"),
    ],
)
def test_names_that_do_not(name):
    assert name_problem(name)
    assert variable_problem(name)
    if "/" not in name:
        assert member_problem(f"a/{name}/zarr.json")


def test_names_of_variables():
    assert variable_problem("loss") is None
    for name in (3, None, ("a",), "a b", "a\u00a0b", "__loss", "\t"):
        assert variable_problem(name)


def test_members():
    assert member_problem("zarr.json") is None
    assert member_problem("a/b/c/0/1") is None
    assert member_problem("/".join(["g"] * 16 + ["zarr.json"])) is None
    for name in ("/".join(["g"] * 17 + ["zarr.json"]), "zarr.json/c", "a/", "/", "//", ""):
        assert member_problem(name)


@given(st.text(alphabet="ab./\\: C\0\n", max_size=12))
def test_no_name_that_is_allowed_leads_out(name):
    if member_problem(name) is None:
        for kind in (PurePosixPath, PureWindowsPath):
            path = kind("/folder").joinpath(name)
            assert ".." not in path.parts
            assert path.is_relative_to(kind("/folder"))
            assert len(path.parts) == 3 + name.count("/")


def test_one_file_of_two_names():
    assert same_name(["a", "b", "ab"]) is None
    assert same_name(["a/Loss", "a/c", "a/loss"]) == ("a/Loss", "a/loss")
    assert same_name(["u\u0308", "ü"]) == ("u\u0308", "ü")
    assert same_name(["straße", "STRASSE"]) == ("straße", "STRASSE")
