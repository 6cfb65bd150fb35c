"""The one look of all figures: seaborn's theme "ticks" at the sizes of a journal page.

`COLUMN` and `PAGE` are the widths of one and two columns in inches; no text is smaller than
`SMALLEST` points at either. Colours are those of `layeratlas.figures.palette`.

The project's figures are made without pyplot, under `styled`, which leaves no trace. A figure of
one's own, in a notebook, gets the look by one call:

>>> from layeratlas.figures import style
>>> style.set_theme()
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.rcsetup import cycler
from matplotlib.transforms import Bbox, BboxBase

from layeratlas.cubes.grid import VARIES
from layeratlas.figures.palette import CURVE, CYCLE, MISSING, graded

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "AXIS_LABELS",
    "COLUMN",
    "CURVE",
    "MISSING",
    "NOTE",
    "PAGE",
    "RC",
    "SMALLEST",
    "add_to_note",
    "axis_label",
    "context",
    "coordinate_label",
    "graded",
    "laid_out",
    "new_figure",
    "note",
    "noted",
    "open_frame",
    "rewrap_note",
    "set_theme",
    "styled",
    "tick_labels",
]

COLUMN = 3.4
PAGE = 7.0
SMALLEST = 6.0
"""Points; journals ask for no less."""

#: Short labels for axes of figures; other grid axes are labelled from `layeratlas.config.axes`.
AXIS_LABELS = {
    "data_noise": "data noise $p$",
    "learning_rate": r"learning rate $\eta$",
    "dropout": "dropout rate $p$",
    "batch_size": "batch size $B$",
    "negative_slope": r"negative slope $\alpha$",
    "layer": "layer $l$",
}

RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.titleweight": "normal",
    "axes.labelsize": 7.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "axes.edgecolor": "black",
    "axes.labelcolor": "black",
    "text.color": "black",
    "xtick.color": "black",
    "ytick.color": "black",
    "patch.edgecolor": "black",
    "patch.force_edgecolor": False,
    "patch.linewidth": 0.8,
    "image.cmap": "viridis",
    "grid.linewidth": 0.5,
    "lines.markersize": 4,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.width": 0.5,
    "ytick.minor.width": 0.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "lines.linewidth": 1.0,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "path.simplify": False,
}


#: Decimals of a panel's place, in widths of the figure: finer than any printer, far from rounding.
_DIGITS = 9


def theme() -> dict[str, Any]:
    """All that the look sets, as `matplotlib.rcParams` takes it."""
    import seaborn as sns

    return (
        sns.plotting_context("paper")
        | sns.axes_style("ticks")
        | {"axes.prop_cycle": cycler(color=CYCLE)}
        | RC
    )


def _params() -> Any:
    """`matplotlib.rcParams`, whose keys its types know one by one."""
    return mpl.rcParams


def set_theme() -> None:
    """Draw figures of one's own like the project's, from here on, colours included.

    What seaborn's own `set_theme` does, with this project's theme: it changes
    `matplotlib.rcParams`, which `matplotlib.rcdefaults()` undoes. Colours of things are in
    `layeratlas.figures.palette`: `palette.of("fsc")`, `palette.graded(5)`.
    """
    wanted = theme()
    mpl.rcdefaults()
    _params().update(wanted)


@contextmanager
def context(**more: Any) -> Iterator[None]:
    """The project's style on top of matplotlib's defaults, whatever the session has set."""
    # Before the defaults: the first import of seaborn, and of pyplot by it, sets some.
    wanted = theme() | more
    with mpl.rc_context():
        mpl.rcdefaults()
        _params().update(wanted)
        yield


def open_frame(axes: Axes) -> None:
    """A light grid, no frame above and at the right."""
    import seaborn as sns

    axes.grid(color="0.93", lw=0.5)
    sns.despine(ax=axes)


def styled(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw under the project's style, and leave no trace of it."""

    @wraps(function)
    def wrapper(*args, **kwargs) -> Figure:
        with context():
            return function(*args, **kwargs)

    return wrapper


class _SettledLayout(ConstrainedLayoutEngine):
    """Constrained layout that gives the same places, to the last bit, whenever it is asked.

    Its solver sorts variables by their addresses in memory, and so adds up in another order from
    one drawing to the next: places differ by rounding, which a file's bytes show.
    """

    def execute(self, fig: Figure) -> None:
        super().execute(fig)
        for axes in fig.axes:
            box = axes.get_position(original=True)
            axes._set_position(_rounded(box), which="original")  # type: ignore[attr-defined]
        for part in cast(list[Any], fig.findobj(SubFigure)):
            part._redo_transform_rel_fig(_rounded(part.bbox_relative))


def _rounded(box: BboxBase) -> Bbox:
    return Bbox(np.round(box.get_points(), _DIGITS))


