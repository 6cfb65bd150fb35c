"""A text of the user's own, read character by character."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Literal, cast

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.own_files import place_of, remembered, shown, stamp
from layeratlas.datasets.recipes.base import MOST, InputKind, TargetKind, refuse_more
from layeratlas.datasets.recipes.own import OwnRecipe
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

_LARGEST = 512 * MIB


class TextContent(TypedDict):
    """What was found in the files."""

    checksum: str
    n: int
    vocabulary: str


class TextRecipe(OwnRecipe[TextContent]):
    """Windows of a text file; a network predicts each character from those before it.

    The vocabulary is every character of the file, sorted. The first 90 % of the text are trained
    on, the rest is tested on.
    """

    maker: ClassVar[str] = "layeratlas.datasets.makers.text:make"
    sized_by: ClassVar[str] = "context"

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

    @model_validator(mode="after")
    def _windows_fit(self) -> TextRecipe:
        where, split = shown(self.path), self.split
        if split <= self.context or self.found["n"] - split <= self.context:
            raise ValueError(
                f"context {self.context} does not fit: {where} has {split} characters to train on "
                f"and {self.found['n'] - split} to test on; a window needs one more than context"
            )
        refuse_more(where, "n_train", self.n_train, split - self.context, "training windows")
        if self.n_test is not None:
            refuse_more(where, "n_test", self.n_test, self._most_test, "test windows")
        return self

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

        return cast(TextContent, remembered("text 1", stamp([path]), find))

    @property
    def split(self) -> int:
        """Characters that are trained on: the first 90 %."""
        return self.found["n"] * 9 // 10

    @property
    def _most_test(self) -> int:
        return (self.found["n"] - self.split - 1) // self.context

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
        return len(self.found["vocabulary"])

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
