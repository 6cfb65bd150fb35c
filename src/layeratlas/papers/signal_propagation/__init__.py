"""Feature learning and signal propagation (Lou, Mingard, Nam and Hayou).

The alignment hierarchy of a network's layers, and the Equilibrium Hypothesis about its peak.
`profiles` reads a number of every layer from a cube, `shape` says whether a profile rises and
falls, `equilibrium` where forward and backward information are in balance; `figures` and `claims`
mirror each other, a module an idea. The full text was not read: what is the paper's word, what is
read off its released scripts, what is derived or chosen here, captions and notes say. Here: the
table of the paper's figures. Light to import: the workflow reads it at every start.
"""

from __future__ import annotations

from collections.abc import Mapping

from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.signal_propagation.source import PREPRINT, REFERENCE

__all__ = ["FIGURES", "REFERENCE", "TITLE"]

TITLE = "Feature Learning and Signal Propagation in Deep Neural Networks"

#: Presets at which sweeps of trainings are no first look at everything.
_SLOW = ("laptop", "paper")
_ROOM = "layeratlas.papers.signal_propagation"
_DATA = ("fashion_mnist", "mnist", "cifar10", "cifar100")
#: Panels of perceptrons are told apart by the data set, of other networks by the family.
_PANELS = {
    "alignment_fashion_mnist": "Fashion-MNIST",
    "alignment_mnist": "MNIST",
    "alignment_cifar10": "CIFAR-10",
    "alignment_vgg": "VGG",
    "alignment_resnet": "ResNet",
    "alignment_small_cnn": "CNN",
    "alignment_dynamics": "a–d",
    "alignment_tiny_step": "e, f",
}


def _entry(
    name: str,
    module: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    paper: str = PREPRINT,
    table: bool = False,
    costly: bool | tuple[str, ...] = False,
    more: Mapping[str, tuple[str, ...]] | None = None,
    published: tuple[str, ...] = _DATA,
) -> FigureEntry:
    """A figure drawn and judged by functions of its name, in `module` of `figures` and `claims`.

    A `table` is made by the function `<name>_table` beside the drawing.
    """
    return FigureEntry(
        name=name,
        function=f"{_ROOM}.figures.{module}:{name}",
        claims=f"{_ROOM}.claims.{module}:{name}",
        experiments=experiments,
        paper=paper,
        title=title,
        caption=caption,
        table=f"{_ROOM}.figures.{module}:{name}_table" if table else None,
        costly=costly,
        more=more or {},
        published=published,
        letters=_PANELS,
    )


_ARCHITECTURES = ("alignment_vgg", "alignment_resnet")
_PERCEPTRONS = ("alignment_fashion_mnist", "alignment_mnist", "alignment_cifar10")

