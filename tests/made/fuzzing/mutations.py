"""Spoiled files of every form, drawn by hypothesis: bytes from the bytes of a good one."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import struct
import warnings
import zipfile
import zlib
from typing import Any

import hypothesis.strategies as st
from ruamel.yaml import YAML

from layeratlas.bounded.seals import SEAL, sealed
from made.fuzzing.corpus import ROOT
from made.fuzzing.documents import (
    ODD_JSON,
    ODD_YAML,
    OUTSIDE,
    Raw,
    spoiled_trees,
    taken_apart,
    written,
)

MEMBERS = (
    "", ".", "..", "../outside/new.zarr/zarr.json", f"{OUTSIDE}/new/zarr.json", "/zarr.json",
    "a//zarr.json", "./zarr.json", "a/./zarr.json", "layers/../zarr.json", "layers\\zarr.json",
    "C:\\zarr.json", "layers\x00/zarr.json", "x" * 5000 + "/zarr.json", "\x1b[31m/zarr.json",
    "\u202e/zarr.json", "zarr.json/c/0", "layers/zarr.json/zarr.json", "~/zarr.json",
)  # fmt: skip
"""Names that lead out of a folder, or nowhere."""


def spoiled(form: str, content: bytes) -> st.SearchStrategy[bytes]:
    """Mutations of a file of a form: json, yaml, archive, pdf, png, svg, bytes; or words of a
    command line, as JSON."""
    if form in _WORDS:
        return _WORDS[form]()
    plain = _bytes(content)
    if form == "bytes":
        return plain
    # Most of what random bytes do is refused at once, and alike.
    return st.integers(0, 4).flatmap(
        lambda n: plain if n == 0 else _FORMS[form](content)  # type: ignore[operator]
    )


@st.composite
def _bytes(draw: st.DrawFn, content: bytes) -> bytes:
    what = draw(st.sampled_from(("flip", "flip", "cut", "insert", "repeat", "zeros", "whole")))
    at = draw(st.integers(0, max(len(content) - 1, 0)))
    more = st.sampled_from(
        (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"{" * 200_000, b"[" * 200_000, b"\x1b[2J", b"\r",
         b"PK\x05\x06" + b"\x00" * 18, b"9" * 5000, b"\x00" * 100_000)
    )  # fmt: skip
    if what == "flip":
        changed = bytearray(content)
        for _ in range(draw(st.integers(1, 8))):
            place = draw(st.integers(0, len(content) - 1))
            changed[place] ^= 1 << draw(st.integers(0, 7))
        return bytes(changed)
    if what == "cut":
        return content[:at]
    if what == "insert":
        return content[:at] + draw(more) + content[at:]
    if what == "repeat":
        return content[:at] + content[at : at + 200] * draw(st.integers(2, 50)) + content[at:]
    if what == "zeros":
        return content[:at] + b"\x00" * min(512, len(content) - at) + content[at + 512 :]
    return draw(st.one_of(more, st.sampled_from((b"", b"null", b"[]", b"{}", b"0", b'"x"'))))


@st.composite
def _json(draw: st.DrawFn, content: bytes) -> bytes:
    document = json.loads(content)
    text = draw(spoiled_trees(document))
    # Whoever edits a document can seal it anew: a seal alone must not be what saves the reader.
    if isinstance(document, dict) and SEAL in document and draw(st.booleans()):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            text = json.dumps(sealed(json.loads(text)), indent=1)
    return text.encode("utf-8", "surrogatepass")


@st.composite
def _yaml(draw: st.DrawFn, content: bytes) -> bytes:
    lines = content.decode().splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    what = draw(st.sampled_from((*["tree", "asked"] * 3, "twice", "tab", "indent")))
    if what in ("tree", "asked"):
        document = YAML(typ="safe", pure=True).load(content.decode())
        text = (
            draw(spoiled_trees(document, yaml=True)) if what == "tree" else draw(_asked(document))
        )
        return text.encode("utf-8", "surrogatepass")
    if what == "twice":
        lines.insert(at, lines[at])
    else:
        lines[at] = ("\t" if what == "tab" else "   ") + lines[at]
    return "".join(lines).encode()


@st.composite
def _asked(draw: st.DrawFn, document: dict[str, Any]) -> str:
    """One or two settings, of those that any experiment of the repository has, with a value that is
    another's, or odd. No settings of any experiment are that far from others that are right."""
    known = _settings_in_use()
    values = [value for given in known.values() for value in given]
    odd = ODD_JSON + ODD_YAML
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(sorted(known)))
        holder = document
        for name in path[:-1]:
            if not isinstance(holder.get(name), dict):
                holder[name] = {}
            holder = holder[name]
        value = draw(st.sampled_from(known[path]) | st.sampled_from(values) | st.sampled_from(odd))
        # An axis is a list; so a list of odd values is one as well.
        holder[path[-1]] = [value] if draw(st.integers(0, 3)) == 0 else value
    return written(taken_apart(document))


