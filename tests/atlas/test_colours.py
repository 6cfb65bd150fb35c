"""Colours of the page under simulated colour blindness, and ink that can be read on them."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from layeratlas.atlas.page import WEB
from layeratlas.figures.palette import contrast

TEXT = (WEB / "colours.js").read_text(encoding="utf-8")
STYLE = (WEB / "style.css").read_text(encoding="utf-8")

# Machado, Oliveira and Fernandes 2009, A Physiologically-based Model for Simulation of Color Vision
# Deficiency, IEEE TVCG 15 (6), severity 1.0; they act on linear RGB.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868],
                   [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968],
                     [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779],
                   [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}  # fmt: skip
# sRGB to XYZ, D65.
XYZ = [[0.4124564, 0.3575761, 0.1804375],
       [0.2126729, 0.7151522, 0.0721750],
       [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip


def steps(name: str) -> list[str]:
    (listed,) = re.findall(rf"export const {name} = \[([^\]]*)\]", TEXT)
    return re.findall("#[0-9a-f]{6}", listed)


def seen(colour: str, blindness: str) -> np.ndarray:
    """CIE L*a*b* of a colour as it is seen."""
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0, 1)
    white = np.array(XYZ) @ np.ones(3)
    t = np.array(XYZ) @ linear / white
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(a: str, b: str, blindness: str) -> float:
    """ΔE of 1976."""
    return float(np.linalg.norm(seen(a, blindness) - seen(b, blindness)))


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", ["DIVERGING", "SEQUENTIAL"])
def test_colour_vision(name, blindness):
    colours = steps(name)
    assert len(colours) == 7
    for a, b in itertools.pairwise(colours):
        assert difference(a, b, blindness) >= 10, (a, b)
    if name == "DIVERGING":
        # The two sides are told apart as well, step for step.
        for a, b in zip(colours[:3], colours[:3:-1], strict=True):
            assert difference(a, b, blindness) >= 10, (a, b)


def test_the_simulation_knows_what_is_confused():
    """The control: a red and a green that only normal eyes tell apart well."""
    red, olive = "#c03a30", "#685830"
    assert difference(red, olive, "protanopia") < 1 < 50 < difference(red, olive, "none")
    assert difference("#000000", "#ffffff", "none") == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("name", ["DIVERGING", "SEQUENTIAL"])
def test_ink_can_be_read_on_every_step(name):
    for colour in steps(name):
        assert max(contrast(ink, colour) for ink in ("#000000", "#ffffff")) >= 4.5


def variables(scheme: str) -> dict[str, str]:
    light, _, dark = STYLE.partition("@media (prefers-color-scheme: dark)")
    part = light if scheme == "light" else dark.partition("* {")[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", part))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_lines_stand_out(scheme):
    known = variables(scheme)
    for ground in ("ground", "raised"):
        for name in ("ink", "soft", "accent", "holds", "fails", "tie"):
            assert contrast(known[name], known[ground]) >= 4.5, (name, ground)
        for k in range(1, 7):
            # WCAG 1.4.11, of what is drawn.
            assert contrast(known[f"line-{k}"], known[ground]) >= 3, (k, ground)


def test_every_line_has_a_dash_of_its_own():
    dashes = re.findall(r'colour: "var\(--line-\d\)", dash: "([^"]*)"', TEXT)
    assert len(dashes) == len(set(dashes)) == 6
