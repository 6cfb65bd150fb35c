"""Training checkpoints: the state of an unfinished shard, replaced in one step."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from layeratlas.bounded.files import open_regular
from layeratlas.storage.atomic import store_errors, sync_folder, temporary_beside


def save(path: Path, identity: str, arrays: dict[str, np.ndarray]) -> None:
    """Write the state; `identity` names plan, code and data, which must agree to go on."""
    # The list of names too: a flipped bit in the zip's directory can hide an entry, silently.
    told: dict[str, Any] = {**arrays, "identity": np.array([identity, *sorted(arrays)])}
    with store_errors(path), temporary_beside(path) as temporary:
        # Straight to the disk: a slot may fill what memory there is.
        with temporary.open("xb") as file:
            np.savez(file, **told)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)


def load(path: Path, identity: str) -> dict[str, np.ndarray] | None:
    """The state to go on from; None if there is none, or it belongs to other code or data."""
    try:
        with open(open_regular(path), "rb") as file:  # noqa: PTH123  (a descriptor)
            with zipfile.ZipFile(file) as members:
                # As `save` writes them; what is packed may be of any size once it is not.
                if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
                    return None
            file.seek(0)
            with np.load(file, allow_pickle=False) as held:
                arrays = {name: held[name] for name in held.files}
    except Exception:
        # Absent or damaged; zip and npy readers fail in a dozen ways. Training starts anew.
        return None
    told = arrays.pop("identity", np.array("")).tolist()
    return arrays if told == [identity, *sorted(arrays)] else None
