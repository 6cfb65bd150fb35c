"""Made-up cubes of what goes beyond the alignment paper."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.nfa import initialisation
from made.aligned import aligned_cube

NOISES, SLOPES, LAYERS = (0.0, 0.1, 0.2, 0.3), (0.0, 0.5, 1.0), 5


def theories_cube(*, seeds: int = 2, status=None, noises=NOISES, **changes) -> xr.DataTree:
    """Networks of five maps in which all four theories follow one number of the cell.

    `changes`: functions of (the cell's number, layer from 0, seed) by variable.
    """
    functions = {
        "uc_nfc": lambda u, k, s: 0.5 + 0.01 * k,
        "c_nfc": lambda u, k, s: 0.8 + 0.1 * u * (k - 1.5),
        "expected_rotated_c_nfc": lambda u, k, s: 0.6,
        "alignment": lambda u, k, s: 0.2 + 0.1 * u * (k - 1.5),
        # Loads are its falls, of which deep ones are larger where u is.
        "data_separation": lambda u, k, s: -k - 0.1 * u * k * k,
        "backward_feature_angle": lambda u, k, s: 1.2 - 0.1 * u * k,
    } | changes
    cells = len(noises) * len(SLOPES)
    # No order of rows or columns.
    own = ((5 * np.arange(cells)) % cells / cells).reshape(len(noises), len(SLOPES))
    lead = ("dropout", "negative_slope", "seed")
    shape = (len(noises), len(SLOPES), seeds, 2, 1, LAYERS)

    def of(name, width):
        values = np.zeros((*shape[:-1], width))
        for i, j, s, k in np.ndindex(*shape[:3], width):
            values[i, j, s, 1, 0, k] = functions[name](own[i, j], k, s)
        return values.astype("f4")

    axes = {"dropout": list(noises), "negative_slope": list(SLOPES), "seed": range(1, seeds + 1)}
    coords = {"epoch": [0, 100], "view": ["train"], **axes}
    maps = ("uc_nfc", "c_nfc", "expected_rotated_c_nfc", "alignment")
    node = xr.Dataset(
        {name: ((*lead, "epoch", "view", "affine"), of(name, LAYERS)) for name in maps},
        coords={
            **coords,
            "affine": range(LAYERS),
            "affine_name": ("affine", [f"layer_{k + 1}" for k in range(LAYERS)]),
            "affine_kind": ("affine", ["dense"] * LAYERS),
            "affine_layer": ("affine", np.arange(1, LAYERS + 1)),
            "main_path": ("affine", [True] * LAYERS),
        },
    )
    layers = xr.Dataset(
        {
            name: ((*lead, "epoch", "view", "layer"), of(name, LAYERS + 1))
            for name in ("data_separation", "backward_feature_angle")
        },
        coords={**coords, "layer": range(LAYERS + 1)},
    )
    runs = np.zeros(shape[:3], "i1")
    if status is not None:
        runs[status] = 1
    root = xr.Dataset({"status": (lead, runs)}, coords=axes)
    accuracy = np.full((*shape[:4], 1), 0.9, "f4")
    evaluation = xr.Dataset(
        {"test_accuracy": ((*lead, "epoch", "batch_norm_mode"), accuracy)},
        coords={**axes, "epoch": [0, 100], "batch_norm_mode": ["running_statistics"]},
    )
    cube = xr.DataTree.from_dict(
        {"/": root, "/affine": node, "/layers": layers, "/evaluation": evaluation}
    )
    cube.attrs = {"preset": "laptop", "n_train": 2560, "axes": "dropout negative_slope"}
    return cube


def scaled_cube(*, reached=lambda **at: True, **changes) -> xr.DataTree:
    """Two scalings, of which MF+µP moves more and agrees more than spectra alone."""
    rich = lambda scaling: scaling == "mf_mup"  # noqa: E731
    functions = {
        "uc_nfc": lambda record, **at: np.full(4, 0.5 if record == "init" else 0.45),
        "c_nfc": lambda record, scaling, seed, **at: np.full(
            4, np.nan if record == "init" else (0.9 if rich(scaling) else 0.7) + 0.001 * int(seed)
        ),
        "expected_rotated_c_nfc": lambda record, **at: np.full(4, 0.6),
        "dw_rel": lambda scaling, **at: np.full(4, 0.2 if rich(scaling) else 0.05),
    } | changes
    return aligned_cube(
        {"scaling": ["ntk", "mf_mup"]},
        {"init": 0, "final": 900, "mark_0.1": 700},
        functions,
        layers=4,
        reached=reached,
    )


def start_cube(
    source: str = "fashion_mnist",
    *,
    outputs: int = 10,
    widths=(64, 128),
    gains=None,
    wrong: float = 0.0,
    seeds: int = 2,
) -> xr.DataTree:
    """Networks that start where the finite-width recursion says, `wrong` more in layer 1."""
    n, layers = 20, 4
    cosines = np.random.default_rng(0).uniform(-0.2, 0.8, n * (n - 1) // 2)
    axes = {"width": list(widths)} | ({} if gains is None else {"init_gain": list(gains)})
    shape = tuple(map(len, axes.values()))
    values = {name: np.zeros((*shape, seeds, 1, 1, layers)) for name in (
        "uc_nfc", "expected_rotated_nfc", "nfm_effective_rank", "cotangent_effective_rank"
    )}  # fmt: skip
    for at, width in enumerate(widths):
        sizes = np.array([*[width] * (layers - 1), outputs])
        ranks = initialisation.finite_width_ranks(Rectifier(), cosines, n, sizes)
        feature = initialisation.fresh_rank(sizes, np.array([50, *sizes[:-1]]))
        told = initialisation.turned(feature, ranks, sizes)
        values["nfm_effective_rank"][at] = feature
        values["cotangent_effective_rank"][at] = ranks
        values["uc_nfc"][at] = told + wrong * np.eye(layers)[0]
        values["expected_rotated_nfc"][at] = told
    lead = (*axes, "seed", "record", "view", "affine")
    pairs = np.broadcast_to(cosines, (*shape, seeds, 1, 1, layers, len(cosines)))
    places = {"label": ("record", ["init"]), "view": ["train"], "seed": range(1, seeds + 1), **axes}
    node = xr.Dataset(
        {
            **{name: (lead, v.astype("f4")) for name, v in values.items()},
            "forward_cosines": ((*lead, "pair"), pairs.astype("f4")),
        },
        coords={
            **places,
            "affine": range(layers),
            "affine_name": ("affine", [f"layer_{k + 1}" for k in range(layers)]),
            "affine_kind": ("affine", ["dense"] * layers),
            "affine_layer": ("affine", np.arange(1, layers + 1)),
            "main_path": ("affine", [True] * layers),
        },
    )
    runs = (*axes, "seed")
    root = xr.Dataset(
        {
            "status": (runs, np.zeros((*shape, seeds), "i1")),
            "reached": ((*runs, "record"), np.ones((*shape, seeds, 1), "f4")),
        },
        coords={name: places[name] for name in ("label", "seed", *axes)},
    )
    cube = xr.DataTree.from_dict({"/": root, "/affine": node})
    cube.attrs = {
        "preset": "laptop",
        "n_train": 1000,
        "axes": " ".join(axes),
        "settings": json.dumps({"dataset": {"source": source}}),
    }
    return cube


def start_cubes(**changes) -> dict[str, xr.DataTree]:
    """As at `smoke`."""
    return {
        "nfa_initialisation": start_cube("digits"),
        "nfa_initialisation_chain": start_cube("chain_monomial", outputs=1, gains=(0.25, 1)),
    } | changes
