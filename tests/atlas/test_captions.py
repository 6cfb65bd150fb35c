"""Captions are words and formulas, in order."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from layeratlas.atlas.captions import caption_parts
from layeratlas.papers import FIGURES


def test_formulas_become_mathml_between_the_words():
    words, formula, rest = caption_parts(r"Red: $D_l=\ln(\mathrm{tr}\,\Sigma_w)$ against layer.")
    assert (words["text"], rest["text"]) == ("Red: ", " against layer.")
    math = ElementTree.fromstring(formula["math"])
    assert math.tag == "{http://www.w3.org/1998/Math/MathML}math"
    # The trace is one name, not t times r.
    assert "tr" in [element.text for element in math.iter()]
    assert formula["tex"] == r"D_l=\ln(\mathrm{tr}\,\Sigma_w)"


@pytest.mark.parametrize("text", ["plain", r"half a formula: $\frac{", "50 % & <b>"])
def test_what_is_no_formula_stays_words(text):
    assert "".join(part["text"] for part in caption_parts(text)) == text


def test_a_formula_that_cannot_be_read_stays_words():
    assert caption_parts(r"$x_a_b$") == [{"text": "x_a_b"}]


def test_every_caption_of_the_papers_can_be_shown():
    for entry in FIGURES.values():
        parts = caption_parts(entry.caption)
        formulas = entry.caption.count("$") // 2
        assert sum("math" in part for part in parts) == formulas, entry.name
