"""Feature learning as alignment (Beaglehole, Mitliagkas and Agarwala).

The correlation of a layer's feature matrix WᵀW with its gradient outer product WᵀKW, what
training added to either, and what a speed limit of every layer does to it. `curves` reads a number
of every layer along training from a cube, `chain` knows the target of the synthetic task; `figures`
and `claims` mirror each other, a module an idea. The paper's body was not read: what is the paper's
word, what is read off its released code, what is derived or chosen here, captions and notes say;
figures 6 to 17 are reconstructions. Here: the table of the paper's figures. Light to import: the
workflow reads it at every start.
"""

from __future__ import annotations

from collections.abc import Mapping

from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.nfa import sets
from layeratlas.papers.nfa.source import PREPRINT, REFERENCE

__all__ = ["FIGURES", "REFERENCE", "TITLE"]

TITLE = "Feature learning as alignment"

#: Presets at which sweeps of trainings are no first look at everything.
_SLOW = ("laptop", "paper")
_ROOM = "layeratlas.papers.nfa"
_DATA = (
    "chain_monomial",
    "alignment_reversing",
    "cifar10",
    "cifar100",
    "svhn",
    "stl10",
    "gtsrb",
    "mnist",
    "tiny_shakespeare",
)


def _entry(
    name: str,
    module: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    paper: str = PREPRINT,
    costly: bool | tuple[str, ...] = _SLOW,
    more: Mapping[str, tuple[str, ...]] | None = None,
    optional: tuple[str, ...] = (),
    published: tuple[str, ...] = _DATA,
    letters: Mapping[str, str] | None = None,
) -> FigureEntry:
    """A figure drawn and judged by functions of its name, in `module` of `figures` and `claims`."""
    return FigureEntry(
        name=name,
        function=f"{_ROOM}.figures.{module}:{name}",
        claims=f"{_ROOM}.claims.{module}:{name}",
        experiments=experiments,
        paper=paper,
        title=title,
        caption=caption,
        costly=costly,
        more=more or {},
        optional=optional,
        published=published,
        letters=letters or {},
    )


#: Image sets by preset. What `paper` alone downloads is missing at `laptop`, and named there.
_SETS = {
    "smoke": ("nfa_mlp_digits",),
    "laptop": ("nfa_mlp_cifar10", "nfa_mlp_gtsrb", "nfa_mlp_mnist", "nfa_mlp_digits"),
    "paper": tuple(sets.SETS.values()),
}

#: Networks before training, by preset: at `smoke` images of both experiments would be the same.
_ALL_FAMILIES = (
    "nfa_initialisation",
    "nfa_initialisation_digits",
    "nfa_initialisation_chain",
    "nfa_initialisation_cnn",
    "nfa_vgg_cifar10",
    "nfa_gpt",
)
_FAMILIES = {
    "smoke": ("nfa_initialisation", "nfa_initialisation_chain", "nfa_gpt"),
    "laptop": _ALL_FAMILIES,
    "paper": _ALL_FAMILIES,
}


#: Convolutional networks of Fig. 2C by preset.
_NETWORKS = {
    "smoke": (sets.SMALL,),
    "laptop": (sets.CONVOLUTIONAL["CIFAR-10"], sets.SMALL),
    "paper": (sets.CONVOLUTIONAL["CIFAR-10"],),
}
_AT_LAPTOP = ("CIFAR-10", "GTSRB", "MNIST")


def _set_entry(number: int, name: str, presets: tuple[str, ...]) -> FigureEntry:
    """One of figures 6 to 11."""
    experiment = sets.SETS[name]
    return _entry(
        f"nfa_fig{number:02}",
        "image_layers",
        (),
        f"Correlations of hidden layers on {name} (reconstruction)",
        f"UC-NFC and C-NFC of the hidden layers of a perceptron along training on {name}. "
        "Reconstruction: the paper's caption was not available.",
        more=dict.fromkeys(presets, (experiment,)),
        optional=(experiment,),
    )


