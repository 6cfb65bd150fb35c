"""Metrics of layers, of networks and of gradient steps, and measuring a shard."""

from __future__ import annotations

from ..mistake import Mistake

SEPARATION, HESSIAN = "metrics/separation.py", "metrics/hessian.py"
STEP, MEASURE = "metrics/gradient_step.py", "measure.py"

MISTAKES = (
    Mistake(
        SEPARATION,
        "xp.log(within / between)",
        "xp.log(between / within)",
        "within and between are exchanged",
    ),
    Mistake(SEPARATION, "xp.log(within / between)", "xp.log10(within / between)", "decimal logs"),
    Mistake(
        SEPARATION,
        "xp.sqrt(share)[None, :, None] * centred",
        "centred / counts.shape[0] ** 0.5",
        "classes of unequal size weigh the same",
    ),
    Mistake(
        SEPARATION,
        "centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)",
        "centred = means - xp.mean(means, axis=1, keepdims=True)",
        "the grand mean is that of the class means",
    ),
    Mistake(
        SEPARATION,
        "centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)",
        "centred = means",
        "class means are not centred",
    ),
    Mistake(
        SEPARATION,
        "return xp.astype(square[:, 0, 0], xp.float64) / n",
        "return xp.astype(square[:, 0, 0], xp.float64) / (n - 1)",
        "the within-class covariance is divided by N − 1",
    ),
    Mistake(
        SEPARATION,
        "(left * inverse[:, None, :])",
        "(left * xp.sqrt(inverse)[:, None, :])",
        "the pseudo-inverse is taken once where twice is right",
    ),
    Mistake(
        SEPARATION,
        "    gram = means @ xp.matrix_transpose(means)\n"
        "    finite = xp.all(xp.isfinite(gram), axis=(1, 2))\n"
        "    # A solver may refuse NaN; the deviations carry it into the result.\n"
        "    values, left = xp.linalg.eigh(xp.where(finite[:, None, None], gram, "
        "xp.zeros_like(gram)))\n"
        "    kept = values > values[:, -1:] * (features.shape[2] * _CUTOFF_EPS)",
        "    gram = means @ xp.matrix_transpose(means)\n"
        "    finite = xp.all(xp.isfinite(gram), axis=(1, 2))\n"
        "    # A solver may refuse NaN; the deviations carry it into the result.\n"
        "    values, left = xp.linalg.eigh(xp.where(finite[:, None, None], gram, "
        "xp.zeros_like(gram)))\n"
        "    kept = values > 0",
        "the pseudo-inverse has no cut-off: the rank that centring takes away counts",
    ),
    Mistake(
        SEPARATION,
        "_CUTOFF_EPS = float(np.finfo(np.float32).eps)",
        "_CUTOFF_EPS = float(np.finfo(np.float64).eps)",
        "the cut-off of double precision",
    ),
    Mistake(
        SEPARATION,
        "xp.matrix_transpose(deviations) @ deviations, xp.float64) / n",
        "xp.matrix_transpose(deviations) @ deviations, xp.float64)",
        "the within-class covariance is a sum",
    ),
    Mistake(
        SEPARATION,
        "xp.where(finite, xp.log(trace), xp.nan)",
        "xp.log(trace)",
        "a broken layer has the separation of an empty one",
    ),
    Mistake(HESSIAN, 'which="LA"', 'which="LM"', "the eigenvalue of largest modulus"),
    Mistake(
        HESSIAN,
        "draw.integers(0, 2, size=n) * 2.0 - 1.0",
        "draw.normal(size=n)",
        "normal probes for random signs",
    ),
    Mistake(
        HESSIAN,
        "count >= _FEWEST_PROBES and abs",
        "count > 1 and abs",
        "two probes that agree by luck are enough",
    ),
    Mistake(
        HESSIAN,
        "total += float(signs @ product(signs))",
        "total = float(signs @ product(signs))",
        "only the last probe counts",
    ),
    Mistake(
        HESSIAN,
        'draw = generator(seed, "hessian/probes")',
        'draw = generator(0, "hessian/probes")',
        "all networks have the same probes",
    ),
    Mistake(
        HESSIAN,
        "for v in np.eye(n)]))[-1]",
        "for v in np.eye(n)]))[0]",
        "the smallest eigenvalue of a small network",
    ),
    Mistake(
        HESSIAN,
        "if not math.isfinite(mean):\n            return math.nan",
        "if not math.isfinite(mean):\n            return 0.0",
        "an infinite loss has trace 0",
    ),
    Mistake(
        STEP,
        "[-float(eta) * g for eta",
        "[float(eta) * g for eta",
        "the step goes up the gradient",
    ),
    Mistake(
        STEP,
        "+ eta * size",
        "+ eta**2 * size",
        "contributions take the learning rate squared",
    ),
    Mistake(
        STEP,
        "contributions[tensor.layer] = np.nan_to_num(contributions[tensor.layer]) + eta * size",
        "contributions[tensor.layer] = eta * size",
        "the last tensor of a layer replaces the others",
    ),
    Mistake(
        STEP,
        "1 / (len(total) * of_tensor)",
        "1 / of_tensor",
        "scale-invariant rates lack the number of layers",
    ),
    Mistake(
        STEP,
        "np.sqrt(np.mean(np.square(a)))",
        "np.mean(np.abs(a))",
        "mean modulus for root mean square",
    ),
    Mistake(
        STEP,
        "np.sqrt(np.mean(np.square(a)))",
        "np.sqrt(np.sum(np.square(a)))",
        "the norm for the root mean square",
    ),
    Mistake(
        STEP,
        "decay = np.cumsum(np.where(trained, step.contributions, 0.0))",
        "decay = np.cumsum(np.where(trained, step.contributions, 0.0)[::-1])[::-1]",
        "decay is summed from the output",
    ),
    Mistake(
        STEP,
        "-np.sum(b * f) for b, f",
        "np.sum(b * f) for b, f",
        "the formula's left side has the wrong sign",
    ),
    Mistake(
        STEP,
        'inputs, members, "running_statistics")',
        'inputs, members, "batch_statistics")',
        "a step is taken in training mode",
    ),
    Mistake(
        STEP,
        "np.where(trained.cumsum() > 0, decay, np.nan)",
        "decay",
        "layers below the first trained one have decay 0",
    ),
    Mistake(
        MEASURE,
        'y = dataset["clean_train_targets"].values',
        'y = dataset["train_targets"].values',
        "clean accuracy is taken on noisy labels",
    ),
    Mistake(
        MEASURE,
        "*weights, x_test, mode):",
        "*weights, x, mode):",
        "test accuracy is taken on training images",
    ),
    Mistake(
        MEASURE,
        "_score(backend.to_numpy(logits), y_test, loss)",
        "_score(backend.to_numpy(logits), y[: len(y_test)], loss)",
        "test accuracy is taken on training labels",
    ),
    Mistake(
        MEASURE,
        'ok = np.flatnonzero(trained["status"].values != DIVERGED)',
        'ok = np.flatnonzero(trained["status"].values >= OK)',
        "diverged runs are measured",
    ),
    Mistake(
        MEASURE,
        'ok = np.flatnonzero(trained["status"].values != DIVERGED)',
        'ok = np.flatnonzero(trained["status"].values == OK)',
        "exploded runs are not measured",
    ),
    Mistake(
        MEASURE,
        "(losses > limit).any(axis=1)",
        "(losses > limit * 1e9).any(axis=1)",
        "a loss far above the limit is ok",
    ),
    Mistake(
        MEASURE,
        "np.where(status.values == OK, ends, status.values)",
        "ends",
        "the last loss overrules that training diverged",
    ),
    Mistake(
        MEASURE,
        "statistics = weights_at(trained, family.statistics, epoch)",
        "statistics = weights_at(trained, family.statistics, plan.checkpoints[-1])",
        "every checkpoint has the last running statistics",
    ),
    Mistake(
        MEASURE,
        'seed=int(members["seed"][e])',
        'seed=int(members["seed"][0])',
        "Hessians of all runs are keyed by the seed of the first",
        ("metrics/test_hessian.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        MEASURE,
        "x_step, y_step = x[:step_images], y[:step_images]",
        "x_step, y_step = x, y",
        "a step sees all images whatever is asked",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        MEASURE,
        "(z.argmax(axis=2) == labels).mean(axis=1), load_loss",
        "(z.argmin(axis=2) == labels).mean(axis=1), load_loss",
        "accuracy of the least likely class",
    ),
    Mistake(
        MEASURE,
        "start.rates([member])[0]",
        "start.rates([0])[0]",
        "a step takes the rates of the first run",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        MEASURE,
        "start, forward = start_of(plan, family, images, labels), load_forward",
        "start, forward = start_of(plan, family, images[::-1], labels[::-1]), load_forward",
        "a step's rates are calibrated on other images than the training's",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        MEASURE,
        "layers[name][e, i, evaluation_mode] = function(taken)",
        "layers[name][e, i, 0] = function(taken)",
        "a step's metrics stand under the first mode, whichever it is",
    ),
    Mistake(
        MEASURE,
        "done[shared] = shared(features, labels)\n        yield name, function(features",
        "done[shared] = shared(features, labels[::-1])\n        yield name, function(features",
        "shared statistics are of labels in another order",
    ),
    Mistake(
        "signals.py",
        'images: np.ndarray,\n    mode: BatchNormMode = "running_statistics",',
        'images: np.ndarray,\n    mode: BatchNormMode = "batch_statistics",',
        "features are by default of the batch's statistics",
    ),
)
