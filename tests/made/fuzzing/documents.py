"""Documents taken apart, changed where it may hurt, and written again.

A tree is scalars, lists, and mappings as lists of (key, value), so that a key may stand twice.
`Raw` is text that is written as it is: what no writer of JSON would write.
"""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st

from layeratlas.bounded.seals import SEAL, sealed

OUTSIDE = "/nowhere/outside"
"""In a mutation: a folder that is not there, and that nobody may look for or make."""


@dataclass(frozen=True)
class Raw:
    text: str


@dataclass
class Pairs:
    """A mapping."""

    items: list[tuple[Any, Any]]


def taken_apart(value: Any) -> Any:
    """Plain data as a tree."""
    if isinstance(value, dict):
        return Pairs([(key, taken_apart(item)) for key, item in value.items()])
    return [taken_apart(item) for item in value] if isinstance(value, list) else value


def written(tree: Any) -> str:
    """A tree as text: JSON, where nothing raw says otherwise, and thereby YAML."""
    if isinstance(tree, Raw):
        return tree.text
    if isinstance(tree, Pairs):
        inner = (f"{written(key)}: {written(value)}" for key, value in tree.items)
        return "{" + ", ".join(inner) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(written, tree)) + "]"
    return json.dumps(tree)


_DEEP = 200_000
ODD_JSON: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 0.5, -0.0, 1e300, 5e-324, 2**31, 2**53 + 1, 2**63 - 1, 2**63,
    2**64, -(2**63) - 1, 10**9, 10**30, "", " ", "0", "x", ".", "..", "../..", "/", "\\", "a\nb",
    "../outside/secret.json", "../outside/secret.zarr.zip", f"{OUTSIDE}/secret.json",
    f"{OUTSIDE}/new.json", "~/.layeratlas", "~nosuch/x", "\x00", "a\x00b", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07", "\u202e", "\u2028", "[bold]x[/bold]", "[/]", "{0.__class__}", "%s%n", "NaN",
    "inf", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", "yesterday", "1e3", "0x10",
    "a" * 300, "../" * 50 + "x", "x/" * 2500 + "x", "long " * 20_000, "f" * 64, "0" * 64,
    [], [None], [[]], [0] * 10_000, ["x"] * 1000, Pairs([]), Pairs([("", None)]),
    Pairs([(str(n), n) for n in range(1000)]),
    Raw("1" + "0" * 5000), Raw("1e400"), Raw("-1e400"), Raw("NaN"), Raw("Infinity"),
    Raw('"\\ud800"'), Raw("[" * _DEEP + "]" * _DEEP), Raw('{"a":' * 5000 + "1" + "}" * 5000),
    Raw("[" * 70 + "]" * 70), Raw("[" * _DEEP), Raw("nul"), Raw("'x'"), Raw("01"), Raw("+1"),
    Raw("[" + "0," * 300_000 + "0]"),
)  # fmt: skip
"""Values of every wrong sort."""
ODD_YAML: tuple[Any, ...] = (
    Raw("010"), Raw("1:30"), Raw("0x10"), Raw("0o17"), Raw("1_000"), Raw(".inf"), Raw("-.inf"),
    Raw(".nan"), Raw("~"), Raw("yes"), Raw("no"), Raw("on"), Raw("2001-01-01"),
    Raw("2001-01-01T00:00:00Z"), Raw("*missing"), Raw("&a [*a]"), Raw("&a {b: *a}"), Raw("! x"),
    Raw(f"!!python/object/apply:os.system ['touch {OUTSIDE}/run']"), Raw("!!binary aGFsbG8="),
    Raw("!!set {a, b}"), Raw("!!omap [a: 1]"), Raw("!!float x"), Raw("!!int 1.5"),
    Raw("{? [a] : b}"),
    Raw("[&a [x, x, x, x, x, x, x, x, x, x], " + ", ".join(
        f"&{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]" for n in range(8)) + "]"),
    Raw("{start: 0, stop: 1, num: 10000000}"), Raw("{range: [0, 1, 1e-9]}"),
    Raw("{every: 1e-9}"), Raw("{every: 1}"), Raw("[0.3, 0.30000000000000004]"),
    Raw("[1, 1.0, true]"),
    Raw("[" + ", ".join(map(str, range(5000))) + "]"), 10**7, 0.30000000000000004, 1e-9, -1e-300,
    "training", "simulation", "probe", "fit", ["training"], "third", "smoke", "paper", "full",
    "${x}", "$(touch x)", "{x}", "digits", "mnist", "cifar10", "phase_diagram",
    "network_trajectories",
)  # fmt: skip
"""What YAML has besides, and words of the configuration where they do not belong."""
_PATHS = (
    "../outside/secret.json", "../outside/secret.zarr.zip", "../outside/secret.pdf",
    f"{OUTSIDE}/secret.json", "/etc/passwd", "results/../../outside/secret.json", "./x", "x//y",
    "results/smoke/cubes/\x00.zarr.zip", "results/smoke/cubes/x\\y.zarr.zip", "~/x", "results",
)  # fmt: skip
_TIMES = (
    "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+00:00", "2026-01-01",
    "2026-01-01T00:00", "9999-12-31T23:59:59-23:59", "2026-13-01T00:00:00+00:00",
    "2026-01-01T00:00:00Z", "now",)  # fmt: skip
