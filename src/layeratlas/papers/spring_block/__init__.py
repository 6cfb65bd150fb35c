"""Spring–block theory of feature learning in deep neural networks (Shi, Pan and Dokmanić).

The noise–nonlinearity phase diagram, load curves and the mechanical model. Here: the table of the
paper's figures. Light to import: the workflow reads it at every start.
"""

from __future__ import annotations

from layeratlas.figures.entry import FigureEntry

PREPRINT = "arXiv 2407.19353"
REFERENCE = (
    "Shi, Pan and Dokmanić, Spring-block theory of feature learning in deep neural networks, "
    "Phys. Rev. Lett. 2025, doi:10.1103/ys4n-2tj3, arXiv:2407.19353"
)

PHASE_DIAGRAMS = (
    "phase_diagram_data_noise",
    "phase_diagram_learning_rate",
    "phase_diagram_dropout",
    "phase_diagram_batch_size",
)
PUBLISHED = "spring_block_phase_diagram_published.csv"

FIGURES = (
    FigureEntry(
        name="phase_diagram",
        function="layeratlas.papers.spring_block.figures.phase_diagram:phase_diagram",
        claims="layeratlas.papers.spring_block.claims.phase_diagram:phase_diagram",
        experiments=PHASE_DIAGRAMS,
        references=(),
        paper=PREPRINT,
        title="Noise–nonlinearity phase diagram",
        caption=(
            "Load curves (red: data separation against layer, each rescaled to its cell) of "
            "networks between ReLU (top) and linear (bottom), trained with more noise to the "
            "left. Grey: test accuracy."
        ),
    ),
    FigureEntry(
        name="load_uniformity",
        function="layeratlas.papers.spring_block.figures.phase_diagram:load_uniformity",
        claims="layeratlas.papers.spring_block.claims.phase_diagram:load_uniformity",
        experiments=PHASE_DIAGRAMS,
        references=(),
        paper=PREPRINT,
        title="Load uniformity and generalisation",
        caption=(
            "Test accuracy against the absolute convexity index of the load curve, one point "
            "a cell of the phase diagram: networks that share the load evenly among their "
            "layers generalise best."
        ),
    ),
    FigureEntry(
        name="phase_diagram_he_su",
        function="layeratlas.papers.spring_block.figures.phase_diagram:phase_diagram_he_su",
        claims="layeratlas.papers.spring_block.claims.phase_diagram:phase_diagram_he_su",
        experiments=PHASE_DIAGRAMS,
        references=(),
        paper=PREPRINT,
        title="Phase diagram in the pseudo-inverse measure of data separation",
        caption=(
            "The phase diagram redrawn with the measure of He and Su, ln tr(Σ_w Σ_b⁺), which "
            "is ill-conditioned toward linear networks and strong noise."
        ),
    ),
    FigureEntry(
        name="phase_diagram_fidelity",
        function="layeratlas.papers.spring_block.figures.phase_diagram:phase_diagram_fidelity",
        claims="layeratlas.papers.spring_block.claims.phase_diagram:phase_diagram_fidelity",
        experiments=("phase_diagram_data_noise", "phase_diagram_dropout"),
        references=(PUBLISHED,),
        paper=PREPRINT,
        title="Reproduced against published phase diagram",
        caption=(
            "Convexity index and test accuracy of every cell that coincides with a cell of "
            "the published panels a and c, reproduced against published."
        ),
    ),
    FigureEntry(
        name="schematic",
        function="layeratlas.papers.spring_block.figures.schematic:schematic",
        claims=None,
        experiments=(),
        references=(),
        paper=PREPRINT,
        title="A network and the chain that stands for it",
        caption=(
            "Blocks on a rough floor, joined by springs and pulled to the right, above the "
            "network whose layers they stand for: the elongation of a spring is the load of "
            "a layer."
        ),
    ),
    FigureEntry(
        name="spring_phase_diagram",
        function="layeratlas.papers.spring_block.figures.springs:spring_phase_diagram",
        claims="layeratlas.papers.spring_block.claims.springs:spring_phase_diagram",
        experiments=("spring_phase_diagram", "spring_phase_diagram_symmetric"),
        references=(PUBLISHED,),
        paper=PREPRINT,
        title="Spring–block phase diagram",
        caption=(
            "Load curves of the mechanical model (red) between much friction (top) and none "
            "(bottom), shaken harder to the left. Colour: convexity index."
        ),
    ),
    FigureEntry(
        name="two_phase_diagrams",
        function="layeratlas.papers.spring_block.figures.springs:two_phase_diagrams",
        claims="layeratlas.papers.spring_block.claims.springs:two_phase_diagrams",
        experiments=(*PHASE_DIAGRAMS, "spring_phase_diagram"),
        references=(PUBLISHED,),
        paper=PREPRINT,
        title="Phase diagrams of networks and of springs, side by side",
        caption=(
            "The four phase diagrams of networks beside that of the chain, all coloured by "
            "convexity index, with the rank correlation of their cells."
        ),
    ),
    FigureEntry(
        name="trajectories",
        function="layeratlas.papers.spring_block.figures.trajectories:trajectories",
        claims="layeratlas.papers.spring_block.claims.springs:trajectories",
        experiments=("network_trajectories", "spring_trajectories"),
        references=(),
        paper=PREPRINT,
        title="Training trajectories of networks and of springs",
        caption=(
            "Data separation of every layer over training (left) and the distance of every "
            "block to the target over time (right), in four regimes of nonlinearity and noise."
        ),
    ),
    FigureEntry(
        name="lazy_active",
        function="layeratlas.papers.spring_block.figures.trajectories:lazy_active",
        claims=None,
        experiments=("network_trajectories", "spring_trajectories"),
        references=(),
        paper=PREPRINT,
        title="Lazy and active training",
        caption=(
            "A ReLU network trained without noise and with dropout, at six moments, above the "
            "chain pulled steadily and shaken: without noise the deep layers carry the load, "
            "with it all do."
        ),
        animation="layeratlas.papers.spring_block.figures.trajectories:lazy_active_frames",
    ),
    FigureEntry(
        name="folding_ruler",
        function="layeratlas.papers.spring_block.figures.springs:folding_ruler",
        claims="layeratlas.papers.spring_block.claims.springs:folding_ruler",
        experiments=("folding_ruler",),
        references=(),
        paper=PREPRINT,
        title="Folding ruler, computed stand-in",
        caption=(
            "A chain drawn as a folding ruler in place of the paper's photographs: pulled "
            "steadily only its outer segments open, shaken all of them do."
        ),
    ),
    FigureEntry(
        name="first_order_chain",
        function="layeratlas.papers.spring_block.figures.springs:first_order_chain",
        claims="layeratlas.papers.spring_block.claims.springs:first_order_chain",
        experiments=("first_order_chain",),
        references=(),
        paper=PREPRINT,
        title="First-order spring–block chain",
        caption=(
            "Final profile and motion of the overdamped chain with noise and with the same "
            "friction in both directions."
        ),
    ),
    FigureEntry(
        name="second_order_chain",
        function="layeratlas.papers.spring_block.figures.springs:second_order_chain",
        claims="layeratlas.papers.spring_block.claims.springs:second_order_chain",
        experiments=("second_order_chain_common", "second_order_chain_independent"),
        references=(),
        paper=PREPRINT,
        title="Second-order spring–block chain",
        caption=(
            "Motion, velocities and final profile of the chain with inertia, shaken by one "
            "noise common to all blocks and by independent noises."
        ),
    ),
    FigureEntry(
        name="spring_fit",
        function="layeratlas.papers.spring_block.figures.fits:spring_fit",
        claims=None,
        experiments=(
            "spring_fit_data_noise",
            "spring_fit_learning_rate",
            "spring_fit_dropout",
            "spring_fit_batch_size",
        ),
        references=(),
        paper=PREPRINT,
        title="Chains fitted to the network phase diagram",
        caption=(
            "Friction and noise of the spring–block chain whose load curve is nearest in shape "
            "to the network's, cell by cell; hatched where the curve does not identify them."
        ),
    ),
    FigureEntry(
        name="spring_fit_trajectories",
        function="layeratlas.papers.spring_block.figures.fits:spring_fit_trajectories",
        claims=None,
        experiments=("spring_fit_trajectories",),
        references=(),
        paper=PREPRINT,
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
        function="layeratlas.papers.spring_block.figures.cnn:cnn_load_curves",
        claims="layeratlas.papers.spring_block.claims.cnn:cnn_load_curves",
        experiments=("cnn_cifar10",),
        references=(),
        paper=PREPRINT,
        title="Load curves of a CNN against dropout",
        caption=(
            "Load curves of a convolutional network, one colour a dropout rate, with test "
            "accuracy and convexity index against the rate. Only the paper preset is the "
            "published CIFAR-10 experiment; the figure names the stand-in of the others."
        ),
    ),
    FigureEntry(
        name="cnn_load_curves_reduced",
        function="layeratlas.papers.spring_block.figures.cnn:cnn_load_curves_reduced",
        claims="layeratlas.papers.spring_block.claims.cnn:cnn_load_curves_reduced",
        experiments=("cnn_cifar10_reduced",),
        references=(),
        paper=PREPRINT,
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
        function="layeratlas.papers.spring_block.figures.sharpness:sharpness",
        claims=None,
        experiments=("sharpness",),
        references=(),
        paper=PREPRINT,
        title="Sharpness of the loss and load",
        caption=(
            "Top eigenvalue and trace of the Hessian of the training loss against the "
            "convexity index, over dropout (marker) and negative slope (colour)."
        ),
    ),
)
