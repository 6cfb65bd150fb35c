"""Texts that are read character by character: files, checksums, vocabularies, licences. Light.

What planning must know of a text stands here, so that it needs no file: how many characters there
are, and which.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layeratlas.datasets.source import DataFile

__all__ = ["CORPORA", "Corpus"]


@dataclass(frozen=True)
class Corpus:
    """One text: `n` characters, of which `vocabulary` lists the different ones, sorted."""

    name: str
    title: str
    file: DataFile
    n: int
    vocabulary: str
    licence: str
    citation: str
    note: str = ""
    layouts: tuple[Mapping[str, DataFile], ...] = field(default=())

    @property
    def files(self) -> Mapping[str, DataFile]:
        """By role, as of a source of images."""
        return {"text": self.file}

    def identity(self) -> dict[str, Any]:
        """What determines the characters, as plain JSON."""
        return {"checksum": self.file.checksum, "n": self.n, "vocabulary": self.vocabulary}


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name="tiny_shakespeare",
            title="tiny Shakespeare: 40,000 lines of plays",
            file=DataFile(
                "input.txt",
                "tinyshakespeare",
                "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                (
                    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/"
                    "tinyshakespeare/",
                ),
            ),
            n=1_115_394,
            vocabulary="\n !$&',-.3:;?" + string.ascii_uppercase + string.ascii_lowercase,
            licence="public domain",
            citation="Karpathy (2015). The Unreasonable Effectiveness of Recurrent Neural "
            "Networks.",
        ),
    )
}
