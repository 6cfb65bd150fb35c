"""A text of the user's own, read character by character."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.own_files import place_of, remembered, shown, stamp
from layeratlas.datasets.recipes.base import (
    MOST,
    BaseRecipe,
    InputKind,
    TargetKind,
    refuse_more,
)
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

_LARGEST = 512 * MIB


class TextContent(TypedDict):
    """What was found in the files."""

    checksum: str
    n: int
    vocabulary: str


class TextRecipe(BaseRecipe):
    """Windows of a text file; a network predicts each character from those before it.

    The vocabulary is every character of the file, sorted. The first 90 % of the text are trained
    on, the rest is tested on. The identity of the data is the file's checksum, in `content`.
    """

    maker: ClassVar[str] = "layeratlas.datasets.makers.text:make"
    sized_by: ClassVar[str] = "context"
    in_place: ClassVar[bool] = True

    source: Literal["text"] = Field("text", description="a text of your own")
    path: str = Field(min_length=1, description="a text file, in UTF-8")
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
    subset_seed: int = Field(1, ge=0, lt=2**63, description="Seed that picks training windows.")
    content: TextContent | None = Field(
        None, description="what was found in the file: filled in by itself"
    )

    @model_validator(mode="after")
    def _found(self) -> TextRecipe:
        for name in ("static_label_noise", "static_input_noise"):
            if getattr(self, name):
                raise ValueError(f"{name}: a text has no classes and no real inputs; leave it out")
        if self.standardisation != "none":
            raise ValueError("standardisation needs real inputs, and a text has tokens; use none")
        if self.content is None:
            object.__setattr__(self, "content", self._look())
        where, split = shown(self.path), self.split
        if split <= self.context or self._content["n"] - split <= self.context:
            raise ValueError(
                f"context {self.context} does not fit: {where} has {split} characters to train on "
                f"and {self._content['n'] - split} to test on; a window needs one more than context"
            )
        refuse_more(where, "n_train", self.n_train, split - self.context, "training windows")
        if self.n_test is not None:
            refuse_more(where, "n_test", self.n_test, self._most_test, "test windows")
        return self

    def _look(self) -> TextContent:
        path = place_of(self.path)

        def find() -> dict[str, Any]:
            import hashlib

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

        found = remembered("text 1", stamp([path]), find)
        return {
            "checksum": found["checksum"],
            "n": found["n"],
            "vocabulary": found["vocabulary"],
        }

    @property
    def _content(self) -> TextContent:
        assert self.content is not None
        return self.content

    @property
    def split(self) -> int:
        """Characters that are trained on: the first 90 %."""
        return self._content["n"] * 9 // 10

    @property
    def _most_test(self) -> int:
        return (self._content["n"] - self.split - 1) // self.context

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
        return len(self._content["vocabulary"])

    @property
    def n_test_samples(self) -> int:
        """As asked for, or all windows that fit side by side."""
        return self._most_test if self.n_test is None else self.n_test


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
