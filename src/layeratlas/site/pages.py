"""Documents of the repository as pages of the site: which there are, and where links lead then."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from layeratlas.errors import ConfigError

__all__ = ["PAGES", "documents", "rewritten", "write_documents"]

#: File of the repository → page, besides `docs/<name>.md` → `<name>.md`.
PAGES: Mapping[str, str] = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "CITATION.cff": "citation.md",
    "LICENSE": "licence.md",
    "benchmarks/README.md": "benchmarks.md",
    "config/README.md": "config.md",
    "data/README.md": "data.md",
    "docs/notebooks/README.md": "notebooks/index.md",
    "src/layeratlas/storage/README.md": "storage.md",
}
#: What is no Markdown, with its title.
_VERBATIM = {"CITATION.cff": "Citation", "LICENSE": "Licence"}
_FENCE = re.compile(r"^( *)```.*?^\1```[^\S\n]*$", re.M | re.S)
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def documents(source: Path) -> dict[str, str]:
    """Every document of a clone → its page."""
    docs = {f"docs/{path.name}": path.name for path in sorted((source / "docs").glob("*.md"))}
    notebooks = {
        f"docs/notebooks/{path.name}": f"notebooks/{path.stem}.md"
        for path in sorted((source / "docs" / "notebooks").glob("*.py"))
    }
    return {**PAGES, **docs, **notebooks}


def write_documents(source: Path, into: Path) -> None:
    """Write the page of every document but notebooks, and the pictures that they show."""
    known = documents(source)
    shutil.copytree(source / "docs" / "images", into / "images", dirs_exist_ok=True)
    for document, page in known.items():
        if document.endswith(".py"):
            continue
        text = (source / document).read_text(encoding="utf-8")
        if document in _VERBATIM:
            text = f"# {_VERBATIM[document]}\n\n```text\n{text.rstrip()}\n```\n"
        else:
            text = rewritten(text, document, page, known)
        (into / page).parent.mkdir(parents=True, exist_ok=True)
        (into / page).write_text(text, encoding="utf-8")


def rewritten(text: str, document: str, page: str, known: Mapping[str, str]) -> str:
    """The text of a document with links that lead to pages, lists set off as every builder asks.

    ConfigError where a link leads to a file that is no page and no picture.
    """

    def link(match: re.Match[str]) -> str:
        return f"{match[1]}{_address(match[2], document, page, known)}{match[3]}"

    def prose(part: str) -> str:
        return _separated(_LINK.sub(link, part))

    pieces, last = [], 0
    for fence in _FENCE.finditer(text):
        pieces += [prose(text[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*pieces, prose(text[last:])])


def _separated(text: str) -> str:
    """A list that follows a line of text is a list with a blank line before it alone."""
    lines: list[str] = []
    for line in text.split("\n"):
        before = lines[-1] if lines else ""
        starts = re.match(r"(?:[-*]|\d+\.) ", line)
        if starts and before.strip() and not re.match(r"\s+|(?:[-*]|\d+\.) ", before):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _address(address: str, document: str, page: str, known: Mapping[str, str]) -> str:
    path, sign, place = address.partition("#")
    if not path or "://" in address or address.startswith("mailto:"):
        return address
    target = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
    if target.startswith("docs/images/"):
        found = target.removeprefix("docs/")
    elif target in known:
        found = known[target]
    else:
        raise ConfigError(f"{document}: links to {target}, which is no page of the site")
    return f"{posixpath.relpath(found, posixpath.dirname(page) or '.')}{sign}{place}"
