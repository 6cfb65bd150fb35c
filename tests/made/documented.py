"""What README and docs tell people to type: blocks of code, and commands between backticks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "config/README.md",
    "docs/notebooks/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
)
#: Programs whose calls are commands, wherever they stand between backticks.
PROGRAMS = (
    "make", "snakemake", "layeratlas", "python", "sh", "git", "source", "sbatch", "kubectl",
    "apptainer", "rsync", "mkdir", "pip", "unzip",
)  # fmt: skip


#: What the documents make, as far as it is made here; the rest is planned.
MADE = (
    "figures/phase_diagram.pdf",
    "crates/phase_diagram.crate.zip",
    "export/phase_diagram_dropout.zarr",
    "export/phase_diagram_dropout.layers.nc",
)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its language, its text."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command line, without comment or prompt, continuation lines joined."""

    document: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line} {self.text}"

    @property
    def program(self) -> str:
        return self.text.split()[0].rpartition("/")[2]


_FENCE = re.compile(r"^([ ]*)```(\w*)\n(.*?)^\1```$", re.M | re.S)


def blocks(language: str | None = None) -> list[Block]:
    """Every fenced block of every document, or those of one language."""
    found = []
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            indent, spoken, inner = match.groups()
            plain = re.sub(rf"^{indent}", "", inner, flags=re.M)
            found.append(Block(document, text.count("\n", 0, match.start()) + 1, spoken, plain))
    return [block for block in found if language is None or block.language == language]


def commands() -> list[Command]:
    """Every command line of every document: of blocks without a language, and between backticks.

    A word in backticks that is no call (`layeratlas`, `make`) is none, nor is Python.
    """
    found = [one for block in blocks("") if not _is_drawing(block) for one in _lines(block)]
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        prose = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
        for match in re.finditer(rf"`((?:{'|'.join(PROGRAMS)})\s[^`]+)`", prose):
            line = prose.count("\n", 0, match.start()) + 1
            found.append(Command(document, line, " ".join(match[1].split())))
    return found


def _is_drawing(block: Block) -> bool:
    """An outline of rooms or rules, no commands."""
    return "→" in block.text or "►" in block.text


def _lines(block: Block) -> list[Command]:
    text = re.sub(r"\\\n\s*", "", block.text)
    lines = []
    for offset, line in enumerate(text.splitlines(), start=1):
        plain = re.sub(r"\s+#.*$", "", line).strip()
        lines += [Command(block.document, block.line + offset, plain)] if plain else []
    return lines