FIGURES: tuple[FigureEntry, ...] = (
    _entry(
        "signal_propagation",
        "initialisation",
        ("signal_propagation",),
        "Signals before training",
        "What is left of the difference between two images forward, and of the likeness of their "
        "cotangents backward, in ReLU networks at initialisation: networks of several widths, and "
        "the recursion of infinite width, derived here.",
        costly=_SLOW,
    ),
    _entry(
        "phase_comparison",
        "phases",
        ("phase_comparison",),
        "Ordered, critical and chaotic networks",
        "Where forward and backward information are in balance in tanh networks of three spreads "
        "of initial weights, and the alignment of their layers before and after training. Beyond "
        "the paper's runs.",
        costly=_SLOW,
    ),
    _entry(
        "alignment_hierarchy",
        "hierarchy",
        ("alignment_fashion_mnist", "alignment_mnist", *_ARCHITECTURES),
        "Alignment hierarchy",
        "Alignment of each layer's tangent kernel with the labels, before training and at a "
        "running loss of 0.1: it rises and then falls with the layer (the paper's observation; "
        "the rule that judges it was chosen here).",
        costly=_SLOW,
    ),
    _entry(
        "equilibrium_depth_scaling",
        "depth_scaling",
        _PERCEPTRONS,
        "Layer of the peak by depth",
        "Peak and centroid of the alignment against depth, beside the layer where forward and "
        "backward information cross; the published law is L^(3/5), the crossing was derived here.",
        costly=_SLOW,
    ),
    _entry(
        "alignment_by_depth",
        "by_depth",
        _PERCEPTRONS,
        "Alignment by relative layer and depth",
        "Profiles of all depths in one map, with peak, centroid and the equilibrium layer of the "
        "infinitely wide network, derived here.",
        costly=_SLOW,
    ),
    _entry(
        "movement",
        "movement",
        _PERCEPTRONS,
        "Movement of parameters by layer",
        "Squared norm of every layer's parameters at a running loss of 0.1 over that before "
        "training: a diagnostic of the released scripts.",
        costly=_SLOW,
    ),
    _entry(
        "definitions",
        "definitions",
        ("alignment_fashion_mnist",),
        "Definitions of alignment",
        "Alignment, its class-traced and uncentred variants, its mean under permuted labels and "
        "its second moment on one network (two of them from the released scripts, three chosen or "
        "derived here).",
        costly=_SLOW,
    ),
    _entry(
        "peak_table",
        "peaks",
        (*_PERCEPTRONS, *_ARCHITECTURES),
        "Table of peaks",
        "Depth, input cosine, three equilibrium layers (derived here), peak, centroid and "
        "prominence of every network.",
        table=True,
        costly=_SLOW,
    ),
    _entry(
        "alignment_dynamics",
        "dynamics",
        ("alignment_dynamics",),
        "Alignment of every layer along training",
        "Alignment of each layer's tangent kernel with the labels against the SGD iteration, on "
        "training and test images, with accuracy: hidden layers rise above both ends.",
        costly=_SLOW,
    ),
    _entry(
        "lr_batch_generalisation",
        "generalising",
        ("alignment_lr_batch",),
        "Alignment, learning rate, batch size and generalisation",
        "Height of the alignment hierarchy and test error at equal running loss over learning "
        "rates and batch sizes, and one against the other.",
        costly=_SLOW,
        more={
            "paper": (
                "alignment_lr_batch_cifar10",
                "alignment_lr_batch_vgg",
                "alignment_lr_batch_cifar100_vgg",
                "alignment_lr_batch_cifar100_resnet",
            )
        },
    ),
    _entry(
        "label_noise",
        "label_noise",
        ("alignment_label_noise",),
        "Alignment under label noise",
        "Alignment of every layer with the labels trained on, of which 0 to 100 % are random, "
        "along training and at equal running loss.",
        costly=_SLOW,
    ),
    _entry(
        "alignment_mechanism",
        "mechanism",
        ("alignment_dynamics", "alignment_tiny_step"),
        "What changes an alignment",
        "Cosine of residual and labels along training, the two terms of every layer's change of "
        "alignment, and whether they add up to it for one small step.",
        costly=_SLOW,
    ),
    _entry(
        "width_effect",
        "width_effect",
        ("alignment_width",),
        "Alignment by width",
        "Alignment of every layer at equal running loss in networks of several widths, and how "
        "far seeds differ in the layers of the peak and of the equilibrium.",
        costly=_SLOW,
    ),
    _entry(
        "mean_cosine_shift",
        "mean_cosine",
        ("mean_cosine_shift", "mean_cosine_image"),
        "Hierarchy by the mean cosine of inputs",
        "Alignment by layer where inputs are more or less alike, at one depth: the predicted "
        "equilibrium layer beside peak, centroid, ascent and descent. Beyond the paper; prediction "
        "derived here.",
        costly=_SLOW,
    ),
    _entry(
        "alignment_under_scalings",
        "scalings",
        ("alignment_under_scalings",),
        "Hierarchy under hyper-parameter scalings",
        "Alignment by layer under NTK, MF+µP and FSC scalings and under one rate for all layers, "
        "at an equal running loss. Beyond the paper.",
        costly=_SLOW,
    ),
    _entry(
        "alignment_phase_diagram",
        "noise_grid",
        ("alignment_phase_diagram",),
        "Hierarchy over noise and nonlinearity",
        "Peak, centroid and ascent of the alignment in the spring–block paper's networks, over "
        "dropout and negative slope, beside the crossing of leaky ReLU (derived here, for networks "
        "without batch norm). Beyond both papers.",
    ),
    _entry(
        "two_boundaries",
        "two_boundaries",
        ("boundary_dropout", "boundary_alignment"),
        "Two boundaries in one plane",
        "Where the load curve of the spring–block paper turns from concave to convex, and where "
        "the alignment's peak leaves the first layer, in the same networks over dropout and "
        "negative slope. Beyond both papers; more runs near both by `layeratlas refine`.",
        costly=True,
    ),
    _entry(
        "architectures",
        "architectures",
        ("alignment_vgg", "alignment_resnet", "alignment_small_cnn"),
        "Alignment in convolutional and residual networks",
        "Alignment of each layer's tangent kernel with the labels in VGG and residual networks and "
        "in a small CNN, shortcuts beside the main path.",
        costly=_SLOW,
    ),
    _entry(
        "baratin_alignment",
        "kernels_along",
        ("baratin_vgg",),
        "Alignment of a network along training, by label noise",
        "Accuracy, alignment of the whole network's tangent kernel and of every layer's along "
        "training, with clean and with redrawn labels. After Baratin et al. (arXiv 2008.00938).",
        costly=_SLOW,
    ),
    _entry(
        "baratin_hierarchy",
        "baratin_hierarchy",
        ("alignment_vgg", "alignment_resnet", "alignment_mnist"),
        "Alignment of layers in three networks",
        "Alignment by layer in a VGG network, a residual network and a perceptron. After Baratin "
        "et al. (arXiv 2008.00938).",
        costly=_SLOW,
    ),
    _entry(
        "baratin_spectrum",
        "spectra",
        ("baratin_vgg",),
        "Spectrum of a network's tangent kernel along training",
        "Eigenvalues, effective rank and trace ratios of the centred tangent kernel of the whole "
        "network. After Baratin et al. (arXiv 2008.00938).",
        costly=_SLOW,
    ),
    _entry(
        "baratin_easy_difficult",
        "difficulty",
        ("baratin_easy_difficult",),
        "Alignment on easy and difficult examples",
        "Alignment of the network's kernel along training, on images that kept their label and on "
        "those whose label was drawn at random. After Baratin et al. (arXiv 2008.00938).",
        costly=_SLOW,
    ),
    _entry(
        "baratin_toy",
        "toy",
        ("baratin_toy",),
        "Eigenfunctions on a disc",
        "Output, Jacobian norm and eigenfunctions of the tangent kernel over a square, along "
        "training on a disc. After Baratin et al. (arXiv 2008.00938).",
        published=("disc",),
    ),
)
