"""Texts read character by character: of the registry, or of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, field_validator, model_validator
from typing_extensions import TypedDict

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.own_files import (
    digest,
    digest_of_all,
    place_of,
    remembered,
    shown,
    stamp,
)
from layeratlas.datasets.own_texts import joined, text_files, texts_in
from layeratlas.datasets.recipes.base import (
    MOST,
    BaseRecipe,
    InputKind,
    TargetKind,
    refuse_more,
)
from layeratlas.datasets.recipes.own import OwnRecipe
from layeratlas.runs.settings import LATER
from layeratlas.words import quoted


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
    """Windows of a text file of the user's own, or of the texts of a folder, one after the other.

    The vocabulary is every character of the text, sorted, or the one that is given, which must have
    all of them.
    """

    maker: ClassVar[str] = "layeratlas.datasets.makers.text:make"

    source: Literal["text"] = Field("text", description="a text of your own")
    path: str = Field(min_length=1, description="a text file in UTF-8, or a folder of such, *.txt")
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
        files = text_files(place_of(self.path))

        def find() -> dict[str, Any]:
            texts = texts_in(files)
            text = joined(texts)
            if len(set(text)) < 2:
                raise ValueError(f"{shown(self.path)} has no text to learn")
            sums = [(file.name, digest(file)) for file in files]
            return {
                "n": len(text),
                "vocabulary": "".join(sorted(set(text))),
                "checksum": sums[0][1] if len(sums) == 1 else digest_of_all(sums),
            }

        content = cast(TextContent, remembered("text 1", stamp(files), find))
        known = self.vocabulary
        if known and set(content["vocabulary"]) - set(known):
            self._refuse_strange(files, known)
        return content

    def _refuse_strange(self, files: Sequence[Path], known: str) -> None:
        for file, text in zip(files, texts_in(files), strict=True):
            place = next((i for i, character in enumerate(text) if character not in known), None)
            if place is not None:
                raise ValueError(
                    f"vocabulary: {shown(file)} has {quoted(text[place])} at position {place}, "
                    "which is outside it; add the character, or give null for those of the text"
                )
        raise ValueError(
            "vocabulary: has no line break, which stands between the texts of a folder; add it"
        )
