"""Spring–block theory of feature learning in deep neural networks (Shi, Pan and Dokmanić).

The noise–nonlinearity phase diagram, load curves and the mechanical model. Here: the table of the
paper's figures. Light to import: the workflow reads it at every start.
"""

from __future__ import annotations

from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS

TITLE = "Spring–block theory of feature learning in deep neural networks"
PREPRINT = "arXiv 2407.19353"
REFERENCE = (
    "Shi, Pan and Dokmanić, Spring-block theory of feature learning in deep neural networks, "
    "Phys. Rev. Lett. 2025, doi:10.1103/ys4n-2tj3, arXiv:2407.19353"
)

_PHASE_DIAGRAMS = tuple(panel.experiment for panel in PANELS)
_LETTERS = {
    **{panel.experiment: panel.letter for panel in PANELS},
    **{panel.fit: panel.letter for panel in PANELS},
    "network_trajectories": "networks",
    "spring_trajectories": "springs",
    "spring_phase_diagram": "e",
}


def _entry(
    name: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    drawn: str,
    judged: str | None = None,
    references: tuple[str, ...] = (),
    animation: str | None = None,
    costly: bool = False,
    published: tuple[str, ...] = ("mnist",),
) -> FigureEntry:
    """An entry of this paper, whose functions have the figure's name.

    `drawn` and `judged` are modules of `figures` and `claims`; `animation` a function of `drawn`.
    """
    figures = f"{__name__}.figures.{drawn}"
    return FigureEntry(
        name=name,
        function=f"{figures}:{name}",
        claims=judged and f"{__name__}.claims.{judged}:{name}",
        experiments=experiments,
        references=references,
        paper=PREPRINT,
        title=title,
        caption=caption,
        animation=animation and f"{figures}:{animation}",
        costly=costly,
        published=published,
        letters=_LETTERS,
    )


