"""Texts read character by character: of the registry, or of the user's own."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, field_validator, model_validator
from typing_extensions import TypedDict

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.own_files import place_of, remembered, shown, stamp
from layeratlas.datasets.recipes.base import (
    MOST,
    BaseRecipe,
    InputKind,
    TargetKind,
    refuse_more,
)
from layeratlas.datasets.recipes.own import OwnRecipe
from layeratlas.errors import UnreadableError
from layeratlas.runs.settings import LATER
from layeratlas.words import quoted

_LARGEST = 512 * MIB


class Windows(BaseRecipe):
    """Windows of a text; a network predicts each character from those before it.

    The first 90 % of the text are trained on, the rest is tested on.
    """

    sized_by: ClassVar[str] = "context"

    context: int = Field(64, ge=1, le=1_000_000, description="characters T of a window")
    n_train: int = Field(
        ge=1, le=MOST, description="training windows, at places drawn from the first 90 %"
    )
    n_test: int | None = Field(
        None,
        ge=1,
        le=MOST,
        description="test windows, side by side in the last 10 %; null: all that fit",
    )

    @property
    def length(self) -> int:
        """Characters of the text."""
        raise NotImplementedError

    @property
    def vocabulary_used(self) -> str:
        """The characters that stand for tokens 0, 1, …"""
        raise NotImplementedError

    def refuse_windows(self, where: str) -> None:
        """ValueError for windows that do not fit, or of which there are fewer than asked for."""
        split = self.split
        if split <= self.context or self.length - split <= self.context:
            raise ValueError(
                f"context {self.context} does not fit: {where} has {split} characters to train on "
                f"and {self.length - split} to test on; a window needs one more than context"
            )
        refuse_more(where, "n_train", self.n_train, split - self.context, "training windows")
        if self.n_test is not None:
            refuse_more(where, "n_test", self.n_test, self._most_test, "test windows")

    @property
    def split(self) -> int:
        """Characters that are trained on: the first 90 %."""
        return self.length * 9 // 10

    @property
    def _most_test(self) -> int:
        return (self.length - self.split - 1) // self.context

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(position,)."""
        return (self.context,)

    @property
    def input_kind(self) -> InputKind:
        """Tokens: places of characters in the vocabulary."""
        return "tokens"

    @property
    def target_kind(self) -> TargetKind:
        """The next token at each position."""
        return "tokens"

    @property
    def n_outputs(self) -> int:
        """One a character of the vocabulary."""
        return len(self.vocabulary_used)

    @property
    def n_test_samples(self) -> int:
        """As asked for, or all windows that fit side by side."""
        return self._most_test if self.n_test is None else self.n_test


class CorpusRecipe(Windows):
    """Windows of a text of the registry (`layeratlas.datasets.corpora`)."""

    maker: ClassVar[str] = "layeratlas.datasets.makers.text:make_corpus"

    source: str = Field(description="a text of the registry, e.g. 'tiny_shakespeare'")
    subset_seed: int = Field(1, ge=0, lt=2**63, description="Seed that picks the training windows.")

    @model_validator(mode="after")
    def _windows_fit(self) -> CorpusRecipe:
        for name in ("static_label_noise", "static_input_noise"):
            if getattr(self, name):
                raise ValueError(f"{name}: a text has no classes and no real inputs; leave it out")
        self.refuse_unfit()
        self.refuse_windows(self.source)
        return self

    @property
    def length(self) -> int:
        """Characters of the text."""
        return CORPORA[self.source].n

    @property
    def vocabulary_used(self) -> str:
        """All characters of the text, sorted."""
        return CORPORA[self.source].vocabulary

    def source_identity(self) -> dict[str, Any]:
        """Checksum, length and vocabulary."""
        return CORPORA[self.source].identity()


class TextContent(TypedDict):
    """What was found in the files."""

    checksum: str
    n: int
    vocabulary: str


class TextRecipe(Windows, OwnRecipe[TextContent]):
    """Windows of a text file of the user's own.

    The vocabulary is every character of the file, sorted, or the one that is given, which must have
    all of them.
    """

    maker: ClassVar[str] = "layeratlas.datasets.makers.text:make"

    source: Literal["text"] = Field("text", description="a text of your own")
    path: str = Field(min_length=1, description="a text file, in UTF-8")
    vocabulary: Annotated[str | None, LATER] = Field(
        None,
        min_length=2,
        max_length=4096,
        description="characters that stand for tokens 0, 1, …; null: those of the text, sorted",
    )

    @model_validator(mode="after")
    def _windows_fit(self) -> TextRecipe:
        self.refuse_windows(shown(self.path))
        return self

    @field_validator("vocabulary")
    @classmethod
    def _of_different_ones(cls, value: str | None) -> str | None:
        twice = next((c for i, c in enumerate(value or "") if c in (value or "")[:i]), None)
        if twice is not None:
            raise ValueError(f"{quoted(twice)} appears twice; give each character once")
        return value

    @property
    def length(self) -> int:
        """Characters of the text."""
        return self.found["n"]

    @property
    def vocabulary_used(self) -> str:
        """The one that is given, or that of the text."""
        return self.found["vocabulary"] if self.vocabulary is None else self.vocabulary

    def _look(self) -> TextContent:
        for name in ("static_label_noise", "static_input_noise"):
            if getattr(self, name):
                raise ValueError(f"{name}: a text has no classes and no real inputs; leave it out")
        path = place_of(self.path)

        def find() -> dict[str, Any]:
            try:
                content = read_bytes(path, _LARGEST)
            except UnreadableError as error:
                raise ValueError(f"{shown(path)} {error.reason}") from None
            text = text_of(content, shown(path))
            if len(set(text)) < 2:
                raise ValueError(f"{shown(path)} has no text to learn")
            return {
                "n": len(text),
                "vocabulary": "".join(sorted(set(text))),
                "checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }

        content = cast(TextContent, remembered("text 1", stamp([path]), find))
        known = self.vocabulary
        strange = next((c for c in content["vocabulary"] if known and c not in known), None)
        if strange is not None:
            place = text_of(read_bytes(path, _LARGEST), shown(path)).index(strange)
            raise ValueError(
                f"vocabulary: {shown(path)} has {quoted(strange)} at position {place}, which is "
                "outside it; add the character, or give null for those of the text"
            )
        return content


def text_of(content: bytes, where: str) -> str:
    """The text of a file's bytes; a byte order mark is passed over, line ends become `\\n`.

    ValueError, a sentence, where it is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{where} is no text in UTF-8: byte {quoted(content[error.start : error.start + 1])} "
            f"in line {line}; save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
