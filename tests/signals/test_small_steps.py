"""Second derivatives of feature matrices of what training adds, against training itself.

    F'' = 2 ẆᵀẆ,   G'' = 2 Ẇᵀ K(0) Ẇ     at the start, where W̄ᵀW̄, W̄ᵀKW̄ and first derivatives are 0

Plain torch networks are moved along gradient flow of all their weights, forward and back in time,
or by one step of gradient descent. Source: Beaglehole, Mitliagkas and Agarwala, TMLR 2024,
arXiv:2402.05271, Prop. 3; specification §5.2.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.asked import signals_of
from made.every_map import measured, network_and_twin, seen_of
from made.explicit import explicit, matrix_of
from made.trained import trained_cube
from torch.func import functional_call, grad

from layeratlas.signals.network import Network

STRIDED = {"kernel_size": 3, "stride": 2, "padding": 1, "groups": 2}
CASES = {
    "Dense": ("Dense", {"widths": [5, 4], "bias": False}, (3,), False),
    "Pixels": ("Pixels", STRIDED, (2, 5, 6), False),
    "Tokens": ("Tokens", {"heads": 2, "size": 4}, (4,), True),
}
every_case = pytest.mark.parametrize("case", CASES)
N, OUTPUTS = 4, 3


class Started:
    """A network of the project's at its start, its twin, and where the mean loss moves that."""

    def __init__(self, case):
        name, asked, self.shape, self.tokens = CASES[case]
        training = {"loss": "cross_entropy"} if self.tokens else None
        self.network, self.net = network_and_twin(
            name, asked, self.shape, OUTPUTS, 3, tokens=self.tokens, training=training
        )
        self.seen = seen_of(self.shape, N, OUTPUTS, 3, self.tokens)
        self.x, self.y = torch.as_tensor(self.seen.x), torch.as_tensor(self.seen.targets)
        if not self.tokens:
            self.x = self.x.reshape(N, *self.shape)
        self.weights = {n: p.detach().clone() for n, p in self.net.named_parameters()}

    def loss(self, weights):
        f = functional_call(self.net, weights, (self.x,))
        if self.tokens:
            return torch.nn.functional.cross_entropy(f.flatten(0, 1), self.y.flatten())
        return (f - self.y).square().sum(1).mean() / 2

    def rate(self, weights):
        return {name: -g for name, g in grad(self.loss)(weights).items()}

    def moved(self, time, weights=None):
        """Along gradient flow by one step of Runge and Kutta's, of order 4."""
        at = weights or self.weights

        def there(k, share):
            return {n: at[n] + share * time * k[n] for n in at}

        a = self.rate(at)
        b = self.rate(there(a, 0.5))
        c = self.rate(there(b, 0.5))
        d = self.rate(there(c, 1.0))
        return {n: at[n] + time / 6 * (a[n] + 2 * b[n] + 2 * c[n] + d[n]) for n in at}

    def at(self, weights, name):
        """W and K of a map there."""
        with torch.no_grad():
            for own, parameter in self.net.named_parameters():
                parameter.copy_(weights[own])
        module = self.net.get_submodule(name)
        return matrix_of(module).clone(), explicit(self.net, name, self.x).moment

    def project(self, weights):
        """The project's network there, whose start is where this began."""
        theta = self.network.theta.copy()
        views = self.network.family.parameters.views(theta)
        for name, values in weights.items():
            views[name][0] = values.numpy()
        one = self.network
        return Network(
            one.trained, one.rows, theta, one.statistics, one.theta, None, one.statistics
        )


def cosine(a, b):
    return float((a * b).sum() / a.norm() / b.norm())


@every_case
def test_second_derivatives_are_those_along_gradient_flow(case):
    """(F(h) + F(−h))/h² of central differences, which leave h²; F(0) is 0."""
    started, h = Started(case), 1e-4
    names = [affine.name for affine in started.network.affines]
    found = signals_of(
        pytest.MonkeyPatch(), started.network, started.seen, ("weight_gradient", "output_moments")
    )
    ways = [started.moved(h), started.moved(-h)]
    for at, name in enumerate(names):
        start, _ = started.at(started.weights, name)
        f, g = 0, 0
        for weights in ways:
            now, k = started.at(weights, name)
            bar = now - start
            f, g = f + bar.T @ bar / h**2, g + bar.T @ k @ bar / h**2
        rate, k = (torch.as_tensor(found[n][at][0]) for n in ("weight_gradient", "output_moments"))
        for seen, expected in ((f, 2 * rate.T @ rate), (g, 2 * rate.T @ k[0] @ rate)):
            assert float((seen - expected).norm() / expected.norm()) < 1e-5, name


