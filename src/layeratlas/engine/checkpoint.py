"""Training checkpoints: the state of an unfinished shard, replaced in one step."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from layeratlas.bounded.files import open_regular
from layeratlas.storage.atomic import write_bytes_atomic


def save(path: Path, identity: str, arrays: dict[str, np.ndarray]) -> None:
    """Write the state; `identity` names plan, code and data, which must agree to go on."""
    buffer = io.BytesIO()
    # The list of names too: a flipped bit in the zip's directory can hide an entry, silently.
    told: dict[str, Any] = {**arrays, "identity": np.array([identity, *sorted(arrays)])}
    np.savez(buffer, **told)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(path, buffer.getvalue())


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
