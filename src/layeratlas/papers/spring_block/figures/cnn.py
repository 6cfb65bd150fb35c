"""The convolutional network of *Spring-block theory of feature learning* (arXiv 2407.19353).

The published experiment is on CIFAR-10 and takes days of a CPU core, so most cubes are reduced
stand-ins. The figure says which: see `layeratlas.cubes.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.cubes.settings import departures, settings
from layeratlas.datasets.registry import SOURCES
from layeratlas.figures import style
from layeratlas.figures.runs import each_run
from layeratlas.figures.ticks import few_ticks
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures.words import source_told, whole
from layeratlas.papers.spring_block.layout import dropout_row
from layeratlas.papers.spring_block.published import CIFAR10_SOURCES, CNN_CIFAR10


def cnn_load_curves(cubes: Cubes, references: References) -> Figure:
    """The published experiment, or what its laptop and smoke presets train in its place."""
    return _load_curves(cubes["cnn_cifar10"])


def cnn_load_curves_reduced(cubes: Cubes, references: References) -> Figure:
    """The same network on images of CIFAR-10, reduced to what a CPU can train in an hour."""
    return _load_curves(cubes["cnn_cifar10_reduced"])


@style.styled
def _load_curves(cube: xr.DataTree) -> Figure:
    """Load curves of a CNN, one colour a dropout rate; accuracy and convexity against the rate.

    a: D_l, l = 0 … L', dimensionless; thick: mean over seeds; thin: the seeds. b: test accuracy in
    percent, mean ± sample standard deviation over seeds. c: convexity index of the seed-mean
    curve, ± sample standard deviation of the seeds' own indices. Source: arXiv 2407.19353,
    released code for CIFAR-10.
    """
    curves = dropout_row(load_curves.load_curve(cube, over=None))
    accuracy = dropout_row(selecting.accuracy(cube))
    figure = style.new_figure(style.PAGE, 3.7)
    panels = figure.subplot_mosaic("ab;ac", width_ratios=(1.15, 1))
    colours = style.graded(curves.sizes["dropout"])
    _curves(panels["a"], curves, colours)
    _against_rate(panels["b"], accuracy.mean("seed"), accuracy.std("seed", ddof=1), colours)
    single = load_curves.convexity_index(curves)
    mean = load_curves.convexity_index(curves.mean("seed"))
    _against_rate(panels["c"], mean, single.std("seed", ddof=1), colours)
    few_ticks(panels["b"], "y")
    few_ticks(panels["c"], "y")
    panels["b"].set_ylabel("test accuracy (%)")
    panels["b"].tick_params(labelbottom=False)
    panels["c"].set_ylabel("convexity index CI")
    panels["c"].set_xlabel(style.axis_label("dropout"))
    panels["c"].axhline(0, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0, gid="guide:even")
    for letter, axes in panels.items():
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(_title(cube), fontsize=8.5)
    style.note(figure, _note(cube))
    return figure


def _curves(axes: Axes, curves: xr.DataArray, colours: np.ndarray) -> None:
    rates = style.tick_labels("dropout", curves["dropout"].values)
    layers = curves["layer"].values
    for i, (rate, colour) in enumerate(zip(rates, colours, strict=True)):
        here = curves.isel(dropout=i)
        if curves.sizes["seed"] > 1:
            each_run(axes, here, "layer", color=colour, lw=0.5, alpha=0.6, gid=f"seeds:{rate}")
        mean = here.mean("seed").values
        axes.plot(
            layers, mean, color=colour, lw=1.5, marker="o", ms=2.5, label=rate, gid=f"mean:{rate}"
        )
    axes.set_xticks(layers)
    axes.set_xlabel(style.axis_label("layer"))
    axes.set_ylabel(r"data separation $D_l$")
    axes.grid(color="0.93", lw=0.5)
    axes.legend(title="dropout rate", title_fontsize=6.5, loc="best", ncols=1 + (len(rates) > 5))


def _against_rate(
    axes: Axes, mean: xr.DataArray, spread: xr.DataArray, colours: np.ndarray
) -> None:
    rates = mean["dropout"].values
    axes.plot(rates, mean.values, color="0.6", lw=0.9, zorder=1, gid="mean")
    for i, rate in enumerate(rates):
        # One seed has no spread, and a NaN bar would draw as a warning.
        bar = spread.values[i] if np.isfinite(spread.values[i]) else None
        axes.errorbar(
            rate, mean.values[i], yerr=bar, color=colours[i], marker="o", ms=4, capsize=2, lw=1,
            zorder=2,
        )  # fmt: skip
    positive = rates[rates > 0]
    if positive.size > 1:
        # Published rates double from one to the next; 0 stands one doubling to the left of them.
        axes.set_xscale("symlog", linthresh=positive.min(), linscale=0.9 * np.log10(2))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(rates.min() - 0.25 * positive.min(), rates.max() * 1.2)
    axes.set_xticks(rates, style.tick_labels("dropout", rates))
    axes.grid(color="0.93", lw=0.5)


# ---------------------------------------------------------------------------------------------
# What was trained
# ---------------------------------------------------------------------------------------------


def _title(cube: xr.DataTree) -> str:
    source = source_told(cube)
    if not departures(cube, CNN_CIFAR10):
        return f"CNN on {CNN_CIFAR10.name}"
    if source in CIFAR10_SOURCES:
        return f"CNN on {CIFAR10_SOURCES[source]}, reduced: not the published experiment"
    return f"CNN, reduced stand-in on {_data_title(source)}: not CIFAR-10"


def _note(cube: xr.DataTree) -> str:
    known = settings(cube)
    away = departures(cube, CNN_CIFAR10)
    n = seeds(cube)
    text = (
        f"{_moments(cube, known)}, "
        f"{_told(known, 'training.optimizer').capitalize()} at learning rate "
        f"{_told(known, 'training.learning_rate')}. "
    )
    if away:
        paper = ("dataset.source", "dataset.n_train", "training.epochs", "training.learning_rate")
        text += (
            "The published experiment is CIFAR-10, 2\u2009560 images, 2\u2009001 steps, learning "
            "rate 1e-4, eight rates, 10 seeds; this one departs in "
            f"{_list(away, first=paper)}. "
        )
    text += (
        r"a: $D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$ of the training images, batch "
        "norm with running statistics, dropout off"
    )
    text += "; thick: mean over seeds, thin: seeds. b, c: mean" if n > 1 else ". b, c: values"
    text += (
        " ± standard deviation over seeds (c: index of the mean curve ± that of the seeds)."
        if n > 1
        else " of the one seed."
    )
    return f"{text} c, dashed: even load."


def _data_title(source: str) -> str:
    if source in CIFAR10_SOURCES:
        name = CIFAR10_SOURCES[source]
        return f"{name[0].upper()}{name[1:]}"
    return SOURCES[source].title.split(",")[0] if source in SOURCES else source


def _moments(cube: xr.DataTree, known: Mapping[str, object]) -> str:
    """How long was trained: steps where a step is an epoch, else epochs; as run, not as asked."""
    full = known.get("training.batch_size") in ("full", known.get("dataset.n_train"))
    word = "full-batch steps" if full else "epochs"
    asked = known.get("training.epochs")
    root = cube["/"].to_dataset()
    if "epochs_run" in root:
        run = root["epochs_run"].where(root["status"] == selecting.STATUS_OK).values
        run = run[np.isfinite(run)]
        if run.size and run.min() < run.max():
            return f"{_number(int(run.min()))} to {_number(int(run.max()))} {word}"
        if run.size:
            return f"{_number(int(run.max()))} {word}"
    return f"{_number(asked)} {word}"


def _told(known: Mapping[str, object], name: str) -> str:
    return _number(known.get(name))


def _number(value: object) -> str:
    if value is None:
        return "unstated"
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, float):
        return style.tick_labels("learning_rate", [value])[0]
    return str(value)


def _list(names: list[str], first: tuple[str, ...]) -> str:
    """The names without their section, the most telling ones first."""
    ordered = sorted(names, key=lambda name: first.index(name) if name in first else len(first))
    words = {
        "dataset.source": "data set",
        "dataset.n_train": "number of images",
        "training.epochs": "number of steps",
        "dropout": "dropout rates",
    }
    return ", ".join(words.get(name, name.rsplit(".", 1)[-1].replace("_", " ")) for name in ordered)
