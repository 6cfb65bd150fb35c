"""The page as one file of HTML: nothing in it asks the network for anything.

Style, modules of JavaScript, cubes and drawings are all inside. The same content gives the same
bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from layeratlas.atlas.budget import Piece, fitting
from layeratlas.errors import LayerAtlasError

__all__ = ["LARGE", "WEB", "modules", "page"]

#: Of the budget: what takes more than this comes last.
LARGE = 0.03

WEB = Path(__file__).with_name("web")
#: Scripts are those of the page alone, by their hashes; their modules come as data, since a file
#: has no others. None evaluates text. Styles stand in the page, pictures are made of what it holds,
#: and cubes may be fetched from an address that the reader gives. All else a browser refuses.
_POLICY = (
    "default-src 'none'; script-src {scripts} data:; style-src 'unsafe-inline'; img-src data:; "
    "connect-src https: http:; base-uri 'none'; form-action 'none'"
)
_BUNDLE = "vendor/zarrita.js"
_LICENCES = "vendor/zarrita.LICENSES.txt"


def page(
    contents: Mapping[str, Any],
    cubes: Mapping[str, Path],
    drawings: Mapping[str, Path],
    *,
    budget: float,
    web: Path = WEB,
) -> str:
    """The text of the page: what `contents` tells, and of `cubes` (by experiment) and `drawings`
    (SVG, by figure) as many as fit into `budget` bytes in all.

    First come drawings, as a reader looks at these first, then cubes, both in the order of
    figures; then other cubes. What takes more than `LARGE` of the budget waits until all else is
    inside. What does not fit the page says, and where it can be opened from. LayerAtlasError where
    not even the page without any of them fits.
    """
    packed = {f"drawing-{name}": _packed(path.read_bytes()) for name, path in drawings.items()}
    packed |= {f"cube-{name}": _packed(path.read_bytes()) for name, path in cubes.items()}
    figures = contents["figures"]
    wanted = [f"drawing-{name}" for name in figures]
    wanted += [f"cube-{name}" for figure in figures.values() for name in figure["experiments"]]
    wanted += [f"cube-{name}" for name in cubes]
    pieces = [Piece(key, len(packed[key])) for key in dict.fromkeys(wanted) if key in packed]
    pieces.sort(key=lambda piece: piece.size > LARGE * budget)
    # What holds a part stands in the page as well: room for all of them is kept.
    bare = len(_html(contents, dict.fromkeys(packed, ""), web).encode())
    if bare > budget:
        raise LayerAtlasError(
            f"the page takes {bare / 1e6:.2f} MB without any cube, more than atlas.budget_mb "
            f"allows ({budget / 1e6:g}); allow more, or name fewer figures in atlas.figures"
        )
    inside = fitting(pieces, int(budget) - bare)
    return _html(contents, {key: packed[key] for key in sorted(inside)}, web)


def _packed(content: bytes) -> str:
    """As the page holds it. A small cube is metadata for the most part, so this halves the page."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def modules(web: Path = WEB) -> dict[str, Path]:
    """Modules of the page, as they import each other, "atlas/<file without suffix>" → file."""
    return {f"atlas/{path.stem}": path for path in sorted(web.glob("*.js"))}


def _html(contents: Mapping[str, Any], held: Mapping[str, str], web: Path) -> str:
    preset = escape(str(contents["preset"]), quote=True)
    skeleton = (web / "skeleton.html").read_text(encoding="utf-8")
    style = (web / "style.css").read_text(encoding="utf-8")
    # Modules find each other by name; without a server there are no files to import.
    imports = {name: _module(path) for name, path in modules(web).items()}
    told = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode()
    filled = {
        "PRESET": preset,
        "POLICY": "{{POLICY}}",
        "STYLE": style.strip(),
        "CONTENTS": _packed(told),
        "HELD": "\n".join(
            f'<script type="text/plain" id="{key}">{part}</script>' for key, part in held.items()
        ),
        # No markup: text of a script, as it is.
        "LICENCES": (web / _LICENCES).read_text(encoding="utf-8").replace("</", "< /"),
        "BUNDLE": bundle(web),
        "IMPORTS": json.dumps({"imports": imports}, separators=(",", ":")),
    }
    text = re.sub(r"\{\{([A-Z]+)\}\}", lambda found: filled[found[1]], skeleton)
    return text.replace("{{POLICY}}", _policy(text), 1)


def _policy(text: str) -> str:
    """The policy of a page, with the hash of every script that is run as it stands in the page."""
    scripts = re.findall(r'<script(?: type="(?:importmap|module)")?>(.*?)</script>', text, re.S)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    hashes = (f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _POLICY.format(scripts=" ".join(hashes))


def bundle(web: Path = WEB) -> str:
    """zarrita.js as a classic script that defines `zarrita`, checked against its checksum."""
    content = (web / _BUNDLE).read_bytes()
    said = (web / f"{_BUNDLE}.sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(content).hexdigest() != said:
        raise LayerAtlasError(
            f"{_BUNDLE} is not the bundle that its checksum is of; make it again: sh bundle/make.sh"
        )
    return content.decode()


def _module(path: Path) -> str:
    return "data:text/javascript;base64," + base64.b64encode(path.read_bytes()).decode()
