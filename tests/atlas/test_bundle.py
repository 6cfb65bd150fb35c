"""The vendored bundle is what its script makes of its lock, with its licences beside it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from layeratlas.atlas.page import WEB

BUNDLE = Path(__file__).parents[2] / "bundle"
VENDOR = WEB / "vendor"
#: What npm says where there is no registry.
UNREACHED = ("network", "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT")


def test_the_checksum_is_that_of_the_bundle():
    said, name = (VENDOR / "zarrita.js.sha256").read_text(encoding="utf-8").split()
    assert name == "zarrita.js"
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == said


def test_every_version_is_named_and_locked():
    asked = json.loads((BUNDLE / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((BUNDLE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in told for name, told in locked.items() if name)
    # Whoever installs it asks their own registry.
    assert not any(re.search(r"https?://(?!registry\.npmjs\.org/)", str(told.get("resolved", "")))
                   for told in locked.values())  # fmt: skip


def test_licences_lie_beside_the_bundle():
    text = (VENDOR / "zarrita.LICENSES.txt").read_text(encoding="utf-8")
    for name in ("zarrita", "@zarrita/storage", "unzipit", "fzstd"):
        assert re.search(rf"^{re.escape(name)} .*\n-+\n", text, re.M), name
    assert text.count("Copyright") >= 4
    # What is compiled, and needs licences of its own, is not in it.
    assert "WebAssembly" not in (VENDOR / "zarrita.js").read_text(encoding="utf-8")


def test_the_script_makes_the_same_bytes(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here; `sh bundle/make.sh` installs it")
    # In a copy: other tests read what is installed here.
    copy = tmp_path / "bundle"
    shutil.copytree(BUNDLE, copy, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "envs").mkdir()
    shutil.copy2(BUNDLE.parent / "envs" / "node.sh", tmp_path / "envs")
    done = subprocess.run(
        ["sh", str(copy / "make.sh"), str(tmp_path / "made")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode and re.search(rf"\b({'|'.join(UNREACHED)})\b", done.stderr):
        pytest.skip("npm cannot reach its registry")
    assert done.returncode == 0, done.stderr
    for path in sorted(VENDOR.iterdir()):
        assert (tmp_path / "made" / path.name).read_bytes() == path.read_bytes(), path.name
