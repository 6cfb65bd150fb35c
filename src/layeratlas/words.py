"""Words that several rooms say alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(
    name: object, known: Iterable[str], *, cutoff: float = 0.6, sentence: bool = False
) -> str:
    """The hint "did you mean 'near'? ", with a trailing space; nothing where no name is near.

    `cutoff` in [0, 1] is the similarity asked of a name (`difflib.get_close_matches`); `sentence`
    starts it with a capital.
    """
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=cutoff)
    return f"{'D' if sentence else 'd'}id you mean {near[0]!r}? " if near else ""
