"""Whether every address on built pages leads somewhere, and none is asked of a network.

Links that a reader may follow out of the site are his own affair; what a page loads by itself is
not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["broken", "outside"]

#: Attributes that load what they name, of any element but a link to follow.
_LOADING = ("src", "href", "srcset", "data", "poster")
_FOLLOWED = ("a", "area")
#: Relations of <link> that name something and load nothing.
_NAMING = ("canonical", "alternate", "next", "prev", "author", "license", "help", "search")


@dataclass
class _Page:
    followed: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = _Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.page.places |= {given[name] for name in ("id", "name") if name in given}
        if tag in _FOLLOWED:
            self.page.followed += [given["href"]] if "href" in given else []
            return
        if tag == "link" and given.get("rel", "").split()[:1] in [[name] for name in _NAMING]:
            return
        for name in _LOADING:
            if name in given:
                parts = given[name].split(",") if name == "srcset" else [given[name]]
                self.page.loaded += [part.split()[0] for part in parts if part.split()]


def _pages(site: Path) -> dict[Path, _Page]:
    found = {}
    for path in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        found[path.resolve()] = reader.page
    return found


def broken(site: Path) -> list[str]:
    """A sentence for each address in a built site that leads to no file, or no place in a page."""
    site = site.resolve()
    pages = _pages(site)
    wrong = []
    for path, page in pages.items():
        # Served for addresses that are not there, it names all from the top.
        base = site if path.name == "404.html" else path.parent
        for address in dict.fromkeys((*page.followed, *page.loaded)):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = _target(base, site, unquote(parts.path)) if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file():
                wrong.append(f"{path.relative_to(site)}: {address} leads to no file")
            elif place and target in pages and place not in pages[target].places:
                wrong.append(f"{path.relative_to(site)}: {address}: there is no such place")
    return wrong


def _target(base: Path, site: Path, path: str) -> Path:
    found = (site / path.lstrip("/") if path.startswith("/") else base / path).resolve()
    return found / "index.html" if found.is_dir() else found


def outside(site: Path) -> list[str]:
    """A sentence for each thing that a page of a built site loads from elsewhere by itself."""
    return [
        f"{path.relative_to(site.resolve())}: loads {address}"
        for path, page in _pages(site).items()
        for address in page.loaded
        if urlsplit(address).netloc or urlsplit(address).scheme in ("http", "https")
    ]
