"""Signing a crate: a signature of its metadata lies beside them, in the folder or in the zip."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.checking import LARGEST_METADATA, check_crate
from layeratlas.provenance.crate.container import opened, read_all
from layeratlas.provenance.crate.layout import METADATA, SIGNATURE
from layeratlas.provenance.store.checks.finding import OK
from layeratlas.provenance.store.signing import sign
from layeratlas.storage.atomic import store_errors, temporary_beside, write_bytes_atomic
from layeratlas.words import named


def sign_crate(path: str | os.PathLike[str], key: str | os.PathLike[str]) -> Path:
    """Sign a crate, a folder or zip, with a private key of OpenSSH; returns `path`.

    An earlier signature is replaced. StoreError where a file of the crate is not what its metadata
    say (nobody should sign that), or where the key does not sign.
    """
    path = Path(path)
    table = check_crate(path)
    wrong = table[table["status"] != OK]
    if len(wrong):
        name, status = named(wrong["path"].iloc[0], 60), wrong["status"].iloc[0]
        raise StoreError(
            f"{named(path)} was not signed: {len(wrong)} of its files are not as its metadata say, "
            f"the first {name} ({status}); export it again."
        )
    with opened(path) as container:
        signature = sign(read_all(container, METADATA, path, LARGEST_METADATA), key)
    if path.is_dir():
        write_bytes_atomic(path / SIGNATURE, signature)
    else:
        _add(path, signature)
    return path


def _add(path: Path, signature: bytes) -> None:
    """Put the signature into a zip, whose other files stay as they are."""
    with store_errors(path), temporary_beside(path) as temporary:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(temporary, "x") as new:
            members = {m.filename: m for m in old.infolist() if m.filename != SIGNATURE}
            ours = zipfile.ZipInfo(SIGNATURE, date_time=(1980, 1, 1, 0, 0, 0))
            ours.create_system, ours.external_attr = 3, 0o100644 << 16
            for name in sorted([*members, SIGNATURE]):
                if name == SIGNATURE:
                    new.writestr(ours, signature)
                    continue
                with old.open(members[name]) as source, new.open(members[name], "w") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
