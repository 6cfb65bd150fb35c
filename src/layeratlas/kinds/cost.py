"""What a run costs, told from its settings: of training the multiply-adds of its affine maps.

    FLOP = 6 · batch · (multiply-adds of a sample) · steps

2 for a product and its sum, once forward and twice backward (signal-propagation paper's
specification, §12). Activations, batch norm and attention's own products are left out, and no run
is taken to end early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.kinds.inputs import as_image
from layeratlas.networks.module.trial import tried
from layeratlas.networks.settings import BlockCNNSettings, MLPSettings

Model = Mapping[str, Any]


def training_flop(settings: Mapping[str, Any]) -> float | None:
    """Of a training run with these canonical settings; None of a family whose sizes are unknown."""
    data = recipe_of(settings["dataset"])
    products = _PRODUCTS.get(settings["model"]["family"])
    if products is None:
        return None
    # The steps of an epoch see each image once.
    return 6.0 * products(settings["model"], data) * data.n_train * settings["training"]["epochs"]


def probe_flop(settings: Mapping[str, Any]) -> float:
    """Of one gradient at initialisation, of the draw of its weights, and of singular values."""
    model, probe = settings["model"], settings["probe"]
    depth, width = model["depth"], model["width"]
    outer = width * (model["n_inputs"] + model["n_outputs"])
    entries = outer + max(depth - 2, 0) * width**2
    flop = (6.0 * probe["samples"] + _A_NORMAL) * entries
    return flop + 20.0 * depth * width**3 if probe.get("conditioning") else flop


def simulation_flop(settings: Mapping[str, Any]) -> float:
    """Of a chain, at the rate of a busy core: 2.5 ns a block and step (benchmarks/springs.py)."""
    chain = settings["chain"]
    return _A_BLOCK * chain["length"] * chain["steps"] * (2 if chain["order"] == "second" else 1)


# As many as a core does at 30 GFLOP/s while it draws a normal, or steps a block.
_A_NORMAL, _A_BLOCK = 150.0, 75.0


def _of_stack(model: Model, data: BaseRecipe) -> int:
    """One for each entry of a matrix."""
    sizes = {"depth": model["depth"], "width": model["width"]}
    return MLPSettings(**sizes).n_weights(*as_image(data.input_shape), data.n_outputs)


def _of_block_cnn(model: Model, data: BaseRecipe) -> int:
    """Every convolution at each pixel of the image, the read-out once."""
    channels, side = as_image(data.input_shape)
    sizes = {"depth": model["depth"], "channels": model["channels"]}
    entries = BlockCNNSettings(**sizes).n_weights(channels, side, data.n_outputs)
    read_out = (model["channels"] if model["depth"] > 1 else channels) * side**2 * data.n_outputs
    return (entries - read_out) * side**2 + read_out


def _of_module(model: Model, data: BaseRecipe) -> int:
    """What its trial has counted, which planning has made."""
    tokens = data.input_kind == "tokens"
    return tried(model, data.input_shape, data.n_outputs, tokens=tokens)["products"]


_PRODUCTS: dict[str, Callable[[Model, BaseRecipe], int]] = {
    "mlp": _of_stack,
    "residual_mlp": _of_stack,
    "block_cnn": _of_block_cnn,
    "module": _of_module,
}
