"""An optimiser: Lion, steps of the sign of a blend of gradient and momentum (arXiv:2302.06675)."""

from array_api_compat import array_namespace

from layeratlas.engine.optimizers.registry import OPTIMIZERS, OptimizerEntry

OPTIMIZERS.add(
    OptimizerEntry(
        "lion", "extensions.lion:update", moments=1, settings={"beta1": 0.9, "beta2": 0.99}
    )
)


def update(theta, gradient, state, rate, step, settings):
    """One tensor of members, `(member, *shape)`, and its momentum."""
    (momentum,) = state
    blend = settings["beta1"] * momentum + (1 - settings["beta1"]) * gradient
    momentum = settings["beta2"] * momentum + (1 - settings["beta2"]) * gradient
    return theta - rate * array_namespace(theta).sign(blend), (momentum,)
