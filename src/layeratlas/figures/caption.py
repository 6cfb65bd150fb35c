"""A figure's caption for a paper, as plain text and as LaTeX."""

from __future__ import annotations

import re

__all__ = ["caption_tex", "caption_text"]

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\u00a0": "~", "\u2009": r"\,", "−": "$-$", "–": "--", "±": r"$\pm$", "×": r"$\times$",
    "≤": r"$\le$", "≥": r"$\ge$", "≈": r"$\approx$", "→": r"$\to$", "←": r"$\leftarrow$",
    "√": r"$\surd$", "⁺": "$^{+}$", "ᵀ": r"$^{\top}$", "∞": r"$\infty$", "·": r"$\cdot$",
    "µ": r"$\mu$", "²": "$^{2}$", "₀": "$_{0}$", "ᶜ": "$^{c}$", "″": "$''$", "‖": r"$\|$",
    "↔": r"$\leftrightarrow$", "∂": r"$\partial$", "∇": r"$\nabla$", "⟨": r"$\langle$",
    "⟩": r"$\rangle$", "…": r"\ldots{}", "§": r"\S{}", "ć": r"\'c", "ḟ": r"$\dot f$",
    "Ỹ": r"$\tilde Y$",
}  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθκλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
        ],
        strict=True,
    )
)


def caption_text(title: str, caption: str, note: str) -> str:
    """Title, caption and the note under the figure, one paragraph a line, formulas as TeX."""
    told = [f"{title}.", caption, note.replace("\u2009", " ").replace("\u00a0", " ")]
    return "\n".join(filter(None, told)) + "\n"


def caption_tex(title: str, caption: str, note: str, name: str) -> str:
    """`\\caption{…}\\label{fig:…}` for a paper; what stands between dollars is left as it is."""
    words = " ".join(filter(None, [f"\\textbf{{{_tex(title)}.}}", _tex(caption), _tex(note)]))
    return f"\\caption[{_tex(title)}]{{{words}}}\n\\label{{fig:{name}}}\n"


def _tex(text: str) -> str:
    parts = re.split(r"(\$[^$]*\$)", text)
    return "".join(part if k % 2 else _plain(part) for k, part in enumerate(parts))


def _plain(text: str) -> str:
    # A letter with a bar is two characters.
    return "".join(
        f"$\\bar{{{_letter(part[0]).strip('$')}}}$" if len(part) > 1 else _letter(part)
        for part in re.findall(".\u0304|.", text, re.DOTALL)
    )


def _letter(letter: str) -> str:
    return _TEX.get(letter) or (f"$\\{_GREEK[letter]}$" if letter in _GREEK else letter)
