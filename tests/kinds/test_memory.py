"""Memory that jobs need, by their settings: in words, and no more than what they really hold."""

from __future__ import annotations

import pytest

from layeratlas.kinds import KINDS
from layeratlas.kinds.memory import in_words


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (99 << 20, "99 MiB"),
     (500 << 30, "500 GiB"), (4 << 40, "4 TiB"), (1 << 80, "1048576 EiB")],
)  # fmt: skip
def test_bytes_in_words(size, told):
    assert in_words(size) == told


def needs(kind: str, **settings) -> dict[str, tuple[int, int]]:
    kind_ = KINDS[kind]
    found = kind_.memory(kind_.settings.model_validate(settings))
    return {need.what: (need.once, need.each) for need in found}


def test_a_training_holds_images_features_and_weights():
    found = needs(
        "training", dataset={"source": "digits", "n_train": 64, "n_test": 36},
        model={"depth": 3, "width": 8}, training={"batch_size": 32}, dtype="float64",
    )  # fmt: skip
    weights = 64 * 8 + 8 * 8 + 8 * 10
    assert found == {
        "images": (4 * 100 * 64, 0),
        "features of a minibatch": (8 * 32 * (64 + 16), 0),
        "weights": (2 * 8 * weights, 0),
        "weights that are kept": (0, 8 * weights),
    }


def test_a_probe_holds_one_draw():
    found = needs("probe", model={"depth": 4, "width": 8, "n_inputs": 3})
    assert found["weights"] == (2 * (3 * 8 + 2 * 64 + 8), 0)
    held = needs("probe", model={"depth": 4, "width": 8, "n_inputs": 3},
                 probe={"conditioning": True})  # fmt: skip
    assert held["weights"] == (found["weights"][0] + 8 * 64, 0)


def test_a_chain_holds_its_motion():
    assert needs("simulation", chain={"length": 3}) == {"the motion of the blocks": (0, 8 * 4)}
    second = needs("simulation", chain={"length": 3, "order": "second"})
    assert second == {"the motion of the blocks": (0, 2 * 8 * 4)}


def test_a_fit_needs_nothing_by_its_settings():
    assert needs("fit", fit={"target": "x", "library": "y"}) == {}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("training", {"noise": {"kind": "static", "label_noise": 0.2, "input_noise": 0.1}}),
        ("training", {"noise": {"kind": "fresh", "label_noise": 0.2}}),
        ("training", {"model": {"family": "mlp", "depth": 4, "activation": "relu"}}),
        ("training", {"model": {"family": "residual_mlp", "depth": 5, "branch_scale": "1/L"}}),
        ("training", {"model": {"family": "module", "from": "layeratlas.networks.zoo.vgg:VGG"}}),
        ("training", {"model": {"family": "block_cnn"}, "dtype": "float64"}),
        ("simulation", {"chain": {"order": "second", "length": 9}}),
        ("probe", {"model": {"family": "residual_mlp", "branch_scale": "0.5/sqrt(L)"}}),
    ],
)
def test_canonical_settings_give_the_same_needs(kind, settings):
    """What a plan holds of a run is enough to know what it takes."""
    kind_ = KINDS[kind]
    if kind == "training":
        settings = {"dataset": {"source": "digits", "n_train": 64}, **settings}
    run = kind_.settings.model_validate(settings)
    again = kind_.typed(run.canonical())
    assert kind_.memory(again) == kind_.memory(run)
    assert again.canonical() == run.canonical()
