"""Addresses and paths are told apart, and no message shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.storage.addresses import is_address, name_of, scheme_of, shown


@pytest.mark.parametrize(
    ("what", "scheme"),
    [
        ("https://example.org/a.zarr.zip", "https"),
        ("HTTP://example.org", "http"),
        ("s3://bucket/a", "s3"),
        ("results/a.zarr.zip", ""),
        ("C://a", ""),
        ("https:/a", ""),
        (Path("https://example.org/a"), ""),
        (3, ""),
    ],
)
def test_schemes(what, scheme):
    assert scheme_of(what) == scheme
    assert is_address(what) == (scheme in ("http", "https"))


def test_names():
    assert name_of("https://example.org/b/a.zarr.zip?download=1#x") == "a.zarr.zip"
    assert name_of("https://example.org") == ""
    assert name_of("b/a.zarr.zip") == "a.zarr.zip"
    assert name_of(Path("b") / "what?a.zarr.zip") == "what?a.zarr.zip"


def test_no_secret_is_shown():
    address = "https://ada:secret@example.org:8000/a.zarr.zip?token=secret#secret"
    assert shown(address) == "https://example.org:8000/a.zarr.zip"
