"""Figures: cubes in, matplotlib figure out.

`FIGURES` is the list of figures the pipeline can draw. To add one, write a function
`(cubes, references) -> matplotlib.figure.Figure` in the module of its paper and add one entry
here. The workflow reads this table at every start, so importing this module loads neither
matplotlib nor xarray.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import LayerAtlasError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from xarray import DataTree

__all__ = ["FIGURES", "FigureEntry", "animate", "draw", "metric_map", "read_identity", "save"]


@dataclass(frozen=True)
class FigureEntry:
    """What the pipeline must know of a figure before it is drawn.

    `function` and `claims` are "module:function"; `experiments` are the cubes it needs, none for
    a drawing, and `references` the files of data/reference it compares with. `animation`, also
    "module:function", gives the frames of `figures/<name>.gif`; `table` the `Table` that is written
    as `figures/<name>.tex` and `.md` too. A `costly` figure, one that takes
    more time or a larger download than a first look at everything should, is made when asked for
    by its name, and left out of `figures`, `claims` and `all`.
    """

    name: str
    function: str
    claims: str | None
    experiments: tuple[str, ...]
    references: tuple[str, ...]
    paper: str
    title: str
    caption: str
    animation: str | None = None
    table: str | None = None
    costly: bool = False


_SPRING_BLOCK = "arXiv 2407.19353"
_FEATURE_SPEED = "arXiv 2311.18718"
_PHASE_DIAGRAMS = (
    "phase_diagram_data_noise",
    "phase_diagram_learning_rate",
    "phase_diagram_dropout",
    "phase_diagram_batch_size",
)
_PUBLISHED = "spring_block_phase_diagram_published.csv"


def _feature_speed(
    name: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    module: str = "feature_speed",
    claims: str = "feature_speed",
    table: str | None = None,
) -> FigureEntry:
    """An entry of the feature speed paper: drawn and judged by functions of the figure's name."""
    return FigureEntry(
        name=name,
        function=f"layeratlas.figures.{module}:{name}",
        claims=f"layeratlas.claims.{claims}:{name}",
        experiments=experiments,
        references=(),
        paper=_FEATURE_SPEED,
        title=title,
        caption=caption,
        table=table,
    )