@functools.cache
def _settings_in_use() -> dict[tuple[str, ...], list[Any]]:
    """{path: values} over the repository's experiments; "presets" hold what others do too."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for file in sorted((ROOT / "config" / "experiments").glob("*.yaml")):
        todo = [((), YAML(typ="safe", pure=True).load(file))]
        while todo:
            path, value = todo.pop()
            if isinstance(value, dict):
                todo.extend(((*path, str(name)), item) for name, item in value.items())
            if path and value not in found.setdefault(path, []):
                found[path].append(value)
    return found


# --- archives ---------------------------------------------------------------------------------
@st.composite
def _archive(draw: st.DrawFn, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    what = draw(st.sampled_from(("metadata", "metadata", "metadata", "name", "more", "twice",
                                 "drop", "chunk", "deflate", "lie", "lie", "bomb")))  # fmt: skip
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
        members[at] = (members[at][0], draw(_bytes(members[at][1])))
    elif what == "deflate":
        compression = zipfile.ZIP_DEFLATED
        members.append(("big", b"\x00" * draw(st.sampled_from((1, 50_000_000)))))
    elif what == "bomb":
        members = _with_bomb(members)
    packed = _packed(members, compression)
    return _with_lie(draw, packed) if what == "lie" else packed


def _packed(members: list[tuple[str, bytes]], compression: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            info = zipfile.ZipInfo("x")
            # The constructor would cut the name at a NUL and turn backslashes.
            info.filename, info.compress_type = name, compression
            with warnings.catch_warnings(action="ignore"):  # a name twice is meant
                archive.writestr(info, content)
    return file.getvalue()


def _with_lie(draw: st.DrawFn, packed: bytes) -> bytes:
    """Another number in a field of the directory: sizes, checksum, offset, method, flags."""
    changed = bytearray(packed)
    entries, at = [], packed.find(b"PK\x01\x02")
    while at >= 0:
        entries.append(at)
        at = packed.find(b"PK\x01\x02", at + 4)
    entry = draw(st.sampled_from(entries))
    field, size = draw(st.sampled_from(((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"),
                                        (28, "H"), (30, "H"), (42, "I"))))  # fmt: skip
    value = draw(st.sampled_from((0, 1, 8, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)))
    struct.pack_into(f"<{size}", changed, entry + field, value & (0xFFFF if size == "H" else ~0))
    return bytes(changed)


def _with_bomb(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
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


# --- figures ----------------------------------------------------------------------------------
@st.composite
def _identity(draw: st.DrawFn, record: dict[str, Any]) -> str:
    """What a figure says of itself, spoiled."""
    what = draw(st.sampled_from(("tree", "tree", "tree", "cubes", "long")))
    if what == "tree":
        return draw(spoiled_trees(record))
    if what == "cubes":
        many = {f"cube c{n}": "ab" * 32 for n in range(draw(st.sampled_from((1, 100_000))))}
        return json.dumps({**record, **many})
    name, value = draw(st.sampled_from(sorted(record))), draw(st.sampled_from(ODD_JSON))
    return written(Raw(json.dumps({**record, name: None}).replace("null", written(value))))


@st.composite
def _pdf(draw: st.DrawFn, content: bytes) -> bytes:
    import pikepdf

    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        attached = document.attachments["layeratlas.json"]
        record = json.loads(attached.get_file().read_bytes())
        what = draw(st.sampled_from(("text", "text", "text", "bomb", "gone", "both", "type")))
        text = draw(_identity(record)).encode("utf-8", "replace")
        del document.attachments["layeratlas.json"]
        if what not in ("gone", "both"):
            spec = pikepdf.AttachedFileSpec(document, text, filename="layeratlas.json")
            document.attachments["layeratlas.json"] = spec
            if what == "bomb":
                twice = pikepdf.Array([pikepdf.Name.FlateDecode] * 2)
                spec.get_file().obj.write(zlib.compress(_blanks()), filter=twice)
            if what == "type":
                spec.obj.EF = draw(st.sampled_from((pikepdf.Array([]), pikepdf.Dictionary())))
        elif what == "gone":
            document.docinfo["/Keywords"] = text.decode()[:1_000_000]
        else:
            del document.docinfo["/Keywords"]
        document.save(file, compress_streams=True)
    return file.getvalue()


@st.composite
def _png(draw: st.DrawFn, content: bytes) -> bytes:
    at = content.index(b"tEXtlayeratlas\x00") - 4
    (size,) = struct.unpack(">I", content[at : at + 4])
    record = json.loads(content[at + 19 : at + 8 + size])
    text = draw(_identity(record)).encode("latin-1", "replace")
    what = draw(st.sampled_from(("text", "text", "text", "bomb", "late", "size", "short")))
    chunk = _png_chunk(b"tEXt", b"layeratlas\x00" + text)
    if what == "bomb":
        chunk = _png_chunk(b"zTXt", b"layeratlas\x00\x00" + _blanks())
    rest = content[at + 12 + size :]
    if what == "size":
        lie = draw(st.sampled_from((0, 1, 2**31 - 1, 2**32 - 1)))
        chunk = struct.pack(">I", lie) + chunk[4:]
    if what == "late":
        rest, chunk = rest[:-12] + chunk + rest[-12:], b""
    header = content[:at]
    if what == "short":
        sides = struct.pack(">II", *draw(st.sampled_from(((0, 0), (2**31 - 1, 2**31 - 1)))))
        header = header[:16] + sides + header[24:29] + struct.pack(
            ">I", zlib.crc32(header[12:16] + sides + header[24:29])) + header[33:]  # fmt: skip
    return header + chunk + rest


@functools.cache
def _blanks() -> bytes:
    """1.5 GiB of blanks in 1.5 MB, as zlib packs them; which itself packs well."""
    block, packer = b" " * (1 << 20), zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, checksum = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH), 1
    for _ in range(1536):
        checksum = zlib.adler32(block, checksum)
    return b"\x78\xda" + packed * 1536 + packer.flush() + struct.pack(">I", checksum)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@st.composite
def _svg(draw: st.DrawFn, content: bytes) -> bytes:
    from xml.sax.saxutils import escape, unescape

    text = content.decode()
    begin, end = text.index("<dc:description>") + 16, text.index("</dc:description>")
    record = json.loads(unescape(text[begin:end], {"&quot;": '"'}))
    what = draw(st.sampled_from(("text", "text", "text", "laughs", "entity", "twice", "deep")))
    said = escape(draw(_identity(record)))
    if what in ("laughs", "entity"):
        said = "&z;"
    head, tail = text[:begin], text[end:]
    if what == "laughs":
        entities = '<!ENTITY a "ha">' + "".join(
            f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(24)
        ) + '<!ENTITY z "&y;">'  # fmt: skip
        head = _with_doctype(head, entities)
    if what == "entity":
        head = _with_doctype(head, f'<!ENTITY z SYSTEM "file://{OUTSIDE}/secret.json">')
    if what == "twice":
        said = f"{said}</dc:description><dc:description>{said}"
    if what == "deep":
        said = "<g>" * 100_000 + "</g>" * 100_000
    return (head + said + tail).encode("utf-8", "replace")


def _with_doctype(head: str, entities: str) -> str:
    begin = head.index("<svg")
    before = head[: head.index("<!DOCTYPE")] if "<!DOCTYPE" in head else head[:begin]
    return f"{before}<!DOCTYPE svg [{entities}]>{head[begin:]}"


# --- words ------------------------------------------------------------------------------------
_KEYS = ("preset", "data_dir", "cache_dir", "download", "device", "save_every", "verbose", "x", "")
_VALUES = (
    "smoke", "paper", "null", "true", "false", "1", "0", "-1", "1e400", "nan", ".inf", "010",
    "1:30", "~", "~nosuch", "~nosuch/x", "''", "[]", "{}", "{a: 1}", "[smoke]", "cuda", "cpu",
    "x" * 100_000, "1" + "0" * 5000, "[" * 2000, "&a [*a]", "!!python/name:os.system", "\x1b[31m",
    "..", f"{OUTSIDE}/x", "{x}", "%s", "yes", "2001-01-01", "'", '"', ":", "=", "a=b",
    "\udce9", "1_0",
)  # fmt: skip
_LINES = (
    "lineage figures/first_order_chain.pdf", "lineage X --graph svg -o ../out/drawn.svg",
    "dependents digits", "dependents X --json", "diff first_order_chain@1 first_order_chain@2",
    "diff X first_order_chain --preset smoke", "compare results/smoke results/smoke",
    "compare X results/smoke/cubes", "stale --preset smoke", "stale --check", "verify X",
    "verify figures X --json", "log --since 3d", "log --until X --limit 3", "log --status ok -n X",
    "log --rule train --experiment X --figure X", "versions first_order_chain", "versions X",
    "pin first_order_chain@1 kept", "pin X X", "crate figures/first_order_chain.pdf ../out/crate",
    "crate X ../out/crate.zip", "crate first_order_chain@1 X", "store gc", "store gc --apply",
    "store X", "log --root X", "verify --root X",
)  # fmt: skip
_ARGUMENTS = (
    "lineage", "dependents", "diff", "compare", "stale", "verify", "log", "versions", "pin",
    "crate", "store", "gc", "--json", "--root", "--apply", "--since", "--until", "--limit", "-n",
    "--graph", "svg", "-o", "--preset", "--status", "ok", "--rule", "--check",
    "--all", "--help", "--version",
    "figures/first_order_chain.pdf", "results/smoke/cubes/first_order_chain.zarr.zip",
    "first_order_chain", "first_order_chain@1", "first_order_chain@", "@",
    "smoke/first_order_chain",
    "first_order_chain@9999-99-99", "first_order_chain@1e9", "/first_order_chain", "digits",
    "000000",
    "abcdef", "f" * 64, "f" * 65, "", " ", ".", "..", "/", "~", "results", "results/smoke", "store",
    "provenance/records", "config/config.yaml", "nothing.pdf", "nothing.zarr.zip", "x" * 5000,
    "\x1b[31m", "\u202e", "\udce9", "[bold]", "%s", "*", "-1", "0", "3d", "99999999999d", "1e400d",
    "-3d", "2031-05-17", "0000-00-00", "9999-12-31", "3000000000", "10" * 30, "../out/new",
    "../out",
    f"{OUTSIDE}/secret.pdf", "../outside/secret.zarr.zip", "crates/first_order_chain.crate.zip",
    "data/reference/README.md", "scripts", "store/pins.json", "provenance/index.sqlite",
)  # fmt: skip


def _settings() -> st.SearchStrategy[bytes]:
    """Words after `--config`."""
    one = st.tuples(st.sampled_from(_KEYS), st.sampled_from(_VALUES)).map("=".join)
    bare = st.sampled_from(_VALUES)
    return st.lists(st.one_of(one, one, one, bare), min_size=1, max_size=2).map(_as_json)


@st.composite
def _command(draw: st.DrawFn) -> bytes:
    """A command line of `layeratlas`, in which one or two words are others."""
    words = draw(st.sampled_from(_LINES)).split(" ")
    for _ in range(draw(st.integers(1, 2))):
        at, word = draw(st.integers(0, len(words))), draw(st.sampled_from(_ARGUMENTS))
        # Most of the time an argument: without its command, all lines are refused alike.
        words[max(at, draw(st.sampled_from((0, 1, 1, 1)))) : at + draw(st.integers(0, 1))] = [word]
    return _as_json(words)


def _as_json(words: list[str]) -> bytes:
    return json.dumps(words).encode()


_FORMS = {
    "json": _json,
    "yaml": _yaml,
    "archive": _archive,
    "pdf": _pdf,
    "png": _png,
    "svg": _svg,
}
_WORDS = {"settings": _settings, "command": _command}
