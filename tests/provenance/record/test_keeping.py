"""Versions under their digest: archives and figures copied, texts kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.figures.output import FORMATS
from layeratlas.provenance.record.keeping import keep, keep_bytes, object_path
from layeratlas.provenance.record.places import FIGURE_SUFFIXES, OBJECTS
from layeratlas.storage import publish


def test_an_archive_is_copied(project):
    manifest = publish(xr.Dataset({"x": 1}), "a.zarr.zip")
    assert keep("a.zarr.zip", project) == manifest.digest
    stored = object_path(project, manifest.digest, "results/a.zarr.zip")
    assert stored == project / OBJECTS / f"{manifest.digest}.zarr.zip"
    assert not stored.samefile("a.zarr.zip")
    assert stored.read_bytes() == Path("a.zarr.zip").read_bytes()


def test_other_files_are_copied_read_only(project):
    Path("f.pdf").write_text("drawn")
    digest = keep("f.pdf", project)
    stored = object_path(project, digest, "f.pdf")
    Path("f.pdf").write_text("edited in place")
    assert stored.read_text() == "drawn"
    assert stored.stat().st_mode & 0o222 == 0


def test_the_same_again_is_one_object(project):
    assert keep_bytes(b"+1", ".diff", project) == keep_bytes(b"+1", ".diff", project)
    (stored,) = (project / OBJECTS).iterdir()
    assert stored.name == f"{hashlib.sha256(b'+1').hexdigest()}.diff"


def test_what_is_not_there_cannot_be_kept(project):
    for name in ("nothing.pdf", "nothing.zarr.zip"):
        with pytest.raises(StoreError, match=r"(could not|cannot be) read"):
            keep(name, project)


def test_figures_are_kept_in_every_format_that_is_drawn():
    assert sorted(f".{kind}" for kind in FORMATS) == sorted(FIGURE_SUFFIXES)
