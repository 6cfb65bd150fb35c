"""Signatures by `ssh-keygen -Y`: no key of ours, no server, and a reader needs no layeratlas.

A signature says who vouches for bytes; whom to believe, the reader says in a file of allowed
signers (ssh-keygen(1), ALLOWED SIGNERS): a line a person, `ada@example.org ssh-ed25519 AAAA…`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from layeratlas.bounded.files import KIB, read_bytes
from layeratlas.errors import StoreError
from layeratlas.provenance.store.inside import given_file
from layeratlas.words import named, printable, quoted, shortened

NAMESPACE = "layeratlas"
"""What the signature is for: one of another namespace, of an e-mail say, is none here."""
LARGEST = 64 * KIB
_TIMEOUT = 30.0


def sign(content: bytes, key: str | os.PathLike[str]) -> bytes:
    """The signature of `content` by a private key of OpenSSH (or a public one, of an agent).

    A key with a passphrase asks for it on the terminal. StoreError where that fails.
    """
    if given_file(key) is None:
        raise StoreError(
            f"{quoted(str(key))} is no file: give a private key, as ~/.ssh/id_ed25519."
        )
    command = ["-Y", "sign", "-f", os.fspath(Path(key).absolute()), "-n", NAMESPACE]
    done = _ssh_keygen(command, content, timeout=None)
    if done.returncode or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise StoreError(f"{named(key)} does not sign: {_reason(done)}.")
    return done.stdout


def signer_of(content: bytes, signature: Path, signers: str | os.PathLike[str]) -> str:
    """Who of the file of allowed `signers` signed `content`, by the names in it.

    StoreError where the signature cannot be read, is of other content, of another namespace, or of
    nobody there.
    """
    if given_file(signers) is None:
        raise StoreError(
            f"{quoted(str(signers))} is no file: give one of allowed signers, a line a person: "
            "`ada@example.org ssh-ed25519 AAAA…`."
        )
    allowed = os.fspath(Path(signers).absolute())
    with tempfile.TemporaryDirectory() as folder:
        # A copy, so that what was measured is what is read.
        copy = Path(folder) / "signature"
        copy.write_bytes(read_bytes(signature, LARGEST))
        found = _ssh_keygen(["-Y", "find-principals", "-f", allowed, "-s", str(copy)])
        if found.returncode:
            raise StoreError(f"{named(signature)} is of nobody in {named(signers)}.")
        names = found.stdout.decode(errors="replace").replace(",", "\n").split("\n")
        reason = "it names nobody"
        for name in filter(None, map(str.strip, names)):
            command = ["-Y", "verify", "-f", allowed, "-I", name, "-n", NAMESPACE, "-s", str(copy)]
            done = _ssh_keygen(command, content)
            if not done.returncode:
                return shortened(printable(name), 100)
            reason = _reason(done)
    raise StoreError(f"{named(signature)} does not fit what it should sign ({reason}).")


def _ssh_keygen(
    arguments: list[str], content: bytes = b"", timeout: float | None = _TIMEOUT
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise StoreError("signatures need the program ssh-keygen: install OpenSSH 8.1 or later.")
    try:
        return subprocess.run(
            [program, *arguments], input=content, capture_output=True, timeout=timeout, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise StoreError(f"ssh-keygen could not be run: {shortened(str(error), 200)}.") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    return shortened(printable(lines[-1]), 120) if lines else f"status {done.returncode}"
