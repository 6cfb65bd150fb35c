"""Names and meanings of what one gradient step shows, of probes and of trainings.

Metrics of a gradient step (`layeratlas.metrics.registry`) take theirs from here. Light to import:
the workflow reads it at every start.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["DERIVATIVES", "SOURCE", "VARIABLES", "Variable"]

SOURCE = "Chizat and Netrapalli, The Feature Speed Formula, NeurIPS 2024, arXiv:2311.18718"
DERIVATIVES = ("exact", "finite_step")


class Variable(NamedTuple):
    """A variable of a probe: its node, and what it means.

    Nodes: `layers` (run, layer), `velocities` (run, derivative, layer), `network`
    (run, derivative), `/` (run,).
    """

    node: Literal["layers", "velocities", "network", "/"]
    long_name: str
    formula: str
    units: str = "1"

    def attributes(self) -> dict[str, str]:
        """CF attributes of the variable."""
        return {
            "long_name": self.long_name,
            "units": self.units,
            "formula": self.formula,
            "references": SOURCE,
        }


VARIABLES: dict[str, Variable] = {
    "feature_norm": Variable("layers", "root mean square of feature v", "|f_v|_rms"),
    "backward_norm": Variable(
        "layers",
        "root mean square of the backward pass b_v = dLoss/df_v",
        "|b_v|_rms",
    ),
    "contribution": Variable(
        "layers",
        "loss decay due to layer l",
        "C_l = sum over tensors t of layer l of eta_t |G_t|^2",
    ),
    "loss_decay": Variable(
        "layers",
        "loss decay due to layers up to v",
        "D_v = sum_{l<=v} C_l",
    ),
    "learning_rate": Variable("layers", "learning rate of matrix l", "eta_l"),
    "kernel_moment_1": Variable(
        "layers", "mean eigenvalue of the backward-to-feature kernel", "M_1 = tr(K_v) / m_v"
    ),
    "kernel_moment_2": Variable(
        "layers",
        "mean squared eigenvalue of the backward-to-feature kernel",
        "M_2 = tr(K_v^2) / m_v",
    ),
    "jacobian_moment_ratio": Variable(
        "layers",
        "conditioning of the Jacobian of feature v by feature 1",
        "m tr((J J^T)^2) / tr(J J^T)^2",
    ),
    "jacobian_smallest_singular_value": Variable(
        "layers",
        "smallest singular value of the Jacobian of feature v by feature 1, in units of their "
        "root mean square",
        "s_min(J) / sqrt(tr(J J^T) / m)",
    ),
    "feature_velocity": Variable(
        "velocities",
        "speed of feature v per unit of step",
        "|df_v/dt|_rms",
    ),
    "cos_backward_feature_angle": Variable(
        "velocities",
        "cosine of the backward-feature angle",
        "cos theta_v = -<b_v, df_v/dt> / (|b_v| |df_v/dt|)",
    ),
    "backward_feature_angle": Variable(
        "velocities",
        "angle between the velocity of feature v and minus its gradient",
        "theta_v = atan2(|part of df_v/dt across b_v|, -<b_v, df_v/dt> / |b_v|)",
        "rad",
    ),
    "sensitivity": Variable(
        "velocities",
        "feature change per unit of loss decay due to layers up to v",
        "S_v = |df_v/dt|_rms / D_v",
    ),
    "feature_change_per_loss_change": Variable(
        "velocities",
        "feature change per unit of the whole loss change",
        "|df_v/dt|_rms / |dLoss/dt|",
    ),
    "feature_speed_residual": Variable(
        "velocities",
        "relative error of the feature speed formula",
        "|-<b_v, df_v/dt> - D_v| / D_v",
    ),
    "loss_change": Variable("network", "change of the loss per unit of step", "dLoss/dt"),
    "loss": Variable("/", "loss before the step", "Loss"),
    "output_gradient_norm": Variable("/", "norm of the gradient at the output", "|b_L|_2"),
}
