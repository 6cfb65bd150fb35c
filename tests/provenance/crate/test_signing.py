"""Signing crates, folders and zips."""

from __future__ import annotations

import zipfile

import pytest
from made.crates import CUBE
from made.keys import make_key, signers

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.checking import check_crate
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.layout import SIGNATURE
from layeratlas.provenance.crate.signing import sign_crate
from layeratlas.storage import file_digest

__all__ = ["make_key", "signers"]


def test_a_zip_keeps_its_files_and_gains_one(project, tmp_path, signers):
    key, allowed = signers
    path = export_crate(project.root / CUBE, tmp_path / "crate.zip", project.root)
    with zipfile.ZipFile(path) as packed:
        before = {name: packed.read(name) for name in packed.namelist()}
    assert sign_crate(path, key) == path
    digest = file_digest(path)
    with zipfile.ZipFile(path) as packed:
        after = {name: packed.read(name) for name in packed.namelist()}
    assert after.pop(SIGNATURE).startswith(b"-----BEGIN SSH SIGNATURE-----")
    assert after == before
    assert set(check_crate(path, allowed)["status"]) == {"ok"}
    # Signed again, by the same key: the same bytes.
    sign_crate(path, key)
    assert file_digest(path) == digest


def test_nobody_signs_what_does_not_fit(project, tmp_path, signers):
    path = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    (path / "README.md").write_text("another")
    with pytest.raises(StoreError, match=r"was not signed: 1 of its files .* README\.md \(changed"):
        sign_crate(path, signers[0])
    assert not (path / SIGNATURE).exists()
