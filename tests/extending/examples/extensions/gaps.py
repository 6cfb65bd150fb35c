"""A figure with a claim, of the cube that `gap.py` makes."""

from matplotlib.figure import Figure

from layeratlas.claims.ledger import Ledger
from layeratlas.figures.entry import FigureEntry
from layeratlas.papers import FIGURES

FIGURES.add(
    FigureEntry("gaps", "extensions.gaps:draw", "extensions.gaps:check", experiments=("gap",))
)


def draw(cubes, references):
    gap = cubes["gap"]["gap"]
    figure = Figure(figsize=(3, 2), layout="constrained")
    panel = figure.add_subplot(xlabel="learning rate", ylabel="accuracy gained", xscale="log")
    panel.plot(gap["learning_rate"], gap, marker="o")
    return figure


def check(cubes, references):
    gap = cubes["gap"]["gap"]
    ledger = Ledger("gaps", "an idea of mine")
    ledger.decide(
        "gains", "lion", "Lion gains somewhere", ">", 0.0, lambda: (float(gap.max()), gap.size, "")
    )
    return ledger.claims
