"""Feature matrices and gradient outer products: moments, what they are made of, rotations."""

from __future__ import annotations

from ..mistake import Mistake

MOMENTS, MATRICES, ROTATIONS = (
    f"signals/{name}.py" for name in ("moments", "matrices", "rotations")
)
TAPE, NUMBERS = "signals/tape.py", "metrics/matrices.py"
EXPLICIT = ("signals/test_explicit_gradients.py",)
STEPS = ("signals/test_small_steps.py",)

MISTAKES = (
    Mistake(
        "measure.py",
        "            initial, had = (None, None) if start is None else (of[part] for of in start)",
        "            initial, had = theta[part], statistics[part]",
        "every moment is its own start",
        ("signals/test_small_steps.py::test_a_step_of_training_that_is_measured_begins_so",),
    ),
    Mistake(
        TAPE,
        "    return _weights(network, network.initial)",
        "    return _weights(network, network.theta)",
        "the weights of the start are those of now",
        (*EXPLICIT, "signals/test_tape.py"),
    ),
    Mistake(
        TAPE,
        "    flat = x.reshape(x.shape[0], -1, x.shape[-1])\n    return flat.swapaxes",
        "    flat = x.sum(2)\n    return flat.swapaxes",
        "positions are summed before their outer product",
        EXPLICIT,
    ),
    Mistake(
        TAPE,
        "    return flat.swapaxes(1, 2) @ flat",
        "    flat = flat - flat.mean(1, keepdims=True)\n    return flat.swapaxes(1, 2) @ flat",
        "the mean gradient is taken away",
        EXPLICIT,
    ),
    Mistake(
        TAPE,
        '    return [one if a.groups > 1 or a.kind == "scale" else 1.0 for a, one in pairs]',
        "    return [1.0 for a, one in pairs]",
        "zeros that a map always has are trained",
        STEPS,
    ),
    Mistake(
        "networks/tape.py",
        "        return noted if affine.part is None else noted.part(*affine.part)",
        "        return noted if affine.part is None else noted.part(0, affine.part[1])",
        "every part of a fused map gives what the first does",
        EXPLICIT,
    ),
    Mistake(
        MOMENTS,
        "    return passed(network.at_start, batch)",
        "    return passed(network, batch)",
        "the moment before training is that of now",
        (*EXPLICIT, "signals/test_moments.py"),
    ),
    Mistake(
        MOMENTS,
        "        for scalar in seen.outputs():",
        "        for scalar in [seen.f.sum()]:",
        "outputs are summed before their outer product",
        EXPLICIT,
    ),
    Mistake(
        MOMENTS,
        "return total / view.size",
        "return total / (view.size * total.shape[-1])",
        "the mean is over entries too",
        EXPLICIT,
    ),
    Mistake(
        MATRICES,
        "    return matrices(weights - initial, moments)\n",
        "    return matrices(weights - initial, moments - moments.mean())\n",
        "the moment of centred weights is centred",
    ),
    Mistake(
        MATRICES,
        "    return matrices(weights - initial, moments - initial_moments)\n",
        "    return matrices(weights - initial, moments)\n",
        "double centring is once",
    ),
    Mistake(
        MATRICES,
        "        turned = g.mT",
        "        turned = g",
        "KS is taken for symmetric",
    ),
    Mistake(
        MATRICES,
        "(gram.sum((-2, -1)) - same) / (draws * (draws - 1))",
        "gram.sum((-2, -1)) / draws**2",
        "the noise of projections is part of a norm",
    ),
    Mistake(
        MATRICES,
        "np.sqrt((draws - 1) * np.var(left, axis=0))",
        "np.sqrt(np.var(left, axis=0))",
        "the jackknife is a plain standard deviation",
    ),
    Mistake(
        MATRICES,
        "self.inner - f[:, None] * g / n,",
        "self.inner,",
        "entries are centred in norms alone",
    ),
    Mistake(
        ROTATIONS,
        "torch.linalg.qr(torch.from_numpy(stream.standard_normal((size, size))))[0]",
        "torch.linalg.qr(torch.from_numpy(stream.random((size, size))))[0]",
        "eigenvectors are not spread evenly",
    ),
    Mistake(
        ROTATIONS,
        "square = (qs * qs.mT).sum((1, 2))",
        "square = (qs * qs).sum((1, 2))",
        "QS is taken for symmetric",
    ),
    Mistake(
        ROTATIONS,
        "(v * values[:, None]) @ v.T",
        "(v * values.mean()) @ v.T",
        "the spectrum is lost",
    ),
    Mistake(
        ROTATIONS,
        "(v * values[:, None]) @ v.T",
        "(v * values[:, :, None]) @ v.T",
        "eigenvectors are not turned",
    ),
    Mistake(
        NUMBERS,
        "    return _over(centred.inner.mean(-1), uncentred.inner.mean(-1))",
        "    return _over(centred.inner.mean(-1), centred.inner.mean(-1))",
        "a ratio of one thing to itself",
    ),
    Mistake(
        NUMBERS,
        "    now, change = _norm(weights), _norm(weights - initial)",
        "    now, change = _norm(initial), _norm(weights - initial)",
        "the change is relative to the start",
    ),
    Mistake(
        NUMBERS,
        "    return found.cosines.std(-1, ddof=1)",
        "    return found.cosines.std(-1)",
        "the spread of draws is about a known mean",
    ),
    Mistake(
        NUMBERS,
        "(k * p2 - p1_squared) / below",
        "(p2 - p1_squared) / below",
        "the mean over rotations lacks a dimension",
    ),
)