def new_figure(width: float, height: float) -> Figure:
    """A figure with an Agg canvas and constrained layout, unknown to pyplot."""
    engine = _SettledLayout(w_pad=0.04, h_pad=0.04, wspace=0.03, hspace=0.03)
    figure = Figure(figsize=(width, height), layout=engine)
    FigureCanvasAgg(figure)
    return figure


@contextmanager
def laid_out(figure: Figure) -> Iterator[None]:
    """In this block panels stay where the layout puts them now, whatever the figure is written to.

    A layout is as long as a drawing, and every format would ask for one of its own.
    """
    engine = figure.get_layout_engine()
    if engine is None:
        yield
        return
    engine.execute(figure)
    figure.set_layout_engine("none")
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


#: Id of the caption under a figure.
NOTE = "note"
#: Dots an inch at which its words are measured.
_FINE = 300


#: What stays on one line: letters and formulas up to a plain space that is in no formula.
_FORMULA_OR_WORD = re.compile(r"(?:\$[^$]*\$|[^ ])+")


def note(figure: Figure, text: str, *, size: float = SMALLEST) -> None:
    """A caption line under the axes of a `new_figure`, wrapped to its width; the layout makes room.

    Lines break at plain spaces only: formulas and no-break spaces stay whole.
    """
    width, height = figure.get_size_inches()
    margin = 0.1
    caption = figure.text(
        margin / width, 0.03 / height, "", fontsize=size, color="0.25", va="bottom", gid=NOTE
    )
    # At a screen's resolution glyphs stand on whole pixels, and lines come out some percent short.
    renderer = RendererAgg(8, 8, _FINE)

    def length(words: str) -> float:
        caption.set_text(words)
        return caption.get_window_extent(renderer, dpi=_FINE).width

    room = 0.97 * (width - 2 * margin) * _FINE
    space = length("a b") - length("ab")
    lines: list[list[str]] = []
    taken = 0.0
    # Word by word: a formula is set anew for every text that it is a part of, which takes long.
    for word in _FORMULA_OR_WORD.findall(text):
        more = length(word)
        if lines and taken + space + more <= room:
            lines[-1].append(word)
            taken += space + more
        else:
            lines.append([word])
            taken = more
    caption.set_text("\n".join(map(" ".join, lines)))
    tall = caption.get_window_extent(renderer, dpi=_FINE).height
    below = (tall / _FINE + 0.08) / height
    cast(ConstrainedLayoutEngine, figure.get_layout_engine()).set(rect=(0, below, 1, 1 - below))


def noted(figure: Figure) -> str:
    """The words of the `note` of a figure, in one line; "" where it has none."""
    captions = [artist.get_text() for artist in figure.texts if artist.get_gid() == NOTE]
    return " ".join(" ".join(captions).split("\n"))


def add_to_note(figure: Figure, text: str) -> None:
    """One sentence more in the `note` of a figure, which gets one where it has none."""
    _renote(figure, f"{noted(figure)} {text}".strip(" "))


def rewrap_note(figure: Figure) -> None:
    """Wrap the note again, to the width that the figure has by now."""
    if told := noted(figure):
        _renote(figure, told)


def _renote(figure: Figure, text: str) -> None:
    for caption in [artist for artist in figure.texts if artist.get_gid() == NOTE]:
        caption.remove()
    with context():
        note(figure, text)


def axis_label(axis: str) -> str:
    from layeratlas.config.axes import AXES

    if axis in AXIS_LABELS or axis not in AXES:
        return AXIS_LABELS.get(axis, axis.replace("_", " "))
    known = AXES[axis]
    return f"{known.long_name} ${known.symbol}$" if known.symbol else known.long_name


def coordinate_label(coordinate: xr.DataArray) -> str:
    """`axis_label` of a coordinate; its own words where it varies a setting of somebody's own."""
    from layeratlas.config.axes import AXES

    name, told = str(coordinate.name), coordinate.attrs
    usual = [" ".join(".".join(path) for path in AXES[name].paths)] if name in AXES else []
    if not usual or "long_name" not in told or told.get(VARIES, usual[0]) in usual:
        return axis_label(name)
    return str(told["long_name"]).replace("_", " ")


def tick_labels(axis: str, values) -> list[str]:
    """Coordinates as the published figure writes them: 2e-1 for learning rates, 0.20, 0, 1280.

    Fractions of one axis share their number of decimals.
    """
    if axis == "learning_rate":
        return [_scientific(float(value)) for value in values]
    if any(isinstance(value, str) for value in values):
        return [str(value) for value in values]
    numbers = [float(f"{float(value):.4g}") for value in values]
    fractions = [f"{number!r}" for number in numbers if number % 1]
    if any("e" in text for text in fractions):
        return [f"{number:g}" for number in numbers]
    decimals = max((len(text.split(".")[1]) for text in fractions), default=0)
    return [f"{number:.{decimals if number % 1 else 0}f}" for number in numbers]


def _scientific(value: float) -> str:
    if value <= 0:
        return f"{value:g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"
