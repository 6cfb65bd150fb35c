"""A reduction of two cubes: how much better the runs of the one generalise than of the other."""

from layeratlas.cubes.selecting import mean_accuracy


def gap(cubes, scale=1.0):
    """Cubes by name of experiment, in the order of `reduction.of`; settings by name."""
    first, second = (mean_accuracy(cube) for cube in cubes.values())
    gained = scale * (first - second)
    return gained.rename("gap").assign_attrs(long_name="test accuracy gained", units="percent")
