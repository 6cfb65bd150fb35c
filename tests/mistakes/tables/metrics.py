"""Metrics of layers, of networks and of gradient steps, and measuring a shard."""

from __future__ import annotations

from ..mistake import Mistake

SEPARATION, HESSIAN = "metrics/separation.py", "metrics/hessian.py"
STEP, MEASURE = "metrics/gradient_step.py", "measure.py"
IMAGES = "metrics/images.py"
CLASSES, TAKEN = "signals/classes.py", "signals/gradient_step.py"
VIEWS, READING = "metrics/views.py", "signals/reading.py"

MISTAKES = (
    Mistake(
        SEPARATION,
        "xp.log(within / xp.sum(between * between, axis=(1, 2)))",
        "xp.log(xp.sum(between * between, axis=(1, 2)) / within)",
        "within and between are exchanged",
    ),
    Mistake(
        SEPARATION,
        "xp.log(within / xp.sum(between * between, axis=(1, 2)))",
        "xp.log10(within / xp.sum(between * between, axis=(1, 2)))",
        "decimal logs",
    ),
    Mistake(
        CLASSES,
        "xp.sqrt(share)[None, :, None] * centred",
        "centred / counts.shape[0] ** 0.5",
        "classes of unequal size weigh the same",
    ),
    Mistake(
        CLASSES,
        "centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)",
        "centred = means - xp.mean(means, axis=1, keepdims=True)",
        "the grand mean is that of the class means",
    ),
    Mistake(
        CLASSES,
        "centred = means - xp.sum(share[None, :, None] * means, axis=1, keepdims=True)",
        "centred = means",
        "class means are not centred",
    ),
    Mistake(
        CLASSES,
        "return total / view.size",
        "return total / (view.size - 1)",
        "the within-class covariance is divided by N − 1",
    ),
    Mistake(
        CLASSES,
        "(left * inverse[:, None, :])",
        "(left * xp.sqrt(inverse)[:, None, :])",
        "the pseudo-inverse is taken once where twice is right",
    ),
    Mistake(
        CLASSES,
        "kept = values > values[:, -1:] * (features * _CUTOFF_EPS)",
        "kept = values > 0",
        "the pseudo-inverse has no cut-off: the rank that centring takes away counts",
    ),
    Mistake(
        CLASSES,
        "found = array_namespace(labels).unique_values(labels)",
        "found = array_namespace(labels).unique_values(labels)[:2]",
        "the third class and all after it are left out",
    ),
    Mistake(
        CLASSES,
        "_CUTOFF_EPS = float(np.finfo(np.float32).eps)",
        "_CUTOFF_EPS = float(np.finfo(np.float64).eps)",
        "the cut-off of double precision",
    ),
    Mistake(
        SEPARATION,
        "classes.scatter(deviations) / features.shape[1])",
        "classes.scatter(deviations))",
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
        TAKEN,
        "[-float(eta) * g for eta",
        "[float(eta) * g for eta",
        "the step goes up the gradient",
    ),
    Mistake(
        TAKEN,
        "+ eta * size",
        "+ eta**2 * size",
        "contributions take the learning rate squared",
        ("metrics/test_gradient_step.py",),
    ),
    Mistake(
        TAKEN,
        "contributions[tensor.layer] = np.nan_to_num(contributions[tensor.layer]) + eta * size",
        "contributions[tensor.layer] = eta * size",
        "the last tensor of a layer replaces the others",
        ("metrics/test_gradient_step.py",),
    ),
    Mistake(
        TAKEN,
        "block_sizes(total, constants_of(constants, count), rule, count)",
        "block_sizes(total, constants_of(constants, count), rule, 1)",
        "scale-invariant rates lack the number of layers",
        ("metrics/test_gradient_step.py",),
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
        TAKEN,
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
        IMAGES,
        '("train", "clean"): dataset["clean_train_targets"].values',
        '("train", "clean"): dataset["train_targets"].values',
        "clean accuracy is taken on noisy labels",
    ),
    Mistake(
        IMAGES,
        "x, targets = self._inputs[view.split],",
        'x, targets = self._inputs["train"],',
        "test accuracy is taken on training images",
    ),
    Mistake(
        IMAGES,
        "self._targets[view.split, view.targets]",
        "self._targets['train', view.targets]",
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
        "networks, some[part], theta[part], statistics[part], initial, network",
        "networks, some[part], theta[:1], statistics[part], initial, network",
        "networks are measured with one another's weights",
    ),
    Mistake(
        "signals/network.py",
        "np.asarray(v)[self.rows] for",
        "np.asarray(v)[: len(self.rows)] for",
        "Hessians of all runs are keyed by the seed of the first",
        ("metrics/test_hessian.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        VIEWS,
        "self.step_images if metric.first_images else None",
        "None",
        "a step sees all images whatever is asked",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        TAKEN,
        "start.rates(network.rows)[0]",
        "start.rates([0])[0]",
        "a step takes the rates of the first run",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        "signals/network.py",
        "start_of(self.plan, self.family, *self._trained_on)",
        "start_of(self.plan, self.family, *(a[::-1] for a in self._trained_on))",
        "a step's rates are calibrated on other images than the training's",
        ("metrics/test_gradient_step.py::test_measuring_puts_them_beside_the_layers",),
    ),
    Mistake(
        VIEWS,
        "(at, view if few is None",
        "(0, view if few is None",
        "a step's metrics stand under the first mode, whichever it is",
    ),
    Mistake(
        "signals/forward.py",
        "return network.array(batch.targets)",
        "return network.array(batch.targets[::-1])",
        "targets are in another order than the images",
    ),
    Mistake(
        READING,
        "return xp.astype(total, xp.float64, copy=False) + part",
        "return part",
        "a sum is that of the last batch",
        ("signals/test_reading.py::test_batches_change_nothing_but_rounding",),
    ),
    Mistake(
        READING,
        "return (level + 1, False) if signal.sums else (level, passing)",
        "return (1, False) if signal.sums else (level, passing)",
        "a sum that needs another one is taken in the same pass",
        ("signals/test_reading.py::test_batches_change_nothing_but_rounding",),
    ),
    Mistake(
        CLASSES,
        "return classes_of(network.array(view.targets))",
        "return classes_of(network.array(view.targets[: view.size // 2]))",
        "classes are those of the first images",
    ),
    Mistake(
        "signals/network.py",
        'self, x: np.ndarray, mode: BatchNormMode = "running_statistics"',
        'self, x: np.ndarray, mode: BatchNormMode = "batch_statistics"',
        "features are by default of the batch's statistics",
    ),
)
