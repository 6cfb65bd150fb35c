"""Probes: one gradient step at initialisation."""

from __future__ import annotations

from ..mistake import Mistake

ANGLES, CALIBRATION, KERNELS = (f"probes/{n}.py" for n in ("angles", "calibration", "kernels"))
LOSSES, MEASURES, NETWORKS = (f"probes/{n}.py" for n in ("losses", "measures", "networks"))
PASSES, PROBLEMS, PRODUCTS = (f"probes/{n}.py" for n in ("passes", "problems", "products"))
RATES, RECORDING, SHARD = (f"probes/{n}.py" for n in ("rates", "recording", "shard"))
SUMS, VELOCITIES = "probes/sums.py", "probes/velocities.py"

MISTAKES = (
    Mistake(ANGLES, "along = -total(", "along = total(", "the angle to b, not to −b"),
    Mistake(
        ANGLES,
        "norm(velocity + along[..., None, None] * direction)",
        "norm(velocity - along[..., None, None] * direction)",
        "the part across keeps the part along",
    ),
    Mistake(
        ANGLES,
        "np.where(length > 0, np.arctan2(across, along), np.nan)",
        "np.arctan2(across, along)",
        "what does not move has an angle of 0",
    ),
    Mistake(
        CALIBRATION,
        "factor = ((depth - 1) / depth) / (",
        "factor = 1 / (",
        "sensitivity is calibrated to 1, not to (L − 1)/L",
    ),
    Mistake(
        CALIBRATION,
        "root = np.sqrt(sh * sh + hh * (h[0].size - ss))",
        "root = np.sqrt(hh * h[0].size)",
        "a branch is rescaled as if there were no shortcut",
    ),
    Mistake(
        CALIBRATION,
        "(np.abs(factor - 1) <= tolerance).all()",
        "(factor - 1 <= tolerance).all()",
        "a read-out that is too wide counts as settled",
    ),
    Mistake(
        CALIBRATION,
        "for layer in range(1, network.depth):\n        h =",
        "for layer in range(2, network.depth):\n        h =",
        "the first feature is not normalised",
    ),
    Mistake(
        KERNELS,
        "np.trace(kernel) / len(kernel), np.sum(kernel**2) / len(kernel)",
        "np.trace(kernel) / len(kernel), np.sum(kernel**2) / len(kernel) ** 2",
        "the second moment is divided twice",
    ),
    Mistake(
        KERNELS,
        "now[i, :, j] += step[i] @ kernel[i, :, j] @ step[j].T",
        "now[i, :, j] += step[i].T @ kernel[i, :, j] @ step[j]",
        "kernels are carried by the transposed Jacobian",
    ),
    Mistake(
        KERNELS,
        "jacobian = matrix * slope[:, None, :]",
        "jacobian = matrix * slope[:, :, None]",
        "the derivative stands on the wrong side of the matrix",
    ),
    Mistake(
        KERNELS,
        "np.trace(gram) ** 2)",
        "np.trace(gram))",
        "the ratio of moments lacks a square",
    ),
    Mistake(
        KERNELS,
        "for layer in range(start + 1, point.network.depth):",
        "for layer in range(start, point.network.depth):",
        "a Jacobian begins one layer early",
    ),
    Mistake(
        LOSSES,
        "total(error * error) / (2 * self._count(f))",
        "total(error * error) / self._count(f)",
        "half the squared error lacks its half",
    ),
    Mistake(
        LOSSES,
        "total((f - self.target + change / 2) * change)",
        "total((f - self.target) * change)",
        "a difference of squares is linear",
    ),
    Mistake(
        LOSSES,
        "(self._softmax(f) - self._one_hot(f)) / f.shape[1]",
        "(self._softmax(f) - self._one_hot(f)) / f.shape[2]",
        "the gradient is divided by classes, not by samples",
    ),
    Mistake(
        LOSSES,
        "np.log1p(np.sum(self._softmax(f) * np.expm1(change), axis=2))",
        "np.log1p(np.sum(self._softmax(f) * change, axis=2))",
        "a difference of cross entropies is linear in the logits",
    ),
    Mistake(
        LOSSES,
        "return f.shape[1] * f.shape[2] / 2",
        "return f.shape[1] * f.shape[2]",
        "the squared loss of training is halved",
    ),
    Mistake(
        LOSSES,
        "p * (v - np.sum(p * v, axis=2, keepdims=True))",
        "p * v",
        "the curvature of cross entropy is diagonal",
    ),
    Mistake(
        MEASURES,
        "contribution[:, 1:] = rates * point.gradient_square[:, 1:]",
        "contribution[:, 1:] = rates * point.gradient_square[:, :-1]",
        "contributions are off by a layer",
    ),
    Mistake(
        MEASURES,
        "np.cumsum(contribution[:, 1:], axis=1)",
        "np.cumsum(contribution[:, 1:], axis=0)",
        "decay is summed over settings",
    ),
    Mistake(
        MEASURES,
        "rms(move).T / (step or 1.0)",
        "rms(move).T",
        "finite changes are not divided by the step",
        ("probes/test_velocities.py",),
    ),
    Mistake(
        MEASURES,
        "point.loss.difference(point.f[depth], moves[depth]) / step",
        "total(point.b[depth] * moves[depth]) / step",
        "the loss change of a finite step is that of first order",
        ("probes/test_velocities.py",),
    ),
    Mistake(
        MEASURES,
        "sensitivity = df_rms / decay",
        "sensitivity = df_rms / decay[:, -1:]",
        "sensitivity per unit of the whole decay",
    ),
    Mistake(
        NETWORKS,
        "np.maximum(f, 0.0)",
        "np.abs(f)",
        "ReLU is the modulus",
    ),
    Mistake(
        NETWORKS,
        "np.where(f > 0, f, self.negative_slope * f)",
        "np.where(f < 0, f, self.negative_slope * f)",
        "the slope is on the positive side",
    ),
    Mistake(
        NETWORKS,
        "derivative += self.negative_slope * (1 - derivative)",
        "derivative += self.negative_slope",
        "the derivative of the positive side is 1 + s",
    ),
    Mistake(
        NETWORKS,
        "np.sqrt((1 - self.branch_scale) * (1 + self.branch_scale))[:, None, None]",
        "(1 - self.branch_scale)[:, None, None]",
        "the shortcut is 1 − β",
    ),
    Mistake(
        NETWORKS,
        'generator(seed, f"probe/weight_{layer}")',
        'generator(seed, "probe/weight")',
        "all layers have the same draw",
    ),
    Mistake(
        NETWORKS,
        "np.sqrt(2 / ((1 + negative_slope**2) * width))",
        "np.sqrt(1 / ((1 + negative_slope**2) * width))",
        "critical weights lack the 2",
    ),
    Mistake(
        NETWORKS,
        "g = self.phi(f + change) - self.phi(f) if self.is_active(layer) else change",
        "g = self.phi(change) if self.is_active(layer) else change",
        "the change of an activation is the activation of the change",
    ),
    Mistake(
        NETWORKS,
        "multipliers[:, 0] = n_inputs**-0.5",
        "multipliers[:, 0] = width**-0.5",
        "the input's spread goes by the width",
    ),
    Mistake(
        PASSES,
        "b[layer - 1] = back + network.shortcut(b[layer], layer)",
        "b[layer - 1] = back",
        "the backward pass has no shortcut",
    ),
    Mistake(
        PASSES,
        "slope = network.slope(f[layer - 1], layer)",
        "slope = network.slope(f[layer], layer)"
        " if f[layer].shape == f[layer - 1].shape else "
        "network.slope(f[layer - 1], layer)",
        "derivatives are taken one layer up",
    ),
    Mistake(
        PASSES,
        "gram += 1.0",
        "gram += 0.0",
        "gradients of biases do not count",
        ("probes/test_velocities.py",),
    ),
    Mistake(
        PASSES,
        "square[layers] = total(gram[layers] * outer)",
        "square[layers] = np.trace(gram[layers] * outer, axis1=-2, axis2=-1)",
        "samples' gradients add in squares",
    ),
    Mistake(
        PROBLEMS,
        "x /= np.linalg.norm(x, axis=1, keepdims=True)",
        "x /= np.linalg.norm(x)",
        "inputs are normalised together",
    ),
    Mistake(
        PROBLEMS,
        'x *= np.sqrt(d) if probe["input"] == "by_setting" else 1.0',
        "x *= 1.0",
        "dense inputs have norm 1",
    ),
    Mistake(
        PROBLEMS,
        "x = np.eye(d)[np.argmax(x, axis=1)]",
        "x = np.eye(d)[np.zeros(n, int)]",
        "sparse inputs are all the first unit vector",
    ),
    Mistake(
        PROBLEMS,
        'y = generator(seed, "probe/target")',
        'y = generator(seed, "probe/input")',
        "the target is drawn with the input's key",
    ),
    Mistake(
        PROBLEMS,
        "Linear(b / np.sqrt(k) if dense else b)",
        "Linear(b if dense else b / np.sqrt(k))",
        "dense and sparse gradients are exchanged",
    ),
    Mistake(
        PROBLEMS,
        'key(problem.seed, f"probe/{problem.depth}x{problem.width}")',
        'key(problem.seed, "probe")',
        "depths share their draws",
    ),
    Mistake(
        PRODUCTS,
        "low = (p * a[j] + q * b[j]) + (r * c[j] + s * d[j])",
        "low = (p * a[j] + q * b[j]) + (r * c[j] + r * d[j])",
        "a row of eight is multiplied by its neighbour's number",
    ),
    Mistake(
        PRODUCTS,
        "for k in range(whole, index.shape[0]):\n            row = m[index[k]]",
        "for k in range(whole + 1, index.shape[0]):\n            row = m[index[k]]",
        "a row that is left over is left out",
    ),
    Mistake(
        PRODUCTS,
        "        y *= factor[n]\n",
        "",
        "the factor only chooses",
    ),
    Mistake(
        RATES,
        "1 / (depth * square)",
        "1 / (trained.sum() * square)",
        "balanced rates count trained layers, not all",
    ),
    Mistake(
        RATES,
        "mask = (layers > 1) & (layers < depth)",
        "mask = (layers > 1) & (layers <= depth)",
        "the read-out is trained among the hidden layers",
    ),
    Mistake(RATES, "rates[lost] = np.nan", "rates[lost] = 0.0", "a dead network learns at rate 0"),
    Mistake(
        RECORDING,
        "np.sqrt(np.sum(point.b[point.network.depth] ** 2, axis=(1, 2)))",
        "np.sum(point.b[point.network.depth] ** 2, axis=(1, 2))",
        "the norm of the gradient is not rooted",
    ),
    Mistake(
        RECORDING,
        "smallest[layer] = singular[-1] / np.sqrt(np.mean(singular**2))",
        "smallest[layer] = singular[-1] / singular[0]",
        "the smallest singular value in units of the largest",
    ),
    Mistake(
        RECORDING,
        "np.abs(aligned - result.loss_decay) / result.loss_decay",
        "np.abs(aligned - result.loss_decay)",
        "the residual is absolute",
    ),
    Mistake(
        RECORDING,
        'results.append(measure(point, rates, probe["step"]))',
        "results.append(measure(point, rates))",
        "finite steps show exact velocities",
    ),
    Mistake(
        SHARD,
        "if weights is None or drawn != problem.draw:",
        "if weights is None:",
        "all sizes and seeds see the first draw",
    ),
    Mistake(
        SHARD,
        "slice(0, problem.depth + 1)) if layered",
        "slice(-problem.depth - 1, None)) if layered",
        "shallow networks stand at the end of the layer axis",
    ),
    Mistake(
        SHARD,
        'bad = ~np.isfinite(values["loss"] + values["loss_change"].sum(axis=1))',
        'bad = ~np.isfinite(values["loss"])',
        "a network that a finite step blew up counts as well",
    ),
    Mistake(
        SUMS,
        "norm(x) / np.sqrt(x.shape[-1] * x.shape[-2])",
        "norm(x) / np.sqrt(x.shape[-1])",
        "root mean squares are over units alone",
    ),
    Mistake(
        VELOCITIES,
        "tangent = network.slope(point.f[layer - 1], layer) * previous",
        "tangent = network.incoming(previous, layer)",
        "a velocity goes through the activation itself",
    ),
    Mistake(
        VELOCITIES,
        "gram = gram + change @ point.g[layer].swapaxes(1, 2)",
        "gram = gram + 0 * change @ point.g[layer].swapaxes(1, 2)",
        "a finite step lacks its second order",
    ),
    Mistake(
        VELOCITIES,
        "carried += network.shortcut(previous, layer)",
        "pass",
        "finite changes do not take the shortcut",
    ),
)