@every_case
def test_a_small_step_begins_with_the_correlation_of_second_derivatives(case):
    """With K of the start to rounding; with K after it, away in proportion to the step."""
    started = Started(case)
    began = measured(started.network, started.seen, ("derivative_nfc",))["derivative_nfc"]
    away = []
    for eta in (1e-4, 2e-4):
        rate = started.rate(started.weights)
        stepped = {n: w + eta * rate[n] for n, w in started.weights.items()}
        after = measured(started.project(stepped), started.seen, ("c_nfc",))["c_nfc"]
        away.append([a - b for a, b in zip(after, began, strict=True)])
        for affine, expected in zip(started.network.affines, began, strict=True):
            start, k = started.at(started.weights, affine.name)
            bar = started.at(stepped, affine.name)[0] - start
            assert cosine(bar.T @ bar, bar.T @ k @ bar) == pytest.approx(expected, abs=1e-9)
    for once, twice in zip(*away, strict=True):
        assert abs(once) < 1e-9 or twice / once == pytest.approx(2, rel=0.02)
    assert max(map(abs, away[0])) > 1e-9


def test_second_derivatives_are_sums_over_the_kernel_of_outputs():
    """F'' = 2 Σ_ab x_a r_aᵀ P_ab r_b x_bᵀ and G'' = (2/n) Σ_abg x_a r_aᵀ P_ag P_gb r_b x_bᵀ.

    Of the sum over samples of half the squared error, as the proposition has it.
    """
    started = Started("Dense")
    found = measured(started.network, started.seen, ("derivative_nfc",))["derivative_nfc"]
    gradients = signals_of(
        pytest.MonkeyPatch(), started.network, started.seen, ("weight_gradient",)
    )["weight_gradient"]
    r = started.y - started.net(started.x).detach()
    for at, affine in enumerate(started.network.affines):
        right = explicit(started.net, affine.name, started.x)
        x, j = right.inputs[:, 0], right.of_given[:, :, 0]
        p = torch.einsum("aok,bpk->abop", j, j)
        f = 2 * torch.einsum("ai,ao,abop,bp,bj->ij", x, r, p, r, x)
        g = 2 / N * torch.einsum("ai,ao,agop,gbpq,bq,bj->ij", x, r, p, p, r, x)
        rate = N * torch.as_tensor(gradients[at][0])
        torch.testing.assert_close(2 * rate.T @ rate, f, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(2 * rate.T @ right.moment @ rate, g, rtol=1e-10, atol=1e-10)
        assert found[at] == pytest.approx(cosine(f, g), abs=1e-10)


def test_of_maps_with_zeros_only_their_weights_move(monkeypatch):
    """Groups of a convolution and the scale of a batch norm."""
    started = Started("Pixels")
    gradients = signals_of(monkeypatch, started.network, started.seen, ("weight_gradient",))
    rate = started.rate(started.weights)
    for affine, found in zip(started.network.affines, gradients["weight_gradient"], strict=True):
        module = started.net.get_submodule(affine.name)
        with torch.no_grad():
            module.weight.copy_(-rate[f"{affine.name}.weight"])
        np.testing.assert_allclose(found[0], matrix_of(module).numpy(), rtol=1e-10, atol=1e-12)


def test_a_step_of_training_that_is_measured_begins_so(tmp_path):
    """From the engine to the cube: one step of all images, in double precision."""
    cube = trained_cube(
        tmp_path,
        grid={"depth": [3]},
        dtype="float64",
        checkpoints=[0, 1],
        training={
            "epochs": 1,
            "batch_size": "full",
            "optimizer": "sgd",
            "learning_rate": 1e-5,
            "loss": "half_squared_error",
            "encoding": "centred_one_hot",
            "early_stop": None,
        },
        measure={
            "metrics": ["c_nfc", "derivative_nfc", "uc_nfc", "dw_rel", "ratio_c_uc"],
            "views": {"train": {"split": "train"}},
        },
    )
    affine = cube["affine"].isel(depth=0, seed=0, view=0)
    start, after = affine.sel(epoch=0), affine.sel(epoch=1)
    assert np.isnan(start["c_nfc"]).all()
    assert (start["dw_rel"] == 0).all() and (start["ratio_c_uc"] == 0).all()
    assert (start["uc_nfc"] > 0).all() and (after["dw_rel"] > 0).all()
    np.testing.assert_allclose(after["c_nfc"], start["derivative_nfc"], atol=1e-5)
    # Of the read-out K is the identity, and every correlation 1.
    assert (abs(after["c_nfc"] - after["uc_nfc"])[:-1] > 0.01).all()
