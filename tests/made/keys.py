"""Keys of OpenSSH, made for a test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def make_key(tmp_path):
    """`make_key(name)` makes a key and returns its path; `.pub` lies beside it."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    folder = tmp_path / "keys"
    folder.mkdir()

    def make(name: str, passphrase: str = "") -> Path:
        path = folder / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f"]
        subprocess.run([*command, str(path)], check=True)
        return path

    return make


@pytest.fixture
def signers(make_key, tmp_path):
    """(key, file of allowed signers) of ada@example.org, who is believed."""
    key = make_key("ada")
    allowed = tmp_path / "allowed signers"
    allowed.write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    return key, allowed
