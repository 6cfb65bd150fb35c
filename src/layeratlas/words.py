"""Words that several rooms say alike, and text of files made fit to be shown.

What is shown may come from a file that somebody else wrote: control characters in it would move
the cursor of a terminal, and a value of a megabyte would bury the sentence that names it.
"""

from __future__ import annotations

import difflib
import os
import reprlib
from collections.abc import Iterable


def suggestion(
    name: object, known: Iterable[str], *, cutoff: float = 0.6, sentence: bool = False
) -> str:
    """The hint "did you mean 'near'? ", with a trailing space; nothing where no name is near.

    `cutoff` in [0, 1] is the similarity asked of a name (`difflib.get_close_matches`); `sentence`
    starts it with a capital.
    """
    text = str(name)
    # The comparison is quadratic, and no name is that long.
    near = (
        difflib.get_close_matches(text, list(known), n=1, cutoff=cutoff) if len(text) < 99 else []
    )
    return f"{'D' if sentence else 'd'}id you mean {near[0]!r}? " if near else ""


def printable(text: str, keep: str = "") -> str:
    """`text` with every character that is no sign of writing as its escape (`\\x1b`, `\\u202e`).

    `keep` are characters to leave, such as a newline.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()


def shortened(text: str, longest: int) -> str:
    """`text` in at most `longest` characters, its middle left out where it is longer."""
    if len(text) <= longest:
        return text
    ending = (longest - 3) * 2 // 5
    return f"{text[: longest - 3 - ending]} … {text[len(text) - ending :]}"


def quoted(value: object, longest: int = 80) -> str:
    """`repr(value)`, printable, in at most `longest` characters; also of what has no repr."""
    # Nothing is written out whole to show its beginning.
    brief = reprlib.Repr()
    brief.maxlevel = 10
    for name in ("string", "other", "list", "tuple", "dict", "set", "frozenset", "deque", "array"):
        setattr(brief, f"max{name}", 2 * longest)
    try:
        text = brief.repr(value)
    except (ValueError, RecursionError):  # integers of thousands of digits; deep nesting
        text = f"a {type(value).__name__} too long to show"
    return shortened(printable(text), longest)


def listed(names: Iterable[object], longest: int = 160) -> str:
    """Names with commas between, as many as fit, and how many more there are."""
    shown: list[str] = []
    length, rest = 0, 0
    for name in names:
        text = shortened(printable(str(name)), 60)
        length += len(text) + 2
        if rest or (shown and length > longest):
            rest += 1
        else:
            shown.append(text)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def named(path: str | os.PathLike[str], longest: int = 90) -> str:
    """A path for a sentence: printable, and of a long one the last parts that fit."""
    text = printable(os.fspath(path))
    if len(text) <= longest:
        return text
    rest = text[len(text) - longest + 2 :]
    return f"…/{rest.partition('/')[2] or rest}"
