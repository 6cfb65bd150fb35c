"""Spoiled files of every form, drawn by hypothesis: bytes from the bytes of a good one."""

from __future__ import annotations

import functools
import json
from typing import Any

import hypothesis.strategies as st
from ruamel.yaml import YAML

from made.fuzzing.archives import spoiled_archive
from made.fuzzing.corpus import ROOT
from made.fuzzing.documents import (
    ODD_JSON,
    ODD_YAML,
    sealed_anew,
    spoiled_bytes,
    spoiled_trees,
    taken_apart,
    written,
)
from made.fuzzing.figures import spoiled_pdf, spoiled_png, spoiled_svg
from made.fuzzing.lines import command_words, settings_words


def spoiled(form: str, content: bytes) -> st.SearchStrategy[bytes]:
    """Mutations of a file of a form: json, yaml, archive, pdf, png, svg, bytes; or words of a
    command line, as JSON."""
    if form in _WORDS:
        return _WORDS[form]()
    plain = spoiled_bytes(content)
    if form == "bytes":
        return plain
    # Most of what random bytes do is refused at once, and alike.
    return st.integers(0, 4).flatmap(
        lambda n: plain if n == 0 else _FORMS[form](content)  # type: ignore[operator]
    )


@st.composite
def spoiled_json(draw: st.DrawFn, content: bytes) -> bytes:
    text = draw(sealed_anew(spoiled_trees(json.loads(content))))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def spoiled_yaml(draw: st.DrawFn, content: bytes) -> bytes:
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


_FORMS = {
    "json": spoiled_json,
    "yaml": spoiled_yaml,
    "archive": spoiled_archive,
    "pdf": spoiled_pdf,
    "png": spoiled_png,
    "svg": spoiled_svg,
}
_WORDS = {"settings": settings_words, "command": command_words}
