"""The feature speed probe: identities at machine precision, and naive twins by autograd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes import calibration, kernels, measures, networks, passes
from layeratlas.probes.losses import CrossEntropy, Linear, Square


def case(seed, *, samples=1, depth=6, width=12, d=4, k=3, kind="resnet", slope=0.0, biased=False):
    """Weights, two settings of a network, inputs, a square loss, random unequal rates."""
    rng = np.random.default_rng(seed)
    weights = networks.draw(seed, depth, width, d, k)
    if biased:
        biases = [0.3 * rng.standard_normal(w.shape[0]) for w in weights.matrices]
        weights = replace(weights, biases=biases)
    if kind == "mlp":
        network = networks.mlp(
            depth, width, n_inputs=d, output_std=[0.3, 0.1], negative_slope=slope
        )
    else:
        network = networks.resnet(depth, width, [0.4, 1.0], n_inputs=d, negative_slope=slope)
    x = rng.standard_normal((samples, d))
    loss = Square(rng.standard_normal((samples, k)))
    return weights, network, x, loss, rng.uniform(0.1, 2.0, (2, depth))


# --- Naive twins: autograd on explicit matrices ----------------------------------------------


def matrices(weights, network, setting):
    return [
        torch.tensor(network.multipliers[setting, i] * weights.matrix(i + 1))
        for i in range(weights.depth)
    ]


def naive_features(network, setting, ws, biases, x):
    """f_1 … f_L for matrices `ws`, `(sample, unit)`."""
    beta, last = float(network.branch_scale[setting]), len(ws)

    def phi(f):
        return torch.where(f > 0, f, network.negative_slope * f)

    f, kept = x, []
    for layer, (w, bias) in enumerate(zip(ws, biases, strict=True), start=1):
        if layer == 1:
            f = f @ w.T + bias
        elif layer < last:
            f = (1 - beta**2) ** 0.5 * f + beta * phi(f) @ w.T + bias
        else:
            f = (phi(f) if network.output_activation else f) @ w.T + bias
        kept.append(f)
    return kept


def naive_loss(loss, f):
    if isinstance(loss, Linear):
        return (torch.as_tensor(loss.gradient_at_output, dtype=torch.float64) * f).sum()
    if isinstance(loss, CrossEntropy):
        return torch.nn.functional.cross_entropy(f, torch.as_tensor(loss.labels))
    return ((f - torch.as_tensor(loss.target, dtype=torch.float64)) ** 2).sum() / (2 * f.numel())


def naive_parts(weights, network, setting, x, loss):
    """Parameters, their gradients, features and theirs."""
    ws = [w.requires_grad_() for w in matrices(weights, network, setting)]
    given_biases = weights.biases or [np.zeros(w.shape[0]) for w in weights.matrices]
    biases = [torch.tensor(b).requires_grad_() for b in given_biases]
    f = naive_features(network, setting, ws, biases, torch.tensor(x))
    found = torch.autograd.grad(naive_loss(loss, f[-1]), [*ws, *biases, *f])
    n = len(ws)
    return ws, biases, f, found[:n], found[n : 2 * n], found[2 * n :]


@given(
    seed=st.integers(0, 10**6),
    samples=st.integers(1, 9),
    kind=st.sampled_from(["mlp", "resnet"]),
    slope=st.sampled_from([0.0, 0.2, 1.0]),
    biased=st.booleans(),
)
def test_velocities_are_torch_jvps(seed, samples, kind, slope, biased):
    weights, network, x, loss, rates = case(
        seed, samples=samples, kind=kind, slope=slope, biased=biased
    )
    point = passes.passes(weights, network, x, loss)
    ours = list(passes.velocities(point, rates))
    for setting in range(2):
        ws, biases, f, gw, gb, gf = naive_parts(weights, network, setting, x, loss)
        eta = rates[setting]
        moved = 1.0 if biased else 0.0
        _, tangents = torch.func.jvp(
            lambda w, b, s=setting: naive_features(network, s, w, b, torch.tensor(x)),
            ([w.detach() for w in ws], [b.detach() for b in biases]),
            (
                [-e * g for e, g in zip(eta, gw, strict=True)],
                [-moved * e * g for e, g in zip(eta, gb, strict=True)],
            ),
        )
        for layer in range(1, point.network.depth + 1):
            close(point.f[layer][setting], f[layer - 1])
            close(point.b[layer][setting], gf[layer - 1])
            close(point.gradient(layer)[setting], gw[layer - 1])
            close(ours[layer - 1][setting], tangents[layer - 1])
            square = (gw[layer - 1] ** 2).sum() + moved * (gb[layer - 1] ** 2).sum()
            close(point.gradient_square[setting, layer], square)


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12 * (1 + np.abs(theirs).max()))


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
def test_finite_step_is_a_real_step(kind):
    weights, network, x, loss, rates = case(3, samples=4, kind=kind)
    point = passes.passes(weights, network, x, loss)
    step = 0.2
    changes = list(passes.finite_changes(point, rates, step))
    measured = measures.measure(point, rates, step)
    for setting in range(2):
        ws, biases, f, gw, _, _ = naive_parts(weights, network, setting, x, loss)
        with torch.no_grad():
            new = [w - step * e * g for w, e, g in zip(ws, rates[setting], gw, strict=True)]
            after = naive_features(network, setting, new, biases, torch.tensor(x))
            for change, a, b in zip(changes, after, f, strict=True):
                np.testing.assert_allclose(change[setting], (a - b).numpy(), atol=1e-11)
            difference = naive_loss(loss, after[-1]) - naive_loss(loss, f[-1])
        np.testing.assert_allclose(
            measured.loss_change[setting] * step, float(difference), rtol=1e-9, atol=1e-13
        )


def test_finite_step_approaches_the_velocity_linearly():
    weights, x = networks.draw(5, 30, 100), np.ones(10) / np.sqrt(10)
    network = networks.resnet(30, 100, [0.2, 1.0])
    exact = measures.probe(weights, network, x, Square(1.0))
    errors = []
    for step in (1e-6, 1e-7, 1e-8):
        finite = measures.probe(weights, network, x, Square(1.0), step=step)
        errors.append(np.abs(finite.df_rms[:, 29] / exact.df_rms[:, 29] - 1))
    assert (np.array(errors) < 1e4 * np.array([[1e-6], [1e-7], [1e-8]])).all()
    np.testing.assert_allclose(errors[1], errors[0] / 10, rtol=0.2)


# --- Identities (specification §1.3, §5) -----------------------------------------------------


@given(
    seed=st.integers(0, 10**6),
    samples=st.integers(1, 8),
    kind=st.sampled_from(["mlp", "resnet"]),
    biased=st.booleans(),
    labels=st.booleans(),
)
def test_feature_speed_formula(seed, samples, kind, biased, labels):
    weights, network, x, loss, rates = case(seed, samples=samples, kind=kind, biased=biased)
    if labels:
        loss = CrossEntropy(np.arange(samples) % 3)
    assert_speed_formula(passes.passes(weights, network, x, loss), rates)


def assert_speed_formula(point, rates, tolerance=1e-10):
    """I1: −⟨b_v, ḟ_v⟩ = Σ_{l≤v} η_l |G_l|², and what follows for the probe (I2, I3, I4)."""
    decay = np.cumsum(rates * point.gradient_square[:, 1:], axis=1)
    moves = list(passes.velocities(point, rates))
    for layer, move in enumerate(moves, start=1):
        left = -np.sum(point.b[layer] * move, axis=(1, 2))
        np.testing.assert_allclose(left, decay[:, layer - 1], rtol=tolerance, atol=1e-300)
    measured = measures.measure(point, rates)
    np.testing.assert_allclose(-measured.loss_change, measured.loss_decay[:, -1], rtol=tolerance)
    with np.errstate(invalid="ignore", divide="ignore"):
        dims = np.array([0, *[b[0].size for b in point.b[1:]]])
        eq4 = 1 / (measured.cos_theta * dims * measured.b_rms)
    np.testing.assert_allclose(measured.sensitivity[:, 1:], eq4[:, 1:], rtol=1e-8)


def test_feature_speed_formula_at_many_samples_and_in_mid_training():
    rng = np.random.default_rng(7)
    weights, network, x, _, _ = case(11, samples=30, depth=9, width=40, k=3)
    loss = CrossEntropy(rng.integers(0, 3, 30))
    network = networks.resnet(9, 40, 0.5, n_inputs=4, output_std=0.1)
    ws = [w.numpy() for w in matrices(weights, network, 0)]
    plain = replace(network, multipliers=np.ones((1, 9)))
    losses = []
    for _ in range(15):
        point = passes.passes(networks.Weights(ws), plain, x, loss)
        assert_speed_formula(point, rng.uniform(0, 1, (1, 9)))
        losses.append(float(loss.value(point.f[-1])[0]))
        rates = passes.balanced_rates(point)
        ws = [w - 0.05 * rates[0, i] * point.gradient(i + 1)[0] for i, w in enumerate(ws)]
    assert losses[-1] < losses[0] - 0.3


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("kind", ["mlp", "resnet"])
def test_kernel(kind, samples):
    weights, network, x, loss, rates = case(2, samples=samples, kind=kind, width=15)
    point = passes.passes(weights, network, x, loss)
    moves = list(passes.velocities(point, rates))
    measured = measures.measure(point, rates)
    for setting in range(2):
        moments = kernels.kernel_moments(point, rates, setting)
        for layer, kernel in enumerate(kernels.feature_kernels(point, rates, setting), start=1):
            b, move = point.b[layer][setting].ravel(), moves[layer - 1][setting].ravel()
            np.testing.assert_allclose(kernel, kernel.T, atol=1e-12 * np.abs(kernel).max())
            error = np.linalg.norm(move + kernel @ b)
            assert error <= 1e-10 * np.linalg.norm(move)
            values = np.linalg.eigvalsh(kernel)
            low, high = values[0], values[-1]
            assert low >= -1e-12 * high
            cos = measured.cos_theta[setting, layer]
            assert low / high - 1e-12 <= cos <= 1 + 1e-12
            assert cos >= 2 * np.sqrt(max(low, 0) * high) / (low + high) - 1e-12
            np.testing.assert_allclose(
                moments[layer], [values.mean(), (values**2).mean()], rtol=1e-9
            )


def test_kernel_moments_give_the_angle_at_width_300():
    weights, x = networks.draw(1, 6, 300), np.ones(10) / np.sqrt(10)
    network = networks.resnet(6, 300, [0.5, 1.0])
    point = passes.passes(weights, network, x, Linear(1.0))
    rates = passes.balanced_rates(point)
    cos = measures.measure(point, rates).cos_theta
    for setting in range(2):
        moments = kernels.kernel_moments(point, rates, setting)
        predicted = moments[1:6, 0] / np.sqrt(moments[1:6, 1])
        np.testing.assert_allclose(cos[setting, 1:6], predicted, atol=0.1)


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
@pytest.mark.parametrize("linear", [True, False])
def test_backward_speed_formula(kind, linear):
    """I7: −⟨ḃ_v, f_v⟩ = Σ_{l>v} η_l |G_l|² − f_Lᵀ ∇²loss ḟ_L, ḃ_v by central differences."""
    weights, network, x, loss, rates = case(4, samples=2, kind=kind)
    if linear:
        loss = Linear(np.array([0.3, -1.0, 0.7]))
    point = passes.passes(weights, network, x, loss)
    f_dot = list(passes.velocities(point, rates))[-1]
    curvature = np.sum(point.f[-1] * loss.hessian_product(point.f[-1], f_dot), axis=(1, 2))
    contribution = rates * point.gradient_square[:, 1:]
    dt = 1e-6
    for setting in range(2):
        one = replace(
            network,
            branch_scale=network.branch_scale[[setting]],
            multipliers=np.ones((1, network.depth)),
        )

        def backward(sign, one=one, setting=setting):
            moved = [
                point.matrix(i)[setting]
                - sign * dt * rates[setting, i - 1] * point.gradient(i)[setting]
                for i in range(1, network.depth + 1)
            ]
            return passes.passes(networks.Weights(moved), one, x, loss).b

        ahead, behind = backward(1), backward(-1)
        for layer in range(1, network.depth):
            b_dot = (ahead[layer][0] - behind[layer][0]) / (2 * dt)
            left = -np.sum(b_dot * point.f[layer][setting])
            right = contribution[setting, layer:].sum() - curvature[setting]
            assert left == pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize("product", [1.0, 1.3])
def test_trajectories_ignore_a_shift_of_scale_between_layers(product):
    """I8: an MLP with prescribed contributions, and matrices scaled by s_l, Π s_l = `product`."""
    weights, network, x, loss, _ = case(6, samples=3, kind="mlp")
    one = replace(network, branch_scale=np.ones(1), multipliers=np.ones((1, network.depth)))
    scales = np.random.default_rng(0).uniform(0.5, 2.0, network.depth)
    scales *= (product / scales.prod()) ** (1 / network.depth)

    def train(ws):
        outputs = []
        for _ in range(5):
            point = passes.passes(networks.Weights(ws), one, x, loss)
            outputs.append(point.f[-1])
            rates = passes.balanced_rates(point)[0]
            ws = [w - 0.05 * rates[i] * point.gradient(i + 1)[0] for i, w in enumerate(ws)]
        return np.array(outputs), ws

    ws = [w.numpy() for w in matrices(weights, network, 0)]
    outputs, after = train(ws)
    scaled_outputs, scaled = train([s * w for s, w in zip(scales, ws, strict=True)])
    if product != 1:
        assert np.abs(scaled_outputs - outputs).max() > 0.01 * np.abs(outputs).max()
        return
    np.testing.assert_allclose(scaled_outputs, outputs, rtol=1e-9, atol=1e-10)
    for s, w, v in zip(scales, after, scaled, strict=True):
        np.testing.assert_allclose(v, s * w, rtol=1e-9, atol=1e-10)


def test_angles_ignore_a_common_factor_of_the_rates():
    weights, network, x, loss, rates = case(8, samples=2)
    one = measures.probe(weights, network, x, loss, trained="all", learning_rates=rates)
    other = measures.probe(weights, network, x, loss, trained="all", learning_rates=37.0 * rates)
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-12)


def test_frozen_layers_and_undefined_values():
    weights, x = networks.draw(0, 8, 50), np.ones(10)
    result = measures.probe(weights, networks.resnet(8, 50, [0.3, 1.0]), x, Square(0.3))
    assert np.isnan(result.theta[:, :2]).all()  # the input, and the frozen first layer
    assert (result.theta[:, 2] < 1e-15).all()
    np.testing.assert_allclose(result.contribution[:, [1, 8]], 0)
    np.testing.assert_allclose(result.contribution[:, 2:8], 1 / 8)
    # Only layers up to L − 1 are trained, so the paper's estimate of S is S.
    np.testing.assert_allclose(result.feature_per_loss[:, 7], result.sensitivity[:, 7])


def test_tiny_angles_keep_their_digits():
    b = np.zeros((1, 1, 4))
    b[..., 0] = 1.0
    velocity = -b.copy()
    velocity[..., 1] = 1e-12
    assert measures.backward_feature_angle(velocity, b)[1][0] == pytest.approx(1e-12, rel=1e-10)


# --- Losses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [Linear(0.7), Square(0.2), CrossEntropy(np.array([0, 2, 1]))])
def test_losses_against_autograd(loss):
    rng = np.random.default_rng(0)
    f, v = rng.standard_normal((2, 1, 3, 3))
    t = torch.tensor(f[0])
    close(loss.value(f)[0], naive_loss(loss, t))
    gradient = torch.func.grad(lambda z: naive_loss(loss, z))
    close(loss.gradient(f)[0], gradient(t))
    close(loss.hessian_product(f, v)[0], torch.func.jvp(gradient, (t,), (torch.tensor(v[0]),))[1])
    np.testing.assert_allclose(loss.difference(f, v), loss.value(f + v) - loss.value(f), rtol=1e-9)


# --- Calibration -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
@pytest.mark.parametrize("loss", [Linear(np.array([1.0, -0.5])), Square(np.array([3.0, -2.0]))])
@pytest.mark.parametrize("samples", [1, 3])
def test_calibration(kind, loss, samples):
    depth, width = 8, 60
    weights = networks.draw(3, depth, width, 5, 2)
    x = np.random.default_rng(1).standard_normal((samples, 5))
    network = (
        networks.mlp(depth, width, n_inputs=5)
        if kind == "mlp"
        else networks.resnet(depth, width, [0.1, 0.35, 1.0], n_inputs=5)
    )
    calibrated, rates = calibration.calibrate_fsc(weights, network, x, loss)
    result = measures.probe(weights, calibrated, x, loss, trained="all", learning_rates=rates)
    np.testing.assert_allclose(-result.loss_change, 1, rtol=1e-10)
    np.testing.assert_allclose(result.df_rms[:, depth - 1], 1, rtol=1e-10)
    np.testing.assert_allclose(result.f_rms[:, 1:depth], 1, rtol=1e-10)
    np.testing.assert_allclose(result.contribution[:, 1:], 1 / depth, rtol=1e-10)


def test_calibration_refuses_biases():
    weights, network, x, loss, _ = case(0, biased=True)
    with pytest.raises(ScalingError, match="not defined for a network with biases"):
        calibration.calibrate_fsc(weights, network, x, loss)


# --- Draws, conditioning, refusals -----------------------------------------------------------


def test_draws_are_standard_normal():
    values = networks.draw(0, 12, 300).matrix(5).ravel()
    assert abs(values.mean()) < 0.02 and values.std() == pytest.approx(1, abs=0.01)
    assert (values**4).mean() == pytest.approx(3, abs=0.15)


def test_draws_are_keyed_by_layer_and_shared():
    short, long = networks.draw(4, 5, 20), networks.draw(4, 9, 20)
    for a, b in zip(short.matrices[:4], long.matrices[:4], strict=True):
        np.testing.assert_array_equal(a, b)
    x = np.ones(10)
    betas = [0.1, 0.5, 1.0]
    together = measures.probe(long, networks.resnet(9, 20, betas), x, Square(0.3))
    for i, beta in enumerate(betas):
        alone = measures.probe(long, networks.resnet(9, 20, beta), x, Square(0.3))
        np.testing.assert_allclose(alone.theta[0], together.theta[i], rtol=1e-10, atol=1e-15)
    several = measures.probe_draws([4, 5], networks.resnet(9, 20, betas), 20, x, Square(0.3))
    assert several.theta.shape == (2, 3, 10) and several.loss.shape == (2, 3)
    np.testing.assert_array_equal(several.theta[0], together.theta)


def test_jacobian_conditioning():
    width = 300
    weights, x = networks.draw(0, 12, width), np.ones(10)
    network = networks.resnet(12, width, [0.3, 1.0])
    point = passes.passes(weights, network, x, Linear(1.0))
    ratios = [
        [kernels.spectral_moment_ratio(j) for _, j in kernels.jacobians(point, 1, setting)]
        for setting in range(2)
    ]
    n = np.arange(11)
    np.testing.assert_allclose(ratios[1], 1 + 2 * n, rtol=0.25)
    assert (np.array(ratios[0])[1:] > 1 + 2 * 0.09 * n[1:] - 0.05).all()
    lowest = [
        np.linalg.svd(list(kernels.jacobians(point, 1, s))[-1][1], compute_uv=False)[-1]
        for s in range(2)
    ]
    assert lowest[1] < 1e-10 and lowest[0] > 0.05
    linear = networks.resnet(12, width, 0.3, negative_slope=1.0)
    point = passes.passes(weights, linear, x, Linear(1.0))
    ratios = [kernels.spectral_moment_ratio(j) for _, j in kernels.jacobians(point, 1)]
    np.testing.assert_allclose(ratios, 1 + n * (2 * 0.3**2 - 0.3**4), rtol=0.1)


def test_refusals():
    with pytest.raises(ScalingError, match="branch_scale must lie in"):
        networks.resnet(5, 10, [0.1, 1.2])
    for make in (
        lambda: networks.draw(0, 2, 10),
        lambda: networks.mlp(2, 10),
        lambda: networks.resnet(2, 10, 1.0),
    ):
        with pytest.raises(ScalingError, match="depth must be at least 3"):
            make()
    weights, x = networks.draw(0, 5, 10), np.ones(10)
    with pytest.raises(ValueError, match="the network has depth 6"):
        measures.probe(weights, networks.mlp(6, 10), x, Square(1.0))
    with pytest.raises(ValueError, match="inputs must be"):
        measures.probe(weights, networks.mlp(5, 10), np.ones(3), Square(1.0))
    with pytest.raises(ValueError, match="trained must be"):
        measures.probe(weights, networks.mlp(5, 10), x, Square(1.0), trained="some")
    with pytest.raises(ScalingError, match="gradient zero"):
        measures.probe(weights, networks.mlp(5, 10), x, Linear(0.0))