FIGURES = (
    _entry(
        "phase_diagram",
        _PHASE_DIAGRAMS,
        "Noise–nonlinearity phase diagram",
        (
            "Load curves (red: data separation against layer, each rescaled to its cell) of "
            "networks between ReLU (top) and linear (bottom), trained with more noise to the "
            "left. Grey: test accuracy."
        ),
        drawn="phase_diagram",
        judged="phase_diagram",
    ),
    _entry(
        "load_uniformity",
        _PHASE_DIAGRAMS,
        "Load uniformity and generalisation",
        (
            "Test accuracy against the absolute convexity index of the load curve, one point "
            "a cell of the phase diagram: networks that share the load evenly among their "
            "layers generalise best."
        ),
        drawn="load_uniformity",
        judged="load_uniformity",
    ),
    _entry(
        "phase_diagram_he_su",
        _PHASE_DIAGRAMS,
        "Phase diagram in the pseudo-inverse measure of data separation",
        (
            "The phase diagram redrawn with the measure of He and Su, ln tr(Σ_w Σ_b⁺), which "
            "is ill-conditioned toward linear networks and strong noise."
        ),
        drawn="phase_diagram",
        judged="phase_diagram",
    ),
    _entry(
        "phase_diagram_fidelity",
        ("phase_diagram_data_noise", "phase_diagram_dropout"),
        "Reproduced against published phase diagram",
        (
            "Convexity index and test accuracy of every cell that coincides with a cell of "
            "the published panels a and c, reproduced against published."
        ),
        drawn="fidelity",
        judged="fidelity",
        references=(DIGITISED,),
    ),
    _entry(
        "schematic",
        (),
        "A network and the chain that stands for it",
        (
            "Blocks on a rough floor, joined by springs and pulled to the right, above the "
            "network whose layers they stand for: the elongation of a spring is the load of "
            "a layer."
        ),
        drawn="schematic",
    ),
    _entry(
        "spring_phase_diagram",
        ("spring_phase_diagram", "spring_phase_diagram_symmetric"),
        "Spring–block phase diagram",
        (
            "Load curves of the mechanical model (red) between much friction (top) and none "
            "(bottom), shaken harder to the left. Colour: convexity index."
        ),
        drawn="spring_diagrams",
        judged="spring_diagrams",
        references=(DIGITISED,),
    ),
    _entry(
        "two_phase_diagrams",
        (*_PHASE_DIAGRAMS, "spring_phase_diagram"),
        "Phase diagrams of networks and of springs, side by side",
        (
            "The four phase diagrams of networks beside that of the chain, all coloured by "
            "convexity index, with the rank correlation of their cells."
        ),
        drawn="spring_diagrams",
        judged="spring_diagrams",
        references=(DIGITISED,),
    ),
    _entry(
        "trajectories",
        ("network_trajectories", "spring_trajectories"),
        "Training trajectories of networks and of springs",
        (
            "Data separation of every layer over training (left) and the distance of every "
            "block to the target over time (right), in four regimes of nonlinearity and noise."
        ),
        drawn="trajectories",
        judged="trajectories",
    ),
    _entry(
        "lazy_active",
        ("network_trajectories", "spring_trajectories"),
        "Lazy and active training",
        (
            "A ReLU network trained without noise and with dropout, at six moments, above the "
            "chain pulled steadily and shaken: without noise the deep layers carry the load, "
            "with it all do."
        ),
        drawn="lazy_active",
        animation="lazy_active_frames",
    ),
    _entry(
        "folding_ruler",
        ("folding_ruler",),
        "Folding ruler, computed stand-in",
        (
            "A chain drawn as a folding ruler in place of the paper's photographs: pulled "
            "steadily only its outer segments open, shaken all of them do."
        ),
        drawn="folding_ruler",
        judged="folding_ruler",
    ),
    _entry(
        "first_order_chain",
        ("first_order_chain",),
        "First-order spring–block chain",
        (
            "Final profile and motion of the overdamped chain with noise and with the same "
            "friction in both directions."
        ),
        drawn="chains",
        judged="chains",
    ),
    _entry(
        "second_order_chain",
        ("second_order_chain_common", "second_order_chain_independent"),
        "Second-order spring–block chain",
        (
            "Motion, velocities and final profile of the chain with inertia, shaken by one "
            "noise common to all blocks and by independent noises."
        ),
        drawn="chains",
        judged="chains",
    ),
    _entry(
        "spring_fit",
        tuple(panel.fit for panel in PANELS),
        "Chains fitted to the network phase diagram",
        (
            "Friction and noise of the spring–block chain whose load curve is nearest in shape "
            "to the network's, cell by cell; hatched where the curve does not identify them."
        ),
        drawn="fitted_cells",
    ),
    _entry(
        "spring_fit_trajectories",
        ("spring_fit_trajectories",),
        "Chains fitted to training trajectories",
        (
            "Data separation of every layer over training (solid) and the motion of the "
            "spring–block chain nearest to it (dashed), both on a scale with the wall, D_0 or "
            "y, at 1, in four regimes, with the misfit over time and the fitted friction, "
            "noise and clock; hatched where the trajectory does not identify them."
        ),
        drawn="fitted_trajectories",
    ),
    _entry(
        "cnn_load_curves",
        ("cnn_cifar10",),
        "Load curves of a CNN against dropout",
        (
            "Load curves of a convolutional network, one colour a dropout rate, with test "
            "accuracy and convexity index against the rate. Only the paper preset is the "
            "published CIFAR-10 experiment; the figure names the stand-in of the others."
        ),
        drawn="cnn",
        judged="cnn",
        published=("cifar10",),
    ),
    _entry(
        "cnn_load_curves_reduced",
        ("cnn_cifar10_reduced",),
        "Load curves of a CNN against dropout, reduced for a CPU",
        (
            "The convolutional network of the paper on images of CIFAR-10, reduced to four "
            "dropout rates, two seeds and 600 steps at a larger learning rate: load curves, "
            "test accuracy and convexity index against the rate."
        ),
        drawn="cnn",
        judged="cnn",
        costly=True,
        published=("cifar10",),
    ),
    _entry(
        "sharpness",
        ("sharpness",),
        "Sharpness of the loss and load",
        (
            "Top eigenvalue and trace of the Hessian of the training loss against the "
            "convexity index, over dropout (marker) and negative slope (colour)."
        ),
        drawn="sharpness",
    ),
)
