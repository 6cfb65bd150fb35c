"""Immutable result files: publish, open, hash and verify `.zarr.zip` archives.

    manifest = publish(tree, Path("cubes/phase_diagram.zarr.zip"), objects=Path("store/objects"))
    tree = open_datatree("cubes/phase_diagram.zarr.zip")          # lazy, read from the zip
    layers = xr.open_dataset("cubes/phase_diagram.zarr.zip", group="layers")

README.md beside this file says why the format and the publishing protocol are what they are.
"""

from __future__ import annotations

from layeratlas.storage.atomic import write_bytes_atomic, write_json_atomic
from layeratlas.storage.hashing import ContentHash, content_hash, file_digest
from layeratlas.storage.manifest import Manifest, manifest_path, read_manifest
from layeratlas.storage.publishing import publish
from layeratlas.storage.reading import open_dataset, open_datatree
from layeratlas.storage.verification import verify

__all__ = [
    "ContentHash",
    "Manifest",
    "content_hash",
    "file_digest",
    "manifest_path",
    "open_dataset",
    "open_datatree",
    "publish",
    "read_manifest",
    "verify",
    "write_bytes_atomic",
    "write_json_atomic",
]
