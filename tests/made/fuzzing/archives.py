"""Archives spoiled: metadata, names, chunks, the directory of the zip, bombs."""

from __future__ import annotations

import functools
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Iterable

import hypothesis.strategies as st

from made.fuzzing.documents import OUTSIDE, spoiled_bytes, spoiled_trees

Member = tuple[str, bytes]
MEMBERS = (
    "", ".", "..", "../outside/new.zarr/zarr.json", f"{OUTSIDE}/new/zarr.json", "/zarr.json",
    "a//zarr.json", "./zarr.json", "a/./zarr.json", "layers/../zarr.json", "layers\\zarr.json",
    "C:\\zarr.json", "layers\x00/zarr.json", "x" * 5000 + "/zarr.json", "\x1b[31m/zarr.json",
    "\u202e/zarr.json", "zarr.json/c/0", "layers/zarr.json/zarr.json", "~/zarr.json",
)  # fmt: skip
"""Names that lead out of a folder, or nowhere."""
WAYS_OUT = (
    ("..",), ("..", "../..", "../../..", "../../../outside", "../../../outside/new"), ("/nowhere",),
    ("layers", "layers/..", "layers/../.."), ("", "/nowhere", "/nowhere/outside"), (".", "./x"),
)  # fmt: skip
"""Groups all the way out of a folder, so that every one has a group around it."""


_CHANGES = (
    "metadata", "metadata", "metadata", "name", "more", "twice", "drop", "chunk", "deflate",
    "escape", "lie", "lie", "bomb",
)  # fmt: skip


@st.composite
def spoiled_archive(draw: st.DrawFn, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    what = draw(st.sampled_from(_CHANGES))
    documents = [at for at, (name, _) in enumerate(members) if name.endswith("zarr.json")]
    compression = zipfile.ZIP_STORED
    at = draw(st.integers(0, len(members) - 1))
    if what == "metadata":
        at = draw(st.sampled_from(documents))
        text = draw(spoiled_trees(json.loads(members[at][1])))
        members[at] = (members[at][0], text.encode("utf-8", "surrogatepass"))
    elif what == "name":
        members[at] = (draw(st.sampled_from(MEMBERS)), members[at][1])
    elif what == "more":
        node = draw(st.sampled_from(documents))
        members.append((draw(st.sampled_from(MEMBERS)), members[node][1]))
    elif what == "twice":
        members.append(members[at])
    elif what == "drop":
        members.pop(at)
    elif what == "chunk":
        members[at] = (members[at][0], draw(spoiled_bytes(members[at][1])))
    elif what == "deflate":
        compression = zipfile.ZIP_DEFLATED
        members.append(("big", b"\x00" * draw(st.sampled_from((1, 50_000_000)))))
    elif what == "escape":
        members = with_groups(members, draw(st.sampled_from(WAYS_OUT)))
    elif what == "bomb":
        members = _with_bomb(members)
    whole = packed(members, compression)
    return _with_lie(draw, whole) if what == "lie" else whole


def with_groups(members: list[Member], names: Iterable[str]) -> list[Member]:
    """More groups, which hold nothing."""
    group = dict(members)["zarr.json"]
    return [*members, *((f"{name}/zarr.json", group) for name in names)]


def packed(members: list[Member], compression: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            info = zipfile.ZipInfo("x")
            # The constructor would cut the name at a NUL and turn backslashes.
            info.filename, info.compress_type = name, compression
            with warnings.catch_warnings(action="ignore"):  # a name twice is meant
                archive.writestr(info, content)
    return file.getvalue()


def _with_lie(draw: st.DrawFn, whole: bytes) -> bytes:
    """Another number in a field of the directory: sizes, checksum, offset, method, flags."""
    changed = bytearray(whole)
    entries, at = [], whole.find(b"PK\x01\x02")
    while at >= 0:
        entries.append(at)
        at = whole.find(b"PK\x01\x02", at + 4)
    entry = draw(st.sampled_from(entries))
    field, size = draw(st.sampled_from(((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"),
                                        (28, "H"), (30, "H"), (42, "I"))))  # fmt: skip
    value = draw(st.sampled_from((0, 1, 8, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
    struct.pack_into(f"<{size}", changed, entry + field, value & (0xFFFF if size == "H" else ~0))
    return bytes(changed)


def _with_bomb(members: list[Member]) -> list[Member]:
    """One more variable: a chunk of 1.6 GB in some kilobytes."""
    metadata = {
        "zarr_format": 3, "node_type": "array", "shape": [BOMB], "data_type": "float64",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [BOMB]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0.0, "dimension_names": ["bomb"], "attributes": {},
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}},
                   {"name": "zstd", "configuration": {"level": 3, "checksum": False}}],
    }  # fmt: skip
    return [*members, ("bomb/zarr.json", json.dumps(metadata).encode()), ("bomb/c/0", _bomb())]


BOMB = 200_000_000
"""Numbers in the chunk."""


@functools.cache
def _bomb() -> bytes:
    import numpy as np
    from numcodecs.zstd import Zstd

    return bytes(Zstd(level=3).encode(np.zeros(BOMB)))