FIGURES: dict[str, FigureEntry] = {
    entry.name: entry
    for entry in (
        FigureEntry(
            name="phase_diagram",
            function="layeratlas.figures.spring_block:phase_diagram",
            claims="layeratlas.claims.spring_block:phase_diagram",
            experiments=_PHASE_DIAGRAMS,
            references=(),
            paper=_SPRING_BLOCK,
            title="Noise–nonlinearity phase diagram",
            caption=(
                "Load curves (red: data separation against layer, each rescaled to its cell) of "
                "networks between ReLU (top) and linear (bottom), trained with more noise to the "
                "left. Grey: test accuracy."
            ),
        ),
        FigureEntry(
            name="load_uniformity",
            function="layeratlas.figures.spring_block:load_uniformity",
            claims="layeratlas.claims.spring_block:load_uniformity",
            experiments=_PHASE_DIAGRAMS,
            references=(),
            paper=_SPRING_BLOCK,
            title="Load uniformity and generalisation",
            caption=(
                "Test accuracy against the absolute convexity index of the load curve, one point "
                "a cell of the phase diagram: networks that share the load evenly among their "
                "layers generalise best."
            ),
        ),
        FigureEntry(
            name="phase_diagram_he_su",
            function="layeratlas.figures.spring_block:phase_diagram_he_su",
            claims="layeratlas.claims.spring_block:phase_diagram_he_su",
            experiments=_PHASE_DIAGRAMS,
            references=(),
            paper=_SPRING_BLOCK,
            title="Phase diagram in the pseudo-inverse measure of data separation",
            caption=(
                "The phase diagram redrawn with the measure of He and Su, ln tr(Σ_w Σ_b⁺), which "
                "is ill-conditioned toward linear networks and strong noise."
            ),
        ),
        FigureEntry(
            name="phase_diagram_fidelity",
            function="layeratlas.figures.spring_block:phase_diagram_fidelity",
            claims="layeratlas.claims.spring_block:phase_diagram_fidelity",
            experiments=("phase_diagram_data_noise", "phase_diagram_dropout"),
            references=(_PUBLISHED,),
            paper=_SPRING_BLOCK,
            title="Reproduced against published phase diagram",
            caption=(
                "Convexity index and test accuracy of every cell that coincides with a cell of "
                "the published panels a and c, reproduced against published."
            ),
        ),
        FigureEntry(
            name="schematic",
            function="layeratlas.figures.schematic:schematic",
            claims=None,
            experiments=(),
            references=(),
            paper=_SPRING_BLOCK,
            title="A network and the chain that stands for it",
            caption=(
                "Blocks on a rough floor, joined by springs and pulled to the right, above the "
                "network whose layers they stand for: the elongation of a spring is the load of "
                "a layer."
            ),
        ),
        FigureEntry(
            name="spring_phase_diagram",
            function="layeratlas.figures.springs:spring_phase_diagram",
            claims="layeratlas.claims.springs:spring_phase_diagram",
            experiments=("spring_phase_diagram", "spring_phase_diagram_symmetric"),
            references=(_PUBLISHED,),
            paper=_SPRING_BLOCK,
            title="Spring–block phase diagram",
            caption=(
                "Load curves of the mechanical model (red) between much friction (top) and none "
                "(bottom), shaken harder to the left. Colour: convexity index."
            ),
        ),
        FigureEntry(
            name="two_phase_diagrams",
            function="layeratlas.figures.springs:two_phase_diagrams",
            claims="layeratlas.claims.springs:two_phase_diagrams",
            experiments=(*_PHASE_DIAGRAMS, "spring_phase_diagram"),
            references=(_PUBLISHED,),
            paper=_SPRING_BLOCK,
            title="Phase diagrams of networks and of springs, side by side",
            caption=(
                "The four phase diagrams of networks beside that of the chain, all coloured by "
                "convexity index, with the rank correlation of their cells."
            ),
        ),
        FigureEntry(
            name="trajectories",
            function="layeratlas.figures.trajectories:trajectories",
            claims="layeratlas.claims.springs:trajectories",
            experiments=("network_trajectories", "spring_trajectories"),
            references=(),
            paper=_SPRING_BLOCK,
            title="Training trajectories of networks and of springs",
            caption=(
                "Data separation of every layer over training (left) and the distance of every "
                "block to the target over time (right), in four regimes of nonlinearity and noise."
            ),
        ),
        FigureEntry(
            name="lazy_active",
            function="layeratlas.figures.trajectories:lazy_active",
            claims=None,
            experiments=("network_trajectories", "spring_trajectories"),
            references=(),
            paper=_SPRING_BLOCK,
            title="Lazy and active training",
            caption=(
                "A ReLU network trained without noise and with dropout, at six moments, above the "
                "chain pulled steadily and shaken: without noise the deep layers carry the load, "
                "with it all do."
            ),
            animation="layeratlas.figures.trajectories:lazy_active_frames",
        ),
        FigureEntry(
            name="folding_ruler",
            function="layeratlas.figures.springs:folding_ruler",
            claims="layeratlas.claims.springs:folding_ruler",
            experiments=("folding_ruler",),
            references=(),
            paper=_SPRING_BLOCK,
            title="Folding ruler, computed stand-in",
            caption=(
                "A chain drawn as a folding ruler in place of the paper's photographs: pulled "
                "steadily only its outer segments open, shaken all of them do."
            ),
        ),
        FigureEntry(
            name="first_order_chain",
            function="layeratlas.figures.springs:first_order_chain",
            claims="layeratlas.claims.springs:first_order_chain",
            experiments=("first_order_chain",),
            references=(),
            paper=_SPRING_BLOCK,
            title="First-order spring–block chain",
            caption=(
                "Final profile and motion of the overdamped chain with noise and with the same "
                "friction in both directions."
            ),
        ),
        FigureEntry(
            name="second_order_chain",
            function="layeratlas.figures.springs:second_order_chain",
            claims="layeratlas.claims.springs:second_order_chain",
            experiments=("second_order_chain_common", "second_order_chain_independent"),
            references=(),
            paper=_SPRING_BLOCK,
            title="Second-order spring–block chain",
            caption=(
                "Motion, velocities and final profile of the chain with inertia, shaken by one "
                "noise common to all blocks and by independent noises."
            ),
        ),
        FigureEntry(
            name="spring_fit",
            function="layeratlas.figures.spring_fit:spring_fit",
            claims=None,
            experiments=(
                "spring_fit_data_noise",
                "spring_fit_learning_rate",
                "spring_fit_dropout",
                "spring_fit_batch_size",
            ),
            references=(),
            paper=_SPRING_BLOCK,
            title="Chains fitted to the network phase diagram",
            caption=(
                "Friction and noise of the spring–block chain whose load curve is nearest in shape "
                "to the network's, cell by cell; hatched where the curve does not identify them."
            ),
        ),
        FigureEntry(
            name="spring_fit_trajectories",
            function="layeratlas.figures.spring_fit:spring_fit_trajectories",
            claims=None,
            experiments=("spring_fit_trajectories",),
            references=(),
            paper=_SPRING_BLOCK,
            title="Chains fitted to training trajectories",
            caption=(
                "Data separation of every layer over training (solid) and the motion of the "
                "spring–block chain nearest to it (dashed), both on a scale with the wall, D_0 or "
                "y, at 1, in four regimes, with the misfit over time and the fitted friction, "
                "noise and clock; hatched where the trajectory does not identify them."
            ),
        ),
        FigureEntry(
            name="cnn_load_curves",
            function="layeratlas.figures.cnn:cnn_load_curves",
            claims="layeratlas.claims.cnn:cnn_load_curves",
            experiments=("cnn_cifar10",),
            references=(),
            paper=_SPRING_BLOCK,
            title="Load curves of a CNN against dropout",
            caption=(
                "Load curves of a convolutional network, one colour a dropout rate, with test "
                "accuracy and convexity index against the rate. Only the paper preset is the "
                "published CIFAR-10 experiment; the figure names the stand-in of the others."
            ),
        ),
        FigureEntry(
            name="cnn_load_curves_reduced",
            function="layeratlas.figures.cnn:cnn_load_curves_reduced",
            claims="layeratlas.claims.cnn:cnn_load_curves_reduced",
            experiments=("cnn_cifar10_reduced",),
            references=(),
            paper=_SPRING_BLOCK,
            title="Load curves of a CNN against dropout, reduced for a CPU",
            caption=(
                "The convolutional network of the paper on images of CIFAR-10, reduced to four "
                "dropout rates, two seeds and 600 steps at a larger learning rate: load curves, "
                "test accuracy and convexity index against the rate."
            ),
            costly=True,
        ),
        FigureEntry(
            name="sharpness",
            function="layeratlas.figures.sharpness:sharpness",
            claims=None,
            experiments=("sharpness",),
            references=(),
            paper=_SPRING_BLOCK,
            title="Sharpness of the loss and load",
            caption=(
                "Top eigenvalue and trace of the Hessian of the training loss against the "
                "convexity index, over dropout (marker) and negative slope (colour)."
            ),
        ),
        _feature_speed(
            "bfa_layer",
            ("bfa_layer",),
            "Backward–feature angle by layer",
            "Angle between each feature's update and minus its gradient, in ReLU networks with "
            "five branch scales; dotted: closed form at large width.",
        ),
        _feature_speed(
            "bfa_depth",
            ("bfa_depth", "bfa_depth_mlp"),
            "Backward–feature angle by depth",
            "Angle of the last hidden feature: it opens with depth in the MLP, and is independent "
            "of depth where the branch scale is of order 1/√L.",
        ),
        _feature_speed(
            "bfa_branch_scale",
            ("bfa_branch_scale",),
            "Backward–feature angle by branch scale",
            "Angle of the last hidden feature against √L β: networks of depth 30 to 500 lie on "
            "one curve.",
        ),
        _feature_speed(
            "bfa_large_c",
            ("bfa_branch_scale",),
            "Decay of the alignment at large branch scale",
            "Cosine of the angle against c = √L β with the guides 1/c and c^(−1/2): the text and "
            "the notebook of the paper disagree, the measurement decides.",
        ),
        _feature_speed(
            "bfa_conditioning",
            ("bfa_conditioning",),
            "Kernels and Jacobians behind the angles",
            "The angle against the spread of the backward-to-feature kernel's spectrum, and the "
            "conditioning of layer-to-layer Jacobians.",
        ),
        _feature_speed(
            "sensitivity_mlp",
            ("sensitivity_mlp",),
            "Sensitivity of the last hidden feature by depth, MLP",
            "Feature change per unit of loss change under NTK, MF+µP and FSC scalings: only FSC "
            "keeps it of order one at all depths.",
        ),
        _feature_speed(
            "sensitivity_resnet",
            ("sensitivity_resnet",),
            "Sensitivity of the last hidden feature by depth, ResNet",
            "Feature change per unit of loss change for two branch scales: flat in depth. The "
            "published level is about seven times higher than the stated settings give.",
        ),
        _feature_speed(
            "hp_mlp",
            ("hp_mlp", "hp_mlp_sizes"),
            "Scalings of the MLP",
            "Initial spreads and learning rates of NTK, MF+µP and FSC, dense and sparse, with "
            "measured exponents.",
            module="tables",
            table="layeratlas.figures.tables:hp_mlp_table",
        ),
        _feature_speed(
            "hp_resnet",
            ("hp_resnet",),
            "Scaling of the ResNet",
            "Initial spreads and learning rates of FSC for residual networks, dense and sparse, "
            "with measured exponents.",
            module="tables",
            table="layeratlas.figures.tables:hp_resnet_table",
        ),
        _feature_speed(
            "bafu_layer_mlp",
            ("bfa_layer",),
            "Aligned and total feature updates, MLP",
            "Part of each feature's update along minus its gradient, and the whole: in a deep MLP "
            "most of it is not aligned. From the paper's first versions.",
        ),
        _feature_speed(
            "bafu_layer_resnet",
            ("bfa_layer",),
            "Aligned and total feature updates, ResNet",
            "As for the MLP, with β = 1/√L: most of the update is aligned. From the paper's first "
            "versions.",
        ),
        _feature_speed(
            "feature_speed_training",
            (
                "feature_speed_training",
                "feature_speed_training_resnet",
                "feature_speed_training_invariant",
                "feature_speed_training_resnet_invariant",
            ),
            "Feature speed along training",
            "Backward–feature angle, velocity, sensitivity and contribution of the last hidden "
            "layer along training, under four scalings with frozen learning rates (one column "
            "a width) and with scale-invariant ones. An extension: the paper trains nothing.",
            module="feature_speed_training",
            claims="feature_speed_training",
        ),
        _feature_speed(
            "learning_rate_transfer",
            ("learning_rate_transfer",),
            "Learning-rate transfer across depth",
            "Training loss after a fixed number of steps against the learning rate at several "
            "depths, and the best rate against depth, under three scalings. An extension: the "
            "paper trains nothing.",
            module="feature_speed_training",
            claims="feature_speed_training",
        ),
    )
}


