"""Cubes for every figure of signal propagation, of the sizes of its presets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from layeratlas.papers import FIGURES
from layeratlas.papers.signal_propagation import difficulty, noise_grid, scaled, shifts, toy
from made.aligned import dynamics_cube, noise_cube, rates_cube, tiny_cube, width_cube
from made.convolutional import redrawn_cube, vgg_cube
from made.depth_figures import without_mark
from made.hierarchies import affine_cube, hierarchy_cubes
from made.initial_cubes import initial_cube, phase_cube
from made.planes import Runs
from made.point_cubes import point_cube
from made.shifted import bump, correlations, difficulty_cube, held, shift_cube, toy_cube

Cubes = dict[str, xr.DataTree]

_SLOPES, _NOISES = (0.0, 0.4, 1.0), (0.28, 0.16, 0.08, 0.0)


def figure_cubes() -> dict[str, Cubes]:
    """Cubes of each figure by its name; grids are those of the preset laptop."""
    cifar = {"depths": (10, 20), "seeds": 2}
    return {name: make() for name, make in _of_one().items()} | _over_depths(
        hierarchy_cubes(alignment_cifar10=cifar)
    )


def odd_cubes() -> dict[str, Cubes]:
    """The same where much is missing: no run came to the mark, one seed, one network."""
    missing = _over_depths(hierarchy_cubes(**without_mark()))
    return missing | {
        "label_noise": {"alignment_label_noise": noise_cube(slow=("mark_0.1", "mark_1"), seeds=1)},
        "alignment_dynamics": {"alignment_dynamics": dynamics_cube(seeds=3, reached=_never)},
        "phase_comparison": {"phase_comparison": phase_cube(_CROSSINGS, trained=False)},
        "width_effect": {"alignment_width": width_cube(seeds=1)},
        "lr_batch_generalisation": {"alignment_lr_batch": rates_cube(reached=_slow)},
    }


def large_cubes() -> dict[str, Cubes]:
    """Grids of the preset paper, of figures whose panels or lines become more with it."""
    depths = {"depths": range(10, 101, 10), "seeds": 5}
    names = ("alignment_fashion_mnist", "alignment_mnist", "alignment_cifar10")
    every = _over_depths(hierarchy_cubes(**dict.fromkeys(names, depths)))
    batches, rates = (32, 128, 512, 2048), (5e-5, 1e-4, 3e-4, 1e-3, 3e-3)
    tasks = ("", "_cifar10", "_vgg", "_cifar100_vgg", "_cifar100_resnet")
    map_of = rates_cube(rates=rates, batches=batches)
    return {name: every[name] for name in ("equilibrium_depth_scaling", "alignment_by_depth")} | {
        "lr_batch_generalisation": {f"alignment_lr_batch{task}": map_of for task in tasks},
        "alignment_phase_diagram": {
            noise_grid.EXPERIMENT: _grid(
                tuple(np.linspace(0, 1, 6)), tuple(np.linspace(0.28, 0, 8).round(2))
            )
        },
    }


_CROSSINGS = {0.9: 1.5, 1.32701: 11.0, 1.7320508: 28.0}


def _of_one() -> dict[str, Callable[[], Cubes]]:
    return {
        "signal_propagation": lambda: {"signal_propagation": initial_cube(layers=10)[0]},
        "phase_comparison": lambda: {"phase_comparison": phase_cube(_CROSSINGS)},
        "alignment_dynamics": lambda: {"alignment_dynamics": dynamics_cube()},
        "lr_batch_generalisation": lambda: {"alignment_lr_batch": rates_cube(apart=0.01)},
        "label_noise": lambda: {"alignment_label_noise": noise_cube()},
        "alignment_mechanism": lambda: {
            "alignment_dynamics": dynamics_cube(),
            "alignment_tiny_step": tiny_cube(rates=(1e-8, 1e-6, 1e-5, 1e-4, 1e-2)),
        },
        "width_effect": lambda: {"alignment_width": width_cube()},
        "mean_cosine_shift": _cosines,
        "alignment_under_scalings": lambda: {scaled.EXPERIMENT: _scalings()},
        "alignment_phase_diagram": lambda: {noise_grid.EXPERIMENT: _grid(_SLOPES, _NOISES)},
        "two_boundaries": lambda: {
            "boundary_dropout": point_cube(steps=3, later=3),
            "boundary_alignment": point_cube(
                Runs(draw=1), "boundary_alignment", steps=3, later=3, of="peak_beyond_first"
            ),
        },
        "architectures": lambda: {
            "alignment_vgg": vgg_cube(),
            "alignment_resnet": vgg_cube(peak=6, axes={"depth": [18]}),
            "alignment_small_cnn": vgg_cube(axes={"learning_rate": [5e-3]}),
        },
        "baratin_alignment": lambda: {"baratin_vgg": redrawn_cube()},
        "baratin_spectrum": lambda: {"baratin_vgg": redrawn_cube()},
        "baratin_hierarchy": lambda: {
            name: vgg_cube(peak=at)
            for name, at in (("alignment_vgg", 3), ("alignment_resnet", 5), ("alignment_mnist", 7))
        },
        "baratin_easy_difficult": _difficulty,
        "baratin_toy": _disc,
    }


def _over_depths(cubes: Cubes) -> dict[str, Cubes]:
    names = (
        "alignment_hierarchy", "equilibrium_depth_scaling", "alignment_by_depth", "movement",
        "definitions", "peak_table",
    )  # fmt: skip
    return {name: {key: cubes[key] for key in FIGURES[name].experiments} for name in names}


def _never(record, **at) -> bool:
    return record != "mark_0.1"


def _slow(learning_rate, batch_size, **at) -> bool:
    return (batch_size, learning_rate) != (128, 1e-3)


def _cosines() -> Cubes:
    shifted = shift_cube(
        affine_cube,
        {1.0: bump(20, 9, 2.0, 4.0), 2.0: bump(20, 8, 1.8, 4.0), 3.0: bump(20, 7, 1.5, 4.0)},
        {1.0: 0.3, 2.0: 0.45, 3.0: 0.6},
    )
    image = shift_cube(affine_cube, {1.0: bump(20, 10, 3.0, 4.0)}, {1.0: 0.0})
    return {shifts.SHIFT: shifted, shifts.IMAGE: image}


def _scalings() -> xr.DataTree:
    names = {"kaiming": (0.2, 4), "ntk": (0.1, 5), "mf_mup": (0.15, 5), "fsc": (0.15, 5)}
    variables: dict[str, dict[tuple, np.ndarray]] = {}
    for name, (height, peak) in names.items():
        values = {
            "alignment": held(height * bump(10, peak, 2, 4)),
            "alignment_null": held(np.full(10, 0.01)),
            **correlations(0.3, 10),
        }
        for variable, value in values.items():
            variables.setdefault(variable, {})[(name,)] = value
    reached = np.ones((4, 3, 3))
    reached[1, 0, 1] = 0
    return affine_cube(variables, {"scaling": list(names)}, reached=reached)


def _grid(slopes: tuple[float, ...], noises: tuple[float, ...]) -> xr.DataTree:
    variables: dict[str, dict[tuple, np.ndarray]] = {}
    for a in slopes:
        for p in noises:
            values = {
                "alignment": held(0.2 * bump(10, 6 - 3 * a + 3 * p, 2 - 0.5 * a, 4)),
                "alignment_null": held(np.full(10, 0.02)),
                **correlations(0.3, 10),
            }
            for name, value in values.items():
                variables.setdefault(name, {})[a, p] = value
    return affine_cube(variables, {"negative_slope": slopes, "dropout": noises})


def _disc() -> Cubes:
    turned, steps = (0.2, 0.3, 0.4, 0.8, 0.9), (0, 20, 100, 900, 3000)
    cube = toy_cube(affine_cube, turned, 12, steps, 3)
    cube.attrs |= {"dataset_source": "disc", "n_train": 100}
    return {toy.EXPERIMENT: cube}


def _difficulty() -> Cubes:
    steps = (0, 5, 20, 100, 500, 1280)
    easy, hard, true = (
        [0.02, 0.05, 0.15, 0.2, 0.2, 0.2],
        [0.02, 0.02, 0.04, 0.1, 0.2, 0.3],
        [0.02, 0.05, 0.14, 0.15, 0.1, 0.06],
    )
    return {difficulty.EXPERIMENT: difficulty_cube(affine_cube, easy, hard, true, steps)}
