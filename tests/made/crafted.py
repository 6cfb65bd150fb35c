"""Cubes that no writer made: every way in which an archive may be wrong, one at a time.

`CASES` has the changes of what an archive says, `CHUNKS` those of what its chunks hold, with every
checksum made right again.
"""

from __future__ import annotations

import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import xarray as xr
from numcodecs.blosc import compress

from layeratlas.storage.canonical import canonical_json

Members = dict[str, bytes]
LOSS, NAMES, DONE = "layers/loss", "layers/layer_name", "done"


def tree() -> xr.DataTree:
    """Numbers, truths and text in two groups, with coordinates of both kinds."""
    layers = xr.Dataset(
        {"loss": (("seed", "layer"), np.arange(12, dtype="f4").reshape(4, 3), {"units": "1"})},
        coords={"seed": np.arange(4), "layer_name": ("layer", np.array(["a", "zwei", "γ"], "T"))},
        attrs={"title": "layers"},
    )
    root = xr.Dataset({"done": ("seed", np.ones(4, bool)), "mark": ((), np.int64(1))})
    root = root.assign_coords(seed=np.arange(4))
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


def members_of(path: Path, consolidated: bool = False) -> Members:
    """All members; unless `consolidated`, as earlier versions wrote the root's metadata, without
    those of the others: so that each may be changed alone."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if not consolidated and b"consolidated_metadata" in members.get("zarr.json", b""):
        root = json.loads(members["zarr.json"])
        del root["consolidated_metadata"]
        members["zarr.json"] = canonical_json(root)
    return members


def write_members(path: Path, members: Members | list[tuple[str, bytes]]) -> None:
    """A stored zip of these members, whatever they are called."""
    items = list(members.items()) if isinstance(members, dict) else members
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in items:
            info = zipfile.ZipInfo("x")
            info.filename = name  # the constructor cuts it at a NUL
            archive.writestr(info, content)


def document(change: Callable[[dict[str, Any]], Any], node: str = LOSS):
    """A change of the metadata of `node`: of the document itself, or the one that is returned."""

    def craft(members: Members) -> None:
        key = f"{node}/zarr.json".lstrip("/")
        found = json.loads(members[key])
        changed = change(found)
        members[key] = json.dumps(found if changed is None else changed).encode()

    return craft


def says(node: str = LOSS, /, **values: Any):
    """The metadata of `node` with other values."""
    return document(lambda found: found.update(values), node)


def attribute(name: str, value: Any, node: str = LOSS):
    return document(lambda found: found["attributes"].update({name: value}), node)


def codecs(change: Callable[[list[Any]], Any]):
    return document(lambda found: found.update(codecs=change(found["codecs"])))


def grid(shape: Any, chunks: Any, node: str = LOSS):
    def change(found: dict[str, Any]) -> None:
        found["shape"] = shape
        found["chunk_grid"]["configuration"]["chunk_shape"] = chunks

    return document(change, node)


def raw(content: bytes, node: str = LOSS):
    return lambda members: members.update({f"{node}/zarr.json".lstrip("/"): content})


def added(name: str, content: bytes = b""):
    return lambda members: members.update({name: content})


def group(name: str):
    """One more group."""
    return added(f"{name}/zarr.json", b'{"attributes":{},"node_type":"group","zarr_format":3}')


def variable(name: str, node: str = "mark"):
    """One more variable, a copy of `node`."""

    def craft(members: Members) -> None:
        copies = {k: v for k, v in members.items() if k.startswith(f"{node}/")}
        members.update({name + key.removeprefix(node): content for key, content in copies.items()})

    return craft


def without(name: str):
    return lambda members: members.pop(name)


# ---- bytes of the zip


def patched(change: Callable[[bytearray, zipfile.ZipFile], Any]):
    """A change of the file's bytes, which may be returned as others."""

    def craft(path: Path) -> None:
        content = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            changed = change(content, archive)
        path.write_bytes(content if changed is None else changed)

    craft.of_bytes = True  # type: ignore[attr-defined]
    return craft


def field(structure: str, offset: int, value: int, *, local: bool = False, name: str = LOSS):
    """Another value in the directory's entry of a chunk of `name`, or in its local header."""

    def change(content: bytearray, archive: zipfile.ZipFile) -> None:
        info = archive.getinfo(f"{name}/c/0/0")
        raw_name = info.filename.encode()
        start = info.header_offset if local else content.rindex(raw_name) - 46
        struct.pack_into(structure, content, start + offset, value)

    return patched(change)


def local_name(content: bytearray, archive: zipfile.ZipFile) -> None:
    at = content.index(b"layers/loss/c/0/0")
    content[at : at + 6] = b"../../"


