"""Captions for a page: words as they are, formulas as MathML."""

from __future__ import annotations

import re

__all__ = ["caption_parts"]


def caption_parts(text: str) -> list[dict[str, str]]:
    """Parts of a caption, in order: {"text": words} or {"math": MathML, "tex": formula}.

    Formulas stand between dollars, as matplotlib takes them. One that cannot be read as TeX stays
    words.
    """
    parts = []
    for number, part in enumerate(re.split(r"\$([^$]*)\$", text)):
        if not part:
            continue
        math = _mathml(part) if number % 2 else None
        parts.append({"text": part} if math is None else {"math": math, "tex": part})
    return parts


def _mathml(tex: str) -> str | None:
    from latex2mathml.converter import convert

    try:
        return convert(_upright(tex))
    except Exception:  # the library has a dozen of its own, of no common kind
        return None


def _upright(tex: str) -> str:
    r"""Names of several letters as one: \mathrm{tr} would be t and r, apart."""
    return re.sub(r"\\mathrm\{([A-Za-z]{2,})\}", r"\\operatorname{\1}", tex)
