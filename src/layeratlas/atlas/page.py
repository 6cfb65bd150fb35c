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

from layeratlas.atlas.budget import Piece, base64_length, fitting
from layeratlas.errors import LayerAtlasError

__all__ = ["WEB", "modules", "page"]

WEB = Path(__file__).with_name("web")
#: Modules come with the page (blosc's glue evaluates text of its own), styles stand in it, pictures
#: are made of what it holds, and cubes may be fetched from an address that the reader gives. All
#: else a browser refuses.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data:; "
    "style-src 'unsafe-inline'; img-src data:; connect-src https: http: data:; "
    "base-uri 'none'; form-action 'none'"
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

    Figures come in their order, each with its drawing and its cubes, smaller ones first; then other
    cubes. What does not fit the page says, and where it can be opened from. LayerAtlasError where
    not even the page without any of them fits.
    """
    packed = {name: gzip.compress(path.read_bytes(), 9, mtime=0) for name, path in drawings.items()}
    pieces = []
    for name, figure in contents["figures"].items():
        if name in packed:
            pieces.append(Piece(f"drawing-{name}", base64_length(len(packed[name]))))
        pieces += _of_cubes(figure["experiments"], cubes)
    pieces += _of_cubes(cubes, cubes)
    # Keys of what is inside stand in the page as well: room for all of them is kept.
    parts = dict.fromkeys((piece.key for piece in pieces), "")
    bare = len(_html(contents, sorted(parts), parts, web).encode())
    if bare > budget:
        raise LayerAtlasError(
            f"the page takes {bare / 1e6:.2f} MB without any cube, more than atlas.budget_mb "
            f"allows ({budget / 1e6:g}); allow more, or name fewer figures in atlas.figures"
        )
    inside = fitting(pieces, int(budget) - bare)
    held = {}
    for name, content in packed.items():
        if f"drawing-{name}" in inside:
            held[f"drawing-{name}"] = base64.b64encode(content).decode()
    for name, path in cubes.items():
        if f"cube-{name}" in inside:
            held[f"cube-{name}"] = base64.b64encode(path.read_bytes()).decode()
    return _html(contents, sorted(held), held, web)


def _of_cubes(names: Any, cubes: Mapping[str, Path]) -> list[Piece]:
    found = [
        Piece(f"cube-{name}", base64_length(cubes[name].stat().st_size))
        for name in names
        if name in cubes
    ]
    return sorted(found, key=lambda piece: (piece.size, piece.key))


def modules(web: Path = WEB) -> dict[str, Path]:
    """Modules of the page, as they import each other, "atlas/<file without suffix>" → file."""
    return {f"atlas/{path.stem}": path for path in sorted(web.glob("*.js"))}


def _html(
    contents: Mapping[str, Any], inside: list[str], held: Mapping[str, str], web: Path
) -> str:
    preset = escape(str(contents["preset"]), quote=True)
    skeleton = (web / "skeleton.html").read_text(encoding="utf-8")
    style = (web / "style.css").read_text(encoding="utf-8")
    # Modules find each other by name; without a server there are no files to import.
    imports = {name: _module(path) for name, path in modules(web).items()}
    told = {**contents, "inside": inside}
    filled = {
        "PRESET": preset,
        "POLICY": _POLICY,
        "STYLE": style.strip(),
        "CONTENTS": _in_script(json.dumps(told, ensure_ascii=False, separators=(",", ":"))),
        "HELD": "\n".join(
            f'<script type="text/plain" id="{name}">{held[name]}</script>' for name in inside
        ),
        # No markup: text of a script, as it is.
        "LICENCES": (web / _LICENCES).read_text(encoding="utf-8").replace("</", "< /"),
        "BUNDLE": bundle(web),
        "IMPORTS": json.dumps({"imports": imports}, separators=(",", ":")),
    }
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: filled[found[1]], skeleton)


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


def _in_script(text: str) -> str:
    """JSON that no end of a script can stand in."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
