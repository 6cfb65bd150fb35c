"""What a figure was made from, as text inside its file: sealed when written, checked when read.

An identity is one JSON object of texts: figure, preset, hashes of code and configuration, and for
each cube "cube NAME" with its content hash. A figure may come from anywhere, so what it says is
believed only within bounds, and a name only if it can be the name of a cube.

The *mark* of a figure is its identity's seal. It is known before the figure is drawn, so its first
digits can stand in the figure, where print and screenshots keep them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from layeratlas.bounded.documents import parse_json
from layeratlas.bounded.files import KIB
from layeratlas.bounded.seals import SEAL, check_seal, seal_of, sealed
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

LONGEST = 64 * KIB
"""Bytes of an identity: one of a hundred cubes has a third of that."""
MOST_CUBES = 100
CUBE = "cube "
SHOWN = 7
"""Digits of a mark that a figure shows: among a thousand drawings two agree once in 500 stores,
and who asks then is shown both."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}")
_HASH = re.compile(r"[0-9a-f]{64}")


def identity_text(identity: Mapping[str, str], indent: int | None = None) -> str:
    """The identity with its seal as JSON in ASCII: what `parse_identity` takes."""
    return json.dumps(sealed(identity), sort_keys=True, ensure_ascii=True, indent=indent)


def mark_of(identity: Mapping[str, str]) -> str:
    """The mark of a figure with this identity: 64 hexadecimal digits, the identity's seal."""
    return seal_of(identity)


def mark_text(identity: Mapping[str, str]) -> str:
    """What a reader of the figure sees of its mark, "Layer Atlas 3f9a2c7"; "" for no identity."""
    return f"Layer Atlas {mark_of(identity)[:SHOWN]}" if identity else ""


def comment(identity: Mapping[str, str]) -> str:
    """Mark and identity on one line, to stand in a comment of LaTeX or Markdown."""
    # A comment of Markdown ends at "-->", which no JSON needs to hold.
    return f"{mark_text(identity)} {identity_text(identity)}".replace(">", "\\u003e")


def parse_identity(text: str | bytes, path: Path) -> dict[str, str]:
    """The identity in `text`, which the figure `path` carries, without its seal.

    UnreadableError where it is none: no JSON object of texts, longer than `LONGEST`, not what its
    seal says (older figures have none), with more than `MOST_CUBES` cubes, or with a cube or preset
    of an impossible name or hash.
    """
    if len(text) > LONGEST:
        raise UnreadableError(path, f"carries an identity of more than {LONGEST} bytes")
    identity = parse_json(text, path)
    check_seal(identity, path)
    identity.pop(SEAL, None)
    for key, value in identity.items():
        if not isinstance(value, str):
            raise UnreadableError(
                path,
                f"says {quoted(key, 40)} {quoted(value, 40)} of itself; it should be text",
            )
    cubes = {key.removeprefix(CUBE): identity[key] for key in identity if key.startswith(CUBE)}
    if len(cubes) > MOST_CUBES:
        raise UnreadableError(path, f"names {len(cubes)} cubes; no figure has over {MOST_CUBES}")
    for name, content in cubes.items():
        if not _NAME.fullmatch(name) or not _HASH.fullmatch(content):
            raise UnreadableError(
                path,
                f"names the cube {quoted(name, 60)} with content {quoted(content, 80)}; it should "
                "be a name and 64 hexadecimal digits",
            )
    if not _NAME.fullmatch(identity.get("preset", "none")):
        raise UnreadableError(path, f"names the preset {quoted(identity['preset'], 60)}")
    return identity
