"""The code itself: complete, the same bytes from the same code, and nothing else."""

from __future__ import annotations

import io
import os
import sys
import tarfile

import pytest

from layeratlas.errors import ConfigError
from layeratlas.extending import loading
from layeratlas.extending.places import VARIABLE
from layeratlas.provenance.record.code_archive import code_archive, files_archive, users_archive
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


class TestUsersFiles:
    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        monkeypatch.setattr(loading, "_ran", {})
        monkeypatch.setattr(sys, "path", list(sys.path))
        (tmp_path / "nets").mkdir()
        (tmp_path / "nets" / "mine.py").write_text("from kept_block import Net  # mine\n")
        (tmp_path / "nets" / "kept_block.py").write_text("class Net: pass\n")
        yield tmp_path
        sys.modules.pop("kept_block", None)

    def test_what_was_run_is_kept_with_what_it_imports_word_for_word(self, folder):
        assert users_archive() is None
        loading.resolve("nets/mine.py:Net")
        content, names, changed = users_archive()
        assert names == ("nets/kept_block.py", "nets/mine.py") and not changed
        assert members(content)["nets/mine.py"] == b"from kept_block import Net  # mine\n"
        assert users_archive()[0] == content

    def test_a_file_that_was_edited_meanwhile_is_told(self, folder):
        loading.resolve("nets/mine.py:Net")
        (folder / "nets" / "mine.py").write_text("from kept_block import Net\n")
        assert users_archive()[2]

    def test_a_file_that_cannot_be_parsed_is_kept_too(self, folder):
        (folder / "extensions").mkdir()
        (folder / "extensions" / "broken.py").write_text("def f(:\n")
        with pytest.raises(ConfigError):
            loading.load()
        content, names, _ = users_archive()
        assert names == ("extensions/broken.py",)
        assert members(content)["extensions/broken.py"] == b"def f(:\n"


def test_files_by_the_names_that_are_given(tmp_path):
    (tmp_path / "a.py").write_text("1")
    content = files_archive([("mine/a.py", tmp_path / "a.py"), ("gone.py", tmp_path / "gone.py")])
    assert members(content) == {"mine/a.py": b"1"}
    assert content == files_archive([("mine/a.py", tmp_path / "a.py")])
