"""Correlations of a perceptron's hidden layers on images, along training and by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import convolutions, curves, images, tokens
from layeratlas.papers.nfa.figures import by_layer, convolutional, looks
from layeratlas.papers.nfa.figures import tokens as figures_of_tokens
from layeratlas.papers.nfa.sets import SETS

#: The set of Fig. 2A, where there is one.
FIRST = "CIFAR-10"


@style.styled
def nfa_fig02(cubes: Cubes, references: References) -> Figure:
    """UC-NFC and C-NFC of every hidden layer along training (A), and averaged over sets (B).

    A: mean ± standard deviation over seeds against the epoch. B: against the layer, after the
    first, nearly still epoch and at the end, mean ± standard deviation over sets. Source: arXiv
    2402.05271, Fig. 2; specification §3.1, §6.
    """
    sets = images.present(cubes)
    name = FIRST if FIRST in sets else next(iter(sets))
    decoder = cubes.get(tokens.EXPERIMENT)
    blocks = 0 if decoder is None else tokens.projections(decoder, "uc_nfc").sizes["block"]
    networks = convolutions.present(cubes)
    rows = [0.45 + 1.0 * convolutional.rows_of(cube) for cube in networks.values()]
    heights = [1.5, 2.1, *rows, *([0.45 + 0.85 * max(blocks, 2)] if blocks else [])]
    figure = style.new_figure(style.PAGE, sum(heights) + 0.6)
    parts = looks.subfigures(figure, len(heights), height_ratios=heights)
    found = {v: images.layered(sets[name], v) for v in by_layer.SHOWN}
    layers = found["uc_nfc"]["layer"].values
    row = parts[0].subplots(1, len(layers), sharey=True)
    by_layer.epochs(row, found, "A", [f"layer {layer}" for layer in layers])
    looks.part_title(parts[0], "A", f"perceptron, {name}")
    row[0].set_ylabel("correlation")
    _averaged(parts[1].subplots(), sets)
    looks.part_title(parts[1], "B", f"perceptron, average over {', '.join(sets)}")
    figure.legend(handles=_key(), loc="outside upper center", ncols=5)
    for part, (title, cube) in zip(parts[2:], networks.items(), strict=False):
        convolutional.draw(part, cube, f"C,{title}")
        looks.part_title(part, "C", title)
    if decoder is not None:
        figures_of_tokens.draw(parts[-1], decoder)
        looks.part_title(parts[-1], "D", "decoder, queries, keys and values")
    style.note(figure, _note(name, sets, cubes))
    return figure


def averages(sets: Mapping[str, xr.DataTree], variable: str, moment: str | int) -> xr.DataArray:
    """Means over seeds of every set, (set, layer); NaN of a set that any seed has no number of."""
    found = []
    for cube in sets.values():
        values = images.layered(cube, variable)
        one = curves.at(values, moment) if isinstance(moment, str) else values.sel(epoch=moment)
        found.append(
            one.mean("seed", skipna=False).drop_vars(["epoch", "layer_name"], errors="ignore")
        )
    return xr.concat(found, "set", join="outer", coords="minimal").assign_coords(set=list(sets))


def _averaged(axes: Axes, sets: Mapping[str, xr.DataTree]) -> None:
    looks_of = ((images.WARM, -0.06, (0, (4, 2))), ("final", 0.06, "-"))
    for moment, aside, dashes in looks_of:
        for variable in by_layer.SHOWN:
            found = averages(sets, variable, moment)
            looks.points(
                axes, found["layer"].values + aside, found.transpose("layer", "set").values,
                looks.COLOURS[variable], f"B,{variable},{moment}", ls=dashes,
            )  # fmt: skip
    layers = averages(sets, "uc_nfc", "final")["layer"].values
    axes.set_xticks(layers)
    axes.set_xlabel("layer")
    axes.set_ylabel("correlation")
    looks.correlation_axis(axes)
    axes.set_ylim(top=max(1.04, axes.dataLim.y1 + 0.02))
    style.open_frame(axes)


def _key() -> list[Line2D]:
    dashed = Line2D(
        [], [], color="0.3", ls=(0, (4, 2)), label="B: after the first, nearly still epoch"
    )
    solid = Line2D([], [], color="0.3", label="B: at the end")
    return [*by_layer.handles(), dashed, solid]


def _note(name: str, sets: Mapping[str, xr.DataTree], cubes: Cubes) -> str:
    told = ", ".join(f"{n} {images.accuracy_told(cube)}" for n, cube in sets.items())
    lacking = images.missing(cubes)
    left = f" Missing at this preset, and in no average: {', '.join(lacking)}." if lacking else ""
    of_maps = "".join(
        f" C: {name} ({convolutional.told(cube)})."
        for name, cube in convolutions.present(cubes).items()
    )
    decoder = cubes.get(tokens.EXPERIMENT)
    of_tokens = (
        " D, a decoder on a text, is missing: not at this preset, or not to be had."
        if decoder is None
        else f" {figures_of_tokens.told(decoder)}"
    )
    by_scale = "; ".join(f"{n}, {gaps}" for n, c in sets.items() if (gaps := images.scales_told(c)))
    scaled = (
        f" C-NFC − UC-NFC at the end by scale of initial weights: {by_scale}." if by_scale else ""
    )
    digits = " Digits (scikit-learn) are none of the paper's sets." if "digits" in sets else ""
    return (
        "Perceptrons of five hidden ReLU layers without biases, MSE, plain SGD, a first epoch that "
        f"is nearly still (read off the released code). A: {name}, which the paper does not name "
        f"(chosen here); {looks.over_seeds(sets[name])}; dotted: before training, where C-NFC is "
        "not defined. B: mean and standard deviation over sets of means over seeds. Test "
        f"accuracy: {told}.{left}{digits}{scaled}{of_maps}{of_tokens}"
    )


def _of_one_set(number: int, name: str) -> Callable[[Cubes, References], Figure]:
    """The drawing of figures 6 to 11."""

    @style.styled
    def draw(cubes: Cubes, references: References) -> Figure:
        cube = cubes.get(SETS[name])
        if cube is None:
            return by_layer.missing_set(number, name)
        figure = style.new_figure(style.PAGE, 1.9)
        found = {v: images.layered(cube, v) for v in by_layer.SHOWN}
        layers = found["uc_nfc"]["layer"].values
        row = figure.subplots(1, len(layers), sharey=True)
        by_layer.epochs(row, found, name, [f"layer {layer}" for layer in layers])
        row[0].set_ylabel("correlation")
        figure.legend(handles=by_layer.handles(), loc="outside upper center", ncols=3)
        style.note(
            figure,
            f"Reconstruction: the caption of the paper's Fig. {number} was not available. {name}: "
            f"hidden layers of a perceptron as in the released code, {looks.over_seeds(cube)}; "
            f"dotted: before training. Test accuracy {images.accuracy_told(cube)}. Records chosen "
            "here.",
        )
        return figure

    draw.__doc__ = (
        f"UC-NFC and C-NFC of every hidden layer along training on {name}. Reconstruction."
    )
    return draw


nfa_fig06, nfa_fig07, nfa_fig08, nfa_fig09, nfa_fig10, nfa_fig11 = (
    _of_one_set(number, name) for number, name in enumerate(SETS, start=6)
)


@style.styled
def nfa_fig15(cubes: Cubes, references: References) -> Figure:
    """Training loss and relative change of every layer against the epoch, a column a set.

    |W − W₀|/|W| of hidden layers. No units. Reconstruction; specification §6.
    """
    sets = images.present(cubes)
    figure = style.new_figure(style.PAGE, 3.3)
    grid = figure.subplots(2, len(sets), sharex="col", sharey="row", squeeze=False)
    most = 0
    for column, (name, cube) in zip(grid.T, sets.items(), strict=True):
        loss = curves.evaluated(cube, "train_loss")
        loss = loss.isel(init_gain=0) if "init_gain" in loss.dims else loss
        x = loss["epoch"].values.astype(float)
        looks.band(column[0], x, loss, "0.2", f"{name},loss", lw=1.0)
        looks.loss_axis(column[0])
        change = images.layered(cube, "dw_rel")
        most = max(most, change.sizes["layer"])
        for at, colour in enumerate(style.graded(change.sizes["layer"])):
            one = change.isel(layer=at, drop=True)
            looks.band(column[1], x, one, colour, f"{name},dw_rel,{at + 1}", lw=0.9)
        column[0].set_title(name)
        column[1].set_xlabel("epoch")
        column[1].xaxis.set_major_locator(MaxNLocator(4, integer=True))
        column[1].yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
        for axes in column:
            style.open_frame(axes)
    grid[0, 0].set_ylabel("training loss")
    grid[1, 0].set_ylabel(looks.WORDS["dw_rel"])
    handles = [
        Line2D([], [], color=colour, label=f"layer {at + 1}")
        for at, colour in enumerate(style.graded(most))
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=max(1, most))
    lacking = images.missing(cubes)
    style.note(
        figure,
        "Reconstruction: the caption of the paper's Fig. 15 was not available. Training loss (MSE) "
        f"and how far each hidden matrix has moved; lines: {looks.over_seeds(*sets.values())} "
        "(bands). The first epoch is nearly still, as in the released code; records chosen here."
        + (f" Missing at this preset: {', '.join(lacking)}." if lacking else ""),
    )
    return figure
