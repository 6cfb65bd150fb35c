"""What changes an alignment: the residual, and two terms of every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import dynamics, mechanism, moments
from layeratlas.papers.signal_propagation.figures import along, looks

_DASHES = ("-", (0, (4, 2)))


@style.styled
def alignment_mechanism(cubes: Cubes, references: References) -> Figure:
    """Residual against labels (a), the two terms along training (b, c), and whether they add up.

    a: SIM = ⟨w, Ỹ⟩_F / (‖w‖ ‖Ỹ‖), w = softmax(f) − Y; shaded ± sd over seeds. b, c: r1 = yᵀdKᶜy /
    yᵀKᶜy and r2 = ⟨Kᶜ, dKᶜ⟩_F / ‖Kᶜ‖_F² of every layer (colour) between successive records. d: r1 −
    r2 against d log A between the same; e: of one small step at initialisation; f: the relative
    difference by size of step. No units. Source: arXiv 2110.11749, released scripts; specification
    §2.7, §5 (F10).
    """
    cube, small = cubes[dynamics.EXPERIMENT], cubes[mechanism.EXPERIMENT]
    rates = dynamics.rates_shown(cube)
    rate = rates[0]
    records = moments.logged(cube)
    figure = style.new_figure(style.PAGE, 4.6)
    grid = figure.subplots(2, 3)
    _residual(figure, grid[0, 0], cube, rates, records)
    layers = _terms(grid[0, 1:], cube, rate, records)
    observed = dynamics.logarithmic_change(cube, "train", records).sel(learning_rate=rate)
    predicted = dynamics.predicted_change(cube, "train", records).sel(learning_rate=rate)
    _against(grid[1, 0], observed, predicted)
    steps = mechanism.tiny_steps(small)
    tiny = mechanism.tiny_rate(steps)
    shown = steps.sel(learning_rate=tiny if tiny is not None else steps["learning_rate"][0])
    _against(grid[1, 1], shown["observed"], shown["predicted"])
    _errors(grid[1, 2], steps)
    (label,) = style.tick_labels("learning_rate", [rate])
    titles = (
        "residual and labels",
        rf"$\eta$ = {label}",
        rf"$\eta$ = {label}",
        "between records",
        f"one step of {float(shown['learning_rate']):g}",
        "by size of the step",
    )
    for letter, axes, title in zip("abcdef", grid.flat, titles, strict=True):
        axes.set_title(f"$\\bf{{{letter}}}$  {title}", loc="left")
        style.open_frame(axes)
    along.layer_bar(figure, list(grid.flat), layers)
    style.note(figure, _note(steps))
    return figure


def _residual(
    figure: Figure, axes: Axes, cube: xr.DataTree, rates: Sequence[float], records: list[str]
) -> None:
    steps = moments.steps(cube, records).mean("seed")
    colours = style.graded(len(rates))
    for view, dashes in zip(("train", "test"), _DASHES, strict=True):
        cosine = dynamics.residual_cosine(cube, view, records)
        if cosine is None:
            axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center")
            break
        for rate, colour in zip(rates, colours, strict=True):
            here = {"learning_rate": rate}
            runs = cosine.sel(here).transpose("seed", "record").values
            along.line(
                axes, steps.sel(here).values, runs, color=colour, ls=dashes, gid=f"{view},{rate:g}"
            )
    labels = style.tick_labels("learning_rate", rates)
    handles = [
        Line2D([], [], color=colour, label=rf"a: $\eta$ = {label}")
        for colour, label in zip(colours, labels, strict=True)
    ]
    handles += [
        Line2D([], [], color="0.3", ls=dashes, label=looks.IMAGES[view])
        for view, dashes in zip(("train", "test"), _DASHES, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5)
    axes.set_ylabel("SIM")
    axes.set_xlabel("SGD iteration")
    _iterations(axes, steps.values)


def _terms(pair: Sequence[Axes], cube: xr.DataTree, rate: float, records: list[str]) -> int:
    """r1 and r2 of every layer; gives the number of layers."""
    steps = moments.steps(cube, records).sel(learning_rate=rate).mean("seed").values
    layers = 0
    pair[1].sharey(pair[0])
    names = {"alignment_growth": "$r_1$", "norm_growth": "$r_2$"}
    for axes, (name, symbol) in zip(pair, names.items(), strict=True):
        values = moments.history(cube, name, "train", records).sel(learning_rate=rate)
        layers = values.sizes["layer"]
        along.layer_curves(axes, steps, values.transpose("seed", ...).values, name)
        axes.axhline(0, color="0.5", lw=0.6, zorder=0)
        axes.set_yscale("symlog", linthresh=0.1, linscale=0.5)
        axes.set_xlabel("SGD iteration")
        axes.set_ylabel(f"{symbol} since last record")
        _iterations(axes, steps)
    for axes in pair:
        _growth_ticks(axes)
    return layers


def _growth_ticks(axes: Axes) -> None:
    """Round numbers on both sides of zero, of large spans powers of ten alone."""
    low, high = axes.get_ylim()
    for steps in ([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], [0.1, 1, 10, 100], [0.1, 10, 1000]):
        ticks = [t for t in (*(-s for s in reversed(steps)), 0, *steps) if low <= t <= high]
        if len(ticks) <= 7:
            break
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _iterations(axes: Axes, steps: np.ndarray) -> None:
    later = steps[steps > 0]
    along.iteration_axis(axes, float(later.min()) if later.size else 1.0)


def _against(axes: Axes, observed: xr.DataArray, predicted: xr.DataArray) -> None:
    """Points by layer, and the diagonal on which they lie to first order."""
    both = np.concatenate([a.values[np.isfinite(a.values)] for a in (observed, predicted)])
    reach = float(abs(both).max()) if both.size and both.any() else 1.0
    # Of small numbers the power of ten stands in the labels, not above the panel.
    power = int(np.floor(np.log10(reach))) if reach < 0.1 else 0
    unit, told = 10.0**power, f" ($10^{{{power}}}$)" if power else ""
    reach /= unit
    axes.plot([-reach, reach], [-reach, reach], color="0.5", lw=0.7, zorder=0, gid="guide")
    axes.margins(0.08)
    for layer, colour in enumerate(style.graded(observed.sizes["layer"])):
        axes.plot(
            observed.isel(layer=layer).values.ravel() / unit,
            predicted.isel(layer=layer).values.ravel() / unit,
            ls="none", marker="o", ms=2, color=colour, gid=f"layer={layer + 1}",
        )  # fmt: skip
    axes.set_xlabel(rf"observed $\mathrm{{d}}\,\log A_l${told}")
    axes.set_ylabel(f"$r_1 - r_2${told}")


def _errors(axes: Axes, steps: xr.Dataset) -> None:
    error = mechanism.relative_errors(steps)
    for layer, colour in enumerate(style.graded(error.sizes["layer"])):
        one = error.isel(layer=layer).transpose("learning_rate", "seed")
        # Of no difference there is no place on a logarithmic axis.
        shown = one.where(one > 0)
        axes.plot(one["learning_rate"], shown, ls="none", marker="o", ms=2, color=colour)
    axes.axhline(mechanism.FIRST_ORDER, color="0.4", lw=0.8, ls=(0, (4, 2)))
    axes.set(xscale="log", yscale="log")
    axes.xaxis.set_major_locator(LogLocator(numticks=5))
    axes.set_xlabel("size of the step $\\eta$")
    axes.set_ylabel("relative difference")
    axes.margins(0.08)


def _note(steps: xr.Dataset) -> str:
    left = mechanism.relative_errors(steps).isnull().sum(("seed", "layer"))
    of = steps.sizes["seed"] * steps.sizes["layer"]
    told = ", ".join(
        f"{int(count)} at {rate}"
        for count, rate in zip(
            left.values,
            style.tick_labels("learning_rate", left["learning_rate"].values),
            strict=True,
        )
        if count
    )
    return (
        r"SIM $=\langle w,\tilde Y\rangle/(\|w\|\,\|\tilde Y\|)$, $w=\mathrm{softmax}(f)-Y$; "
        r"$r_1=y^\top\mathrm{d}K^c y/y^\top K^c y$, "
        r"$r_2=\langle K^c,\mathrm{d}K^c\rangle_F/\|K^c\|_F^2$, of kernels on training images, "
        "as the authors' scripts log them. a: at every learning rate; b–d: between successive "
        "records of the dense log, where steps are not small and the diagonal is no more than a "
        "guide; e, f: one full-batch step without momentum and weight decay, in double precision, "
        "a dot a layer and seed. Dashed in f: 2 %, derived "
        "here to hold for steps so small that no unit switches on any image; one that does changes "
        "the kernel by no small part, however small the step."
        + (f" Changes below round-off, not drawn, of {of}: {told}." if told else "")
    )