_SIZES = (0, -1, 1, 10**9, 10**18, 2**63 - 1)
_SORTS: dict[str, tuple[Any, ...]] = {
    "path": _PATHS, "file": _PATHS, "diff": ("../" * 3 + "outside/secret", "x" * 64, "f" * 64),
    "digest": ("../../outside/secret", "0" * 64, "F" * 64, "0" * 63), "id": (*_PATHS, "."),
    "started": _TIMES, "ended": _TIMES, "size": _SIZES, "chunk_shape": ([0], [-1], [1], [10**9]),
    "shape": ([0], [-1], [10**9], [10**30], [2**31, 2**31]), "status": ("failed", "running", ""),
    "key": (*_PATHS, "0" * 16), "name": (*_PATHS, "bytes", "gzip", "sharding_indexed", "crc32c"),
}  # fmt: skip
"""Of a key, what is odd for it."""
ODD_KEYS = ("", "x", "seal", "..", "\x1b[1m", "\x00", "digest", "path", "grid", "presets",
            "extends", "template", "seeds", "kind", "a" * 100_000, 1, None, True)  # fmt: skip


_CHANGES = ("value", "value", "alike", "alike", "alike", "key", "drop", "twice", "swap", "copy",
            "more", "number")  # fmt: skip


@st.composite
def spoiled_trees(draw: st.DrawFn, document: Any, *, yaml: bool = False) -> str:
    """The text of a document in which one to three things are wrong."""
    tree = taken_apart(document)
    odd = st.sampled_from(ODD_JSON + ODD_YAML if yaml else ODD_JSON).map(copy.deepcopy)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        tree = _spoil(draw, tree, odd)
    return written(tree)


@st.composite
def sealed_anew(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Half of the texts that carry a seal get one that fits: whoever edits a document can seal it,
    and a seal alone must not be what saves its reader."""
    text = draw(texts)
    if draw(st.booleans()):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            document = json.loads(text)
            if SEAL in document:
                return json.dumps(sealed(document), indent=1)
    return text


def _spoil(draw: st.DrawFn, tree: Any, odd: st.SearchStrategy[Any]) -> Any:
    """One change at one place."""
    places = list(_places(tree))
    if not places:
        return draw(odd)
    holder, at = draw(st.sampled_from(places))
    what = draw(st.sampled_from(_CHANGES))
    if what == "value":
        _set(holder, at, draw(odd))
    elif what == "alike":
        _set(holder, at, draw(_alike(holder, at)))
    elif what == "key" and isinstance(holder, Pairs):
        holder.items[at] = (draw(st.sampled_from(ODD_KEYS)), holder.items[at][1])
    elif what == "drop":
        _items(holder).pop(at)
    elif what == "twice":
        _items(holder).insert(draw(st.integers(0, at)), _items(holder)[at])
    elif what == "more":
        _items(holder).extend(
            [(draw(st.sampled_from(ODD_KEYS)), draw(odd))]
            if isinstance(holder, Pairs)
            else _items(holder) * draw(st.sampled_from((1, 50)))
        )
    elif what == "number" and type(_get(holder, at)) in (int, float):
        value = _get(holder, at)
        _set(holder, at, draw(st.sampled_from((-value, value + 1, value * 10, 1 / (value or 1)))))
    else:
        other, there = draw(st.sampled_from(places))
        if there < len(_items(other)):
            mine, theirs = _get(holder, at), _get(other, there)
            if not _inside(theirs, holder) and not _inside(mine, other):
                _set(holder, at, copy.deepcopy(theirs))
                if what == "swap":
                    _set(other, there, mine)
    return tree


def _alike(holder: Any, at: int) -> st.SearchStrategy[Any]:
    """Odd values of the type that is there, which get further than others; paths and times where
    there are some."""
    value = _get(holder, at)
    found: list[Any] = [one for one in ODD_JSON if type(one) is type(value)]
    if isinstance(holder, Pairs) and (given := _SORTS.get(str(holder.items[at][0]))):
        found = [*given] * (1 + len(found) // len(given)) + found
    return st.sampled_from(found or [value]).map(copy.deepcopy)


def _places(tree: Any) -> list[tuple[Any, int]]:
    """Every (holder, position) of a tree."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, list | Pairs):
            items = _items(node)
            found.extend((node, at) for at in range(min(len(items), 60)))
            todo.extend(_get(node, at) for at in range(min(len(items), 60)))
    return found


def _items(holder: Any) -> list[Any]:
    return holder.items if isinstance(holder, Pairs) else holder


def _get(holder: Any, at: int) -> Any:
    return holder.items[at][1] if isinstance(holder, Pairs) else holder[at]


def _set(holder: Any, at: int, value: Any) -> None:
    if isinstance(holder, Pairs):
        holder.items[at] = (holder.items[at][0], value)
    else:
        holder[at] = value


def _inside(tree: Any, node: Any) -> bool:
    """Whether `node` is in `tree`: put there, it would hold itself."""
    todo = [tree]
    while todo:
        one = todo.pop()
        if one is node:
            return True
        if isinstance(one, list | Pairs):
            todo.extend(_get(one, at) for at in range(len(_items(one))))
    return False


@st.composite
def spoiled_bytes(draw: st.DrawFn, content: bytes) -> bytes:
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
