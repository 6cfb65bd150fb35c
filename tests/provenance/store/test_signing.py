"""Signatures of real keys: who signed, and what does not fit."""

from __future__ import annotations

import subprocess

import pytest
from made.keys import make_key, signers

from layeratlas.errors import StoreError
from layeratlas.provenance.store.signing import NAMESPACE, sign, signer_of

__all__ = ["make_key", "signers"]


@pytest.fixture
def signed(signers, tmp_path):
    key, _ = signers
    path = tmp_path / "a.sig"
    path.write_bytes(sign(b"content", key))
    return path


def test_the_signer_is_named(signed, signers):
    assert signer_of(b"content", signed, signers[1]) == "ada@example.org"


def test_a_key_signs_the_same_alike(signers):
    assert sign(b"content", signers[0]) == sign(b"content", signers[0])


def test_other_content_does_not_fit(signed, signers):
    with pytest.raises(StoreError, match="does not fit what it should sign"):
        signer_of(b"contents", signed, signers[1])


def test_another_key_is_of_nobody(make_key, signers, tmp_path):
    path = tmp_path / "b.sig"
    path.write_bytes(sign(b"content", make_key("eve")))
    with pytest.raises(StoreError, match="is of nobody in"):
        signer_of(b"content", path, signers[1])


def test_a_signature_of_another_namespace_is_none(signers, tmp_path):
    key, allowed = signers
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", "git"]
    done = subprocess.run(command, input=b"content", capture_output=True, check=True)
    path = tmp_path / "git.sig"
    path.write_bytes(done.stdout)
    with pytest.raises(StoreError, match="does not fit"):
        signer_of(b"content", path, allowed)


def test_a_reader_checks_it_by_hand(signed, signers):
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers[1]), "-I", "ada@example.org"]
    command += ["-n", NAMESPACE, "-s", str(signed)]
    assert not subprocess.run(command, input=b"content", capture_output=True).returncode


@pytest.mark.parametrize("content", [b"", b"no signature", b"\0" * 100_000])
def test_what_is_no_signature_is_refused(signed, signers, content):
    signed.write_bytes(content)
    with pytest.raises(StoreError, match=r"a\.sig"):
        signer_of(b"content", signed, signers[1])


def test_what_cannot_sign_is_refused(tmp_path, signed, make_key):
    with pytest.raises(StoreError, match="is no file: give a private key"):
        sign(b"", tmp_path / "nokey")
    (tmp_path / "nokey").write_text("no key")
    with pytest.raises(StoreError, match="does not sign"):
        sign(b"", tmp_path / "nokey")
    with pytest.raises(StoreError, match="allowed signers"):
        signer_of(b"content", signed, tmp_path / "nobody")


def test_without_the_program_it_is_said(signers, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StoreError, match="need the program ssh-keygen"):
        sign(b"content", signers[0])