FIGURES: tuple[FigureEntry, ...] = (
    _entry(
        "nfa_fig01",
        "target_matrices",
        ("nfa_chain_gd_matrices",),
        "Feature matrix, gradient outer product and the target's own",
        "Of the first layer of a network trained on chain monomials: the target's expected "
        "gradient outer product, the neural feature matrix, the average gradient outer product, "
        "and the latter with eigenvectors turned at random (the paper's; sizes chosen here).",
    ),
    _entry(
        "nfa_fig02",
        "image_layers",
        ("nfa_gpt",),
        "Correlations of networks on data",
        "UC-NFC and C-NFC of the hidden layers of a perceptron along training, their averages over "
        "image sets by layer, and those of a decoder's queries, keys and values (the paper's "
        "figure; sets by preset, those that are missing are named).",
        more={preset: (*found, *_NETWORKS[preset]) for preset, found in _SETS.items()},
        optional=(*sets.SETS.values(), *sets.CONVOLUTIONAL.values(), "nfa_gpt"),
        letters={
            **dict.fromkeys((*sets.SETS.values(), sets.DIGITS), "A B"),
            **dict.fromkeys((*sets.CONVOLUTIONAL.values(), sets.SMALL), "C"),
            "nfa_gpt": "D",
        },
    ),
    _entry(
        "nfa_fig03",
        "reversing",
        ("nfa_reversing",),
        "Where centred correlations begin, from moments of data",
        "C-NFC of a network of squares after one small step, on mixtures of several balances, and "
        "its prediction from moments of the data by free probability (derived here).",
    ),
    _entry(
        "nfa_fig04",
        "init_scales",
        (
            "nfa_chain_gd",
            "nfa_chain_slo",
            "nfa_chain_gd_matrices",
            "nfa_chain_slo_matrices",
        ),
        "Scales of initial weights, and speed limits",
        "Correlations of the first layer, the share of training in them and the loss along "
        "training, from several scales of initial weights: gradient descent, and Speed Limited "
        "Optimization with a fast first layer (the paper's constants; its rule chosen here).",
    ),
    _entry(
        "nfa_fig05",
        "double_centred",
        ("nfa_chain_gd",),
        "Double-centred over centred numerator",
        "How much of the centred correlation of each hidden matrix is due to what training changed "
        "in the covariance of cotangents, along training.",
    ),
    *(
        _set_entry(number, name, ("laptop", "paper") if name in _AT_LAPTOP else ("paper",))
        for number, name in enumerate(sets.SETS, start=6)
    ),
    *(
        _entry(
            f"nfa_fig{number}",
            "convolutional",
            (),
            f"Correlations of convolutions on {name} (reconstruction)",
            f"UC-NFC and C-NFC of the convolutions of a VGG-11 along training on {name}. "
            "Reconstruction: the paper's caption was not available.",
            more=dict.fromkeys(
                ("laptop", "paper") if name == "CIFAR-10" else ("paper",), (experiment,)
            ),
            optional=(experiment,),
        )
        for number, (name, experiment) in enumerate(sets.CONVOLUTIONAL.items(), start=12)
    ),
    _entry(
        "nfa_fig15",
        "image_layers",
        (),
        "Training loss and movement of matrices (reconstruction)",
        "Training loss and relative change of every hidden matrix along training, by image set. "
        "Reconstruction: the paper's caption was not available.",
        more=_SETS,
        optional=tuple(sets.SETS.values()),
    ),
    _entry(
        "nfa_fig16",
        "init_scales",
        ("nfa_chain_gd",),
        "Correlations at the end by scale of initial weights (reconstruction)",
        "UC-NFC and C-NFC of both hidden matrices at the end of training, and where C-NFC begins, "
        "over scales of initial weights. Reconstruction: the paper's caption was not available.",
    ),
    _entry(
        "nfa_fig17",
        "init_scales",
        ("nfa_chain_gd", "nfa_chain_slo_middle"),
        "A fast second layer (reconstruction)",
        "Correlations of the second matrix along training, under gradient descent and under Speed "
        "Limited Optimization of that layer. Reconstruction: the paper's caption was not "
        "available.",
    ),
    _entry(
        "nfc_phase_diagram",
        "noise_grid",
        ("four_theories",),
        "Correlations over noise and nonlinearity",
        "UC-NFC and C-NFC, means over hidden layers, of the networks of the noise–nonlinearity "
        "diagram, and what of C-NFC spectra alone do not give (beyond the paper).",
    ),
    _entry(
        "nfc_under_scalings",
        "scalings",
        ("nfc_under_scalings",),
        "Correlations under hyper-parameter scalings",
        "UC-NFC, C-NFC and movement of every layer of networks trained to the same running loss "
        "under NTK, MF+µP and FSC scalings, and with one rate (beyond the paper).",
        published=(),
    ),
    _entry(
        "nfa_initialisation",
        "starts",
        (),
        "UC-NFC before training",
        "UC-NFC of every layer before training, by family and width, beside what effective ranks "
        "and signal propagation say of it (beyond the paper, derived here).",
        more=_FAMILIES,
        optional=("nfa_vgg_cifar10", "nfa_gpt"),
        published=(),
    ),
    _entry(
        "four_theories",
        "theories",
        ("four_theories",),
        "Four theories on the same networks",
        "Load, alignment, C-NFC and backward-feature angle of every layer of the same trained "
        "networks, and how their ranks agree over the grid (beyond the papers).",
    ),
)