def gap(content: bytearray, archive: zipfile.ZipFile) -> bytes:
    """Three bytes of nobody before the directory."""
    start = archive.start_dir
    moved = content[:start] + b"abc" + content[start:]
    struct.pack_into("<L", moved, len(moved) - 6, start + 3)
    return bytes(moved)


def zip64(count: int):
    """An end record of zip64 that promises `count` members."""

    def change(content: bytearray, archive: zipfile.ZipFile) -> bytes:
        start, end = archive.start_dir, len(content) - 22
        whole = struct.pack(
            "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, end - start, start
        )
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        last = bytearray(content[end:])
        struct.pack_into("<2H", last, 8, min(count, 0xFFFF), min(count, 0xFFFF))
        return bytes(content[:end] + whole + locator + last)

    return patched(change)


def rezipped(**options: Any):
    def craft(path: Path) -> None:
        members = members_of(path)
        with zipfile.ZipFile(path, "w", **options) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    craft.of_bytes = True  # type: ignore[attr-defined]
    return craft


def commented(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"hello"


def twice(path: Path) -> None:
    members = list(members_of(path).items())
    write_members(path, [*members, members[-1]])


for _function in (commented, twice):
    _function.of_bytes = True  # type: ignore[attr-defined]


CASES: dict[str, Callable[[Any], Any]] = {
    # the zip
    "no bytes": patched(lambda content, _: b""),
    "another format": patched(lambda content, _: b"GIF89a" * 99),
    "cut off": patched(lambda content, _: content[:-7]),
    "a byte behind the end": patched(lambda content, _: content + b"x"),
    "bytes before the first member": patched(lambda content, _: b"#!/bin/sh\n" + content),
    "bytes of nobody": patched(gap),
    "a comment": commented,
    "compressed": rezipped(compression=zipfile.ZIP_DEFLATED),
    "a member twice": twice,
    "encrypted": field("<H", 8, 1),
    "sizes behind the data": field("<H", 8, 8),
    "another method": field("<H", 10, 93),
    "a size beyond the file": patched(
        lambda content, archive: struct.pack_into(
            "<2L", content, content.rindex(b"layers/loss/c/0/0") - 26, 1 << 31, 1 << 31
        )
    ),
    "packed smaller than it is": field("<L", 20, 9),
    "another checksum": field("<L", 16, 9),
    "an offset elsewhere": field("<L", 42, 0),
    "an offset beyond the file": field("<L", 42, 0xFFFFFFFF),
    "a field for somebody else": field("<H", 30, 4),
    "a comment of a member": field("<H", 32, 4),
    "on another disk": field("<H", 34, 3),
    "a link": field("<L", 38, 0o120777 << 16),
    "another name where it lies": patched(local_name),
    "another size where it lies": field("<L", 22, 9, local=True),
    "another method where it lies": field("<H", 8, 8, local=True),
    "a field where it lies": field("<H", 28, 2, local=True),
    "one more member than there is": patched(
        lambda content, _: struct.pack_into("<2H", content, len(content) - 14, 99, 99)
    ),
    "10¹⁸ members": zip64(10**18),
    "records of zip64 that differ": zip64(3),
    # names
    "a name that climbs": group(".."),
    "a name that climbs later": group("layers/../../x"),
    "an absolute name": group("/abs"),
    "a drive": group("C:\\x"),
    "another drive": group("d:x"),
    "an empty part": group("layers//x"),
    "a part that stays": group("./x"),
    "a NUL": group("lay\0ers"),
    "a line break": group("a\nb"),
    "written backwards": group("a\u202eb"),
    "an escape code": group("a\x1b[2Jb"),
    "a long name": group("x" * 300),
    "far down": lambda m: [group("/".join(["g"] * n))(m) for n in range(1, 40)],
    "only in case": group("LAYERS"),
    "only in accents": lambda m: [group("u\u0308")(m), group("ü")(m)],
    "called like the metadata": group("zarr.json"),
    "a name that is no text": patched(
        lambda content, _: content.replace(b"layers/loss/c/0/0", b"layers/\xff\xfe\xfd\xfc/c/0/0")
    ),
    "a variable with a space": variable("a b"),
    "a variable of two underscores": variable("__mark"),
    # the hierarchy
    "no root": without("zarr.json"),
    "no group around": without("layers/zarr.json"),
    "no variable around": without("layers/loss/zarr.json"),
    "a missing chunk": without("layers/loss/c/0/0"),
    "a spare chunk": added("layers/loss/c/0/1"),
    "a spare member": added("readme.txt", b"hello"),
    "a group in a variable": group("mark/inside"),
    "a variable in a variable": variable("done/mark"),
    "a chunk of megabytes": added("mark/c", bytes(1 << 20)),
    "300 groups": lambda members: [group(f"g{n}")(members) for n in range(300)],
    # documents
    "no document": raw(b""),
    "half a document": raw(b'{"attributes":{},'),
    "a list": raw(b"[]"),
    "a number": raw(b"1"),
    "no text": raw(b"\xff\xfe"),
    "200,000 brackets": raw(b"[" * 200_000),
    "deep attributes": raw(b'{"attributes":{"a":' + b"[" * 90 + b"]" * 90 + b"}}"),
    "half a character": raw(b'{"attributes":{"a":"\\ud800"},"node_type":"group","zarr_format":3}'),
    "not a number": raw(b'{"attributes":{"a":NaN},"node_type":"group","zarr_format":3}', "layers"),
    "5,000 digits": raw(b'{"attributes":{"a":' + b"9" * 5000 + b"}}"),
    "megabytes of metadata": attribute("a", "x" * (1 << 21)),
    "another node_type": says(node_type="thing"),
    "a node_type that is no text": says(node_type=["group"]),
    "zarr 2": says(zarr_format=2),
    "zarr 3.0": says(zarr_format=3.0),
    "an unknown key": says(must_understand=True),
    "an unknown key of a group": says("layers", extra={}),
    "consolidated": says("", consolidated_metadata={"kind": "inline", "metadata": {}}),
    # sizes
    "10³⁰ values": grid([4, 10**30], [4, 3]),
    "2⁶³ values": grid([4, 2**63], [4, 3]),
    "10¹⁵ chunks": grid([4, 10**15], [1, 1]),
    "more than bytes can be counted": grid([2**40, 2**40], [1, 1]),
    "nothing of a huge size": grid([0, 2**62], [1, 2**62]),
    "a negative size": grid([4, -3], [4, 3]),
    "a size with a fraction": grid([4, 3.0], [4, 3]),
    "a size that is true": grid([4, True], [4, 3]),
    "a size as text": grid([4, "3"], [4, 3]),
    "no list of sizes": grid(12, [4, 3]),
    "no sizes": grid(None, None),
    "40 dims": grid([1] * 40, [1] * 40),
    "chunks of 0": grid([4, 3], [4, 0]),
    "chunks of −1": grid([4, 3], [4, -1]),
    "chunks with a fraction": grid([4, 3], [4, 3.0]),
    "chunks of other dims": grid([4, 3], [4]),
    "chunks larger than all": grid([4, 3], [40, 3]),
    "a chunk of 1.6 GB": grid([400_000, 1000], [400_000, 1000]),
    "another size than the group around": grid([2, 3], [2, 3]),
    "another size than another's": grid([4, 2], [4, 2]),
    # types
    "complex numbers": says(data_type="complex128"),
    "times": says(data_type={"name": "numpy.datetime64", "configuration": {"unit": "s"}}),
    "a type that is a list": says(data_type=["float32"]),
    "no type": document(lambda found: found.pop("data_type") and None),
    "another fill value": says(fill_value=0.0),
    "a fill value as text": says(fill_value="1e400"),
    "truths as numbers": says(DONE, data_type="int8"),
    # codecs
    "gzip": codecs(lambda found: [found[0], {"name": "gzip", "configuration": {"level": 1}}]),
    "no checksum": codecs(lambda found: found[:2]),
    "no codecs": codecs(lambda found: []),
    "codecs of nothing": codecs(lambda found: [None]),
    "an unknown codec": codecs(lambda found: [*found, {"name": "https://x.example/codec"}]),
    "turned": codecs(lambda found: [{"name": "transpose", "configuration": {"order": [1, 0]}}]),
    "big-endian": codecs(
        lambda found: [{"name": "bytes", "configuration": {"endian": "big"}}, *found[1:]]
    ),
    "a shuffle of others": document(
        lambda found: found["codecs"][1]["configuration"].update(typesize=2)
    ),
    "an object codec": codecs(lambda found: [{"name": "numcodecs.pickle"}, *found[1:]]),
    "another grid": says(chunk_grid={"name": "rectilinear", "configuration": {}}),
    "no grid": says(chunk_grid=None),
    "keys of zarr 2": says(chunk_key_encoding={"name": "v2"}),
    "another separator": says(
        chunk_key_encoding={"name": "default", "configuration": {"separator": "."}}
    ),
    "a transformer": says(storage_transformers=[{"name": "sharding"}]),
    # dims
    "too few dims": says(dimension_names=["seed"]),
    "a dim twice": says(dimension_names=["seed", "seed"]),
    "a dim without a name": says(dimension_names=["seed", None]),
    "a dim that is a number": says(dimension_names=["seed", 3]),
    "a dim that is a path": says(dimension_names=["seed", "../layer"]),
    "dims that are text": says(dimension_names="sl"),
    "no dims": document(lambda found: found.pop("dimension_names") and None),
    "a dim called like a scalar": says(DONE, dimension_names=["mark"]),
    # attributes
    "attributes that are a list": says(attributes=[]),
    "no attributes": document(lambda found: found.pop("attributes") and None),
    "a fill value of CF": attribute("_FillValue", 1.0),
    "a missing value": attribute("missing_value", 3.0),
    "a scale": attribute("scale_factor", 10.0),
    "an offset": attribute("add_offset", "x"),
    "unsigned": attribute("_Unsigned", "true"),
    "coordinates of a variable": attribute("coordinates", "seed"),
    "dims of zarr 2": attribute("_ARRAY_DIMENSIONS", ["a", "b"]),
    "coordinates that are not there": attribute("coordinates", "nothing", "layers"),
    "coordinates that are a list": attribute("coordinates", ["layer_name"], "layers"),
    "coordinates twice": attribute("coordinates", "layer_name layer_name", "layers"),
    "a dim among the coordinates": attribute("coordinates", "layer_name seed", "layers"),
    "a scale of a group": attribute("scale_factor", 2, ""),
}


# ---- chunks


def packed(values: bytes, typesize: int = 4, cname: str = "zstd") -> bytes:
    return compress(values, cname.encode(), 3, 1, 0, typesize)


def chunk(frame: bytes) -> bytes:
    return frame + google_crc32c.value(frame).to_bytes(4, "little")


def noise() -> bytes:
    """A frame of 48 bytes in which nothing but the header is right."""
    frame = bytearray(packed(bytes(range(48)) * 8)[:16] + bytes(range(200, 230)))
    struct.pack_into("<3L", frame, 4, 48, 48, len(frame))
    frame[2] &= ~2  # not as it was: packed
    return bytes(frame)


def header(offset: int, value: int, structure: str = "<L"):
    """The frame with another value in its header, checksums made right."""

    def change(content: bytes) -> bytes:
        frame = bytearray(content[:-4])
        struct.pack_into(structure, frame, offset, value)
        return chunk(bytes(frame))

    return change


def texts(count: int, *items: bytes) -> bytes:
    content = struct.pack("<L", count)
    return content + b"".join(struct.pack("<L", len(item)) + item for item in items)


def _in(key: str, change: Callable[[bytes], bytes]):
    return lambda members: members.update({key: change(members[key])})


def loss(change: Callable[[bytes], bytes]):
    return _in("layers/loss/c/0/0", change)


def names(content: bytes):
    return _in("layers/layer_name/c/0", lambda _: chunk(packed(content, 1)))


CHUNKS: dict[str, Callable[[Members], Any]] = {
    "no bytes": loss(lambda _: b""),
    "a few bytes": loss(lambda content: content[:3]),
    "cut off": loss(lambda content: content[:-9]),
    "another checksum": loss(lambda content: content[:-1] + bytes([content[-1] ^ 1])),
    "a bit": loss(lambda content: bytes([*content[:19], content[19] ^ 4, *content[20:]])),
    "1.6 GB": loss(header(4, 1_600_000_000)),
    "a value more": loss(lambda _: chunk(packed(bytes(52)))),
    "a value less": loss(lambda _: chunk(packed(bytes(44)))),
    "another length": loss(header(12, 9)),
    "a block beyond all": loss(header(8, 0x7FFFFFFF)),
    "no blocks": loss(header(8, 0)),
    "another version": loss(header(0, 77, "<B")),
    "values of another size": loss(lambda _: chunk(packed(bytes(48), 2))),
    "lz4": loss(lambda _: chunk(packed(bytes(48), 4, "lz4"))),
    "noise": loss(lambda _: chunk(noise())),
    "neither true nor false": _in("done/c/0", lambda _: chunk(packed(b"\1\2\0\1", 1))),
    "4 billion texts": names(texts(2**32 - 1, b"a", b"b", b"c")),
    "a text less": names(texts(2, b"a", b"b")),
    "no texts": names(b"\1"),
    "a text beyond the end": names(struct.pack("<LLL", 3, 2**31, 1)),
    "texts that end early": names(texts(3, b"a")),
    "no UTF-8": names(texts(3, b"\xff\xfe", b"b", b"c")),
    "half a character": names(texts(3, b"\xed\xa0\x80", b"b", b"c")),
    "texts of 9 MB": names(texts(3, bytes(9 << 20), b"b", b"c")),
}


def craft(case: Callable[[Any], Any], path: Path) -> Path:
    """Change the archive at `path`."""
    if hasattr(case, "of_bytes"):
        case(path)
    else:
        members = members_of(path)
        case(members)
        write_members(path, members)
    return path
