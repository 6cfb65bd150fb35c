"""Axes of a grid: the names a user may vary, and the settings each one sets.

A new axis is one entry. Values of an axis become a named coordinate of the cube.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """`paths`: the settings a value is written to; `symbol`: as in the papers.

    Values are numbers, or names and rules where `text` says so.
    """

    name: str
    paths: tuple[tuple[str, ...], ...]
    long_name: str
    symbol: str
    units: str = "1"
    text: bool = False


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            "data_noise",
            (("noise", "label_noise"), ("noise", "input_noise")),
            "label and input noise",
            "p",
        ),
        Axis("label_noise", (("noise", "label_noise"),), "fraction of labels redrawn", "p"),
        Axis(
            "input_noise",
            (("noise", "input_noise"),),
            "input noise in standard deviations of the inputs",
            "p",
        ),
        Axis("negative_slope", (("model", "negative_slope"),), "LeakyReLU negative slope", "α"),
        Axis("dropout", (("model", "dropout"),), "dropout rate", "p"),
        Axis("depth", (("model", "depth"),), "depth in linear maps", "L"),
        Axis("width", (("model", "width"),), "width of hidden layers", "m"),
        Axis("branch_scale", (("model", "branch_scale"),), "branch scale", "β"),
        Axis(
            "branch_rule", (("model", "branch_scale"),), "branch scale by depth L", "β", text=True
        ),
        Axis("scaling", (("scaling", "name"),), "hyper-parameter scaling", "", text=True),
        Axis(
            "setting", (("scaling", "setting"),), "dense or sparse input and output", "", text=True
        ),
        Axis("n_inputs", (("model", "n_inputs"),), "inputs", "d"),
        Axis("n_outputs", (("model", "n_outputs"),), "outputs", "k"),
        Axis("channels", (("model", "channels"),), "channels of each convolution", "c"),
        Axis("learning_rate", (("training", "learning_rate"),), "learning rate", "η"),
        Axis("momentum", (("training", "momentum"),), "momentum", "μ"),
        Axis("batch_size", (("training", "batch_size"),), "batch size", "B", "images"),
        Axis("length", (("chain", "length"),), "blocks of the chain", "L"),
        Axis(
            "friction_right",
            (("chain", "friction_right"),),
            "friction against motion to the right",
            "μ→",
        ),
        Axis(
            "friction_left",
            (("chain", "friction_left"),),
            "friction against motion to the left",
            "μ←",
        ),
        Axis(
            "friction",
            (("chain", "friction_right"), ("chain", "friction_left")),
            "friction, the same in both directions",
            "μ",
        ),
        Axis("noise_strength", (("chain", "noise_strength"),), "strength of the shaking", "ε̄"),
        Axis("stiffness", (("chain", "stiffness"),), "stiffness of the springs", "k"),
        Axis("step_size", (("chain", "step_size"),), "step of the integrator", "η"),
        Axis("n_train", (("dataset", "n_train"),), "training images", "N", "images"),
    )
}
