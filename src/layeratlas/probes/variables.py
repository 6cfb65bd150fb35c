"""What a probe records. Light to import: the workflow reads it at every start."""

from __future__ import annotations

SOURCE = "Chizat and Netrapalli, The Feature Speed Formula, NeurIPS 2024, arXiv:2311.18718"
DERIVATIVES = ("exact", "finite_step")

# name → (node, long name, formula, units). Nodes: `layers` (run, layer), `velocities`
# (run, derivative, layer), `network` (run, derivative), `/` (run,).
VARIABLES: dict[str, tuple[str, str, str, str]] = {
    "feature_norm": ("layers", "root mean square of feature v", "|f_v|_rms", "1"),
    "backward_norm": ("layers", "root mean square of the backward pass", "|b_v|_rms", "1"),
    "contribution": ("layers", "loss decay due to layer l", "C_l = eta_l |G_l|^2", "1"),
    "loss_decay": ("layers", "loss decay due to layers up to v", "D_v = sum_{l<=v} C_l", "1"),
    "learning_rate": ("layers", "learning rate of matrix l", "eta_l", "1"),
    "kernel_moment_1": ("layers", "mean eigenvalue of the backward-to-feature kernel",
                        "M_1 = tr(K_v) / m_v", "1"),
    "kernel_moment_2": ("layers", "mean squared eigenvalue of the backward-to-feature kernel",
                        "M_2 = tr(K_v^2) / m_v", "1"),
    "jacobian_moment_ratio": ("layers", "conditioning of the Jacobian of feature v by feature 1",
                              "m tr((J J^T)^2) / tr(J J^T)^2", "1"),
    "jacobian_smallest_singular_value": (
        "layers", "smallest singular value of the Jacobian of feature v by feature 1, in units of "
        "their root mean square", "s_min(J) / sqrt(tr(J J^T) / m)", "1"),
    "feature_velocity": ("velocities", "speed of feature v per unit of step", "|df_v/dt|_rms",
                         "1"),
    "cos_backward_feature_angle": (
        "velocities", "cosine of the backward-feature angle",
        "cos theta_v = -<b_v, df_v/dt> / (|b_v| |df_v/dt|)", "1"),
    "backward_feature_angle": (
        "velocities", "angle between the velocity of feature v and minus its gradient", "theta_v",
        "rad"),
    "sensitivity": ("velocities", "feature change per unit of loss decay due to layers up to v",
                    "S_v = |df_v/dt|_rms / D_v", "1"),
    "feature_change_per_loss_change": (
        "velocities", "feature change per unit of the whole loss change",
        "|df_v/dt|_rms / |dLoss/dt|", "1"),
    "feature_speed_residual": (
        "velocities", "relative error of the feature speed formula",
        "|-<b_v, df_v/dt> - D_v| / D_v", "1"),
    "loss_change": ("network", "change of the loss per unit of step", "dLoss/dt", "1"),
    "loss": ("/", "loss before the step", "Loss", "1"),
    "output_gradient_norm": ("/", "norm of the gradient at the output", "|b_L|_2", "1"),
}  # fmt: skip