def draw(
    name: str, cubes: Mapping[str, DataTree], references: Mapping[str, Path] | None = None
) -> Figure:
    """Draw the figure `name` from the cubes of its experiments and its reference files."""
    entry = lookup(name)
    require("experiments", entry.experiments, cubes, name)
    require("references", entry.references, references or {}, name)
    return resolve(entry.function)(cubes, references or {})


def save(figure: Figure, stem: Path, identity: Mapping[str, str] | None = None) -> list[Path]:
    """Write `<stem>.pdf`, `.png` and `.svg`; see `layeratlas.figures.output.save`."""
    from layeratlas.figures import output

    return output.save(figure, stem, identity or {})


def animate(
    name: str, cubes: Mapping[str, DataTree], path: Path, identity: Mapping[str, str] | None = None
) -> Path:
    """Write the animation of the figure `name` as a GIF; see `layeratlas.figures.animation`."""
    from layeratlas.figures import animation

    entry = lookup(name)
    if entry.animation is None:
        raise LayerAtlasError(f"figure {name!r} has no animation")
    require("experiments", entry.experiments, cubes, name)
    return animation.save(resolve(entry.animation)(cubes), path, identity or {})


def read_identity(path: Path) -> dict[str, str]:
    """The identities a saved figure carries; see `layeratlas.figures.output.read_identity`."""
    from layeratlas.figures import output

    return output.read_identity(path)


def metric_map(dataset, x: str | None = None, y: str | None = None, **options) -> Figure:
    """Any metric over any two axes; see `layeratlas.figures.maps.metric_map`."""
    from layeratlas.figures import maps

    return maps.metric_map(dataset, x, y, **options)


def lookup(name: str) -> FigureEntry:
    if name not in FIGURES:
        raise LayerAtlasError(f"no figure {name!r}; the figures are {', '.join(FIGURES)}")
    return FIGURES[name]


def resolve(reference: str):
    """The function that "module:function" names."""
    module, _, function = reference.partition(":")
    return getattr(import_module(module), function)


def require(what: str, needed: tuple[str, ...], given: Mapping[str, object], name: str) -> None:
    missing = [key for key in needed if key not in given]
    if missing:
        raise LayerAtlasError(f"figure {name!r} needs the {what} {missing}; given: {list(given)}")
