"""The code itself: complete, the same bytes from the same code, and nothing else."""

from __future__ import annotations

import io
import os
import tarfile

from layeratlas.provenance.record.code_archive import code_archive
from layeratlas.provenance.record.source import source_hash


def members(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive.getmembers()}


def test_the_archive_rebuilds_the_code(clone, tmp_path):
    top, package = clone
    (top / "Snakefile").write_text("rule all:\n")
    (top / "rules").mkdir()
    (top / "rules" / "train.smk").write_text("rule train:\n")
    (top / "scripts" / "__pycache__").mkdir()
    (top / "scripts" / "__pycache__" / "train.pyc").write_bytes(b"1")
    (top / "scripts" / ".train.py.swp").write_bytes(b"1")
    content = code_archive(top, package)
    assert sorted(members(content)) == [
        "Snakefile",
        "rules/train.smk",
        "scripts/train.py",
        "src/layeratlas/__init__.py",
        "src/layeratlas/metrics/a.py",
    ]
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(tmp_path / "again")  # our own, made here
    assert source_hash(tmp_path / "again/src/layeratlas") == source_hash(package)


def test_the_same_code_gives_the_same_bytes(clone):
    top, package = clone
    before = code_archive(top, package)
    os.utime(package / "__init__.py", (0, 0))
    (package / "__init__.py").chmod(0o600)
    assert code_archive(top, package) == before
    (package / "__init__.py").write_text("VERSION = 3\n")
    assert code_archive(top, package) != before


def test_what_is_no_code_is_left_out(clone):
    """Nor does a pipe hold anybody up."""
    top, package = clone
    before = members(code_archive(top, package))
    os.mkfifo(top / "scripts" / "pipe.py")
    os.mkfifo(package / "pipe.py")
    (top / "scripts" / "weights.npy").write_bytes(bytes(5 << 20))
    (package / ".#a.py").symlink_to("nowhere")
    assert members(code_archive(top, package)) == before
    assert members(code_archive(None, package)).keys() == {
        "src/layeratlas/__init__.py",
        "src/layeratlas/metrics/a.py",
    }
