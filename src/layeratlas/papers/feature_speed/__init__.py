"""The Feature Speed Formula (Chizat and Netrapalli).

Backward–feature angles, sensitivities and hyper-parameter scalings. `figures` and `claims` mirror
each other, a module an idea; `reductions` (of probes), `orders` and `trainings` are what both
share, `theory` has the closed forms. Here: the table of the paper's figures. Light to import: the
workflow reads it at every start.
"""

from __future__ import annotations

from collections.abc import Mapping

from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.feature_speed.source import PREPRINT, REFERENCE

__all__ = ["FIGURES", "REFERENCE", "TITLE"]

TITLE = "The Feature Speed Formula"

_ROOM = "layeratlas.papers.feature_speed"


def _entry(
    name: str,
    module: str,
    experiments: tuple[str, ...],
    title: str,
    caption: str,
    *,
    table: str | None = None,
    letters: Mapping[str, str] | None = None,
) -> FigureEntry:
    """A figure drawn and judged by functions of its name, in `module` of `figures` and `claims`."""
    return FigureEntry(
        name=name,
        function=f"{_ROOM}.figures.{module}:{name}",
        claims=f"{_ROOM}.claims.{module}:{name}",
        experiments=experiments,
        references=(),
        paper=PREPRINT,
        title=title,
        caption=caption,
        table=None if table is None else f"{_ROOM}.figures.{module}:{table}",
        letters=letters or {},
    )


FIGURES = (
    _entry(
        "bfa_layer",
        "angles",
        ("bfa_layer",),
        "Backward–feature angle by layer",
        "Angle between each feature's update and minus its gradient, in ReLU networks with "
        "five branch scales; dotted: closed form at large width.",
    ),
    _entry(
        "bfa_depth",
        "angles",
        ("bfa_depth", "bfa_depth_mlp"),
        "Backward–feature angle by depth",
        "Angle of the last hidden feature: it opens with depth in the MLP, and is independent "
        "of depth where the branch scale is of order 1/√L.",
        letters={"bfa_depth": "dots", "bfa_depth_mlp": "hollow"},
    ),
    _entry(
        "bfa_branch_scale",
        "angles",
        ("bfa_branch_scale",),
        "Backward–feature angle by branch scale",
        "Angle of the last hidden feature against √L β: networks of depth 30 to 500 lie on "
        "one curve.",
    ),
    _entry(
        "bfa_large_c",
        "angles",
        ("bfa_branch_scale",),
        "Decay of the alignment at large branch scale",
        "Cosine of the angle against c = √L β with the guides 1/c and c^(−1/2): the text and "
        "the notebook of the paper disagree, the measurement decides.",
    ),
    _entry(
        "bfa_conditioning",
        "conditioning",
        ("bfa_conditioning",),
        "Kernels and Jacobians behind the angles",
        "The angle against the spread of the backward-to-feature kernel's spectrum, and the "
        "conditioning of layer-to-layer Jacobians.",
    ),
    _entry(
        "sensitivity_mlp",
        "sensitivities",
        ("sensitivity_mlp",),
        "Sensitivity of the last hidden feature by depth, MLP",
        "Feature change per unit of loss change under NTK, MF+µP and FSC scalings: only FSC "
        "keeps it of order one at all depths.",
    ),
    _entry(
        "sensitivity_resnet",
        "sensitivities",
        ("sensitivity_resnet",),
        "Sensitivity of the last hidden feature by depth, ResNet",
        "Feature change per unit of loss change for two branch scales: flat in depth. The "
        "published level is about seven times higher than the stated settings give.",
    ),
    _entry(
        "hp_mlp",
        "tables",
        ("hp_mlp", "hp_mlp_sizes"),
        "Scalings of the MLP",
        "Initial spreads and learning rates of NTK, MF+µP and FSC, dense and sparse, with "
        "measured exponents.",
        table="hp_mlp_table",
        letters={"hp_mlp": "table", "hp_mlp_sizes": "claims"},
    ),
    _entry(
        "hp_resnet",
        "tables",
        ("hp_resnet",),
        "Scaling of the ResNet",
        "Initial spreads and learning rates of FSC for residual networks, dense and sparse, "
        "with measured exponents.",
        table="hp_resnet_table",
    ),
    _entry(
        "bafu_layer_mlp",
        "aligned_updates",
        ("bfa_layer",),
        "Aligned and total feature updates, MLP",
        "Part of each feature's update along minus its gradient, and the whole: in a deep MLP "
        "most of it is not aligned. From the paper's first versions.",
    ),
    _entry(
        "bafu_layer_resnet",
        "aligned_updates",
        ("bfa_layer",),
        "Aligned and total feature updates, ResNet",
        "As for the MLP, with β = 1/√L: most of the update is aligned. From the paper's first "
        "versions.",
    ),
    _entry(
        "feature_speed_training",
        "training",
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
    ),
    _entry(
        "learning_rate_transfer",
        "transfer",
        ("learning_rate_transfer",),
        "Learning-rate transfer across depth",
        "Training loss after a fixed number of steps against the learning rate at several "
        "depths, and the best rate against depth, under three scalings. An extension: the "
        "paper trains nothing.",
    ),
)
