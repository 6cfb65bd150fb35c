"""What every figure says of the numbers behind it: preset, data set, samples, runs, stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import xarray as xr

from layeratlas.cubes.population import fewest_and_most
from layeratlas.cubes.told import told

__all__ = ["between", "data_title", "origin"]

#: Names of data sets in running text, and which data set they are a part of.
_DATA = {
    "mnist": ("MNIST", ""),
    "mnist_5k": ("5,000 MNIST digits", "mnist"),
    "digits": ("8×8 digits of scikit-learn", ""),
    "fashion_mnist": ("Fashion-MNIST", ""),
    "kmnist": ("Kuzushiji-MNIST", ""),
    "cifar10": ("CIFAR-10", ""),
    "cifar10_subset": ("a tenth of CIFAR-10", "cifar10"),
    "cifar100": ("CIFAR-100", ""),
    "svhn": ("SVHN", ""),
    "stl10": ("STL-10", ""),
    "gtsrb": ("GTSRB", ""),
    "gtsrb32_subset": ("a part of GTSRB", "gtsrb"),
    "tiny_shakespeare": ("tiny Shakespeare", ""),
    "wikitext_2": ("WikiText-2", ""),
    "wikitext_103": ("WikiText-103", ""),
    "chain_monomial": ("chain monomials", ""),
    "alignment_reversing": ("mixtures that reverse alignment", ""),
    "disc": ("points of a disc", ""),
}


def data_title(source: str) -> str:
    """A data set in running text; of unknown ones the name."""
    return _DATA.get(source, (source.replace("_", " "), ""))[0]


def origin(
    cubes: Mapping[str, xr.DataTree],
    published: Sequence[str] = (),
    letters: Mapping[str, str] | None = None,
) -> str:
    """One sentence on the cubes of a figure, by experiment.

    As "Preset laptop: MNIST, 1 000 (a) or 2 560 (b c d) training images, n = 3 seeds". A data set
    that is neither one of `published`, the sources that the paper used, nor a part of one is a
    stand-in, and is called that. Panels are named by the `letters` of their experiments where they
    differ. "" where there is no cube.
    """
    if not cubes:
        return ""
    letters = letters or {}

    def each(of: Callable[[xr.DataTree], str]) -> str:
        return _by_panel({name: of(cube) for name, cube in cubes.items()}, letters)

    preset = each(lambda cube: str(cube.attrs.get("preset", "unstated")))
    parts = [each(lambda cube: _data(cube, published)), each(_samples), each(_runs)]
    return f"Preset {preset}: {', '.join(filter(None, parts))}."


def _data(cube: xr.DataTree, published: Sequence[str]) -> str:
    source = str(cube.attrs.get("dataset_source") or told(cube, "dataset").get("name") or "")
    if not source:
        return ""
    title, whole = _DATA.get(source, (source.replace("_", " "), ""))
    if not published or source in published or whole in published:
        return title
    instead = " or ".join(data_title(name) for name in published)
    return f"{title} (stand-in for {instead})" if len(published) < 3 else f"{title} (stand-in)"


def _samples(cube: xr.DataTree) -> str:
    count = cube.attrs.get("n_train")
    return "" if count is None else f"{_whole(int(count))}\u00a0training\u00a0samples"


def _runs(cube: xr.DataTree) -> str:
    """Seeds a cell; a probe draws weights, a simulation shakes chains."""
    sections = told(cube, "settings")
    words = (word for section, word in _REPETITIONS.items() if section in sections)
    number = fewest_and_most(cube)
    return f"n\u00a0=\u00a0{between(*number, next(words, 'seed'))}" if number else ""


def between(fewest: int, most: int, word: str) -> str:
    """As "3 seeds", or "2 to 5 seeds" where cells have unequally many."""
    few = "" if fewest == most else f"{_whole(fewest)}\u00a0to\u00a0"
    return f"{few}{_whole(most)}\u00a0{word}{'' if most == 1 else 's'}"


#: What one of several runs is called, by the section of settings that only its kind has.
_REPETITIONS = {"probe": "draw", "chain": "realisation"}


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", "\u2009")


def _by_panel(values: Mapping[str, str], letters: Mapping[str, str]) -> str:
    """One value where all agree; otherwise each, with the letters of its panels.

    Where some panels have letters, others go by the name of their experiment.
    """
    values = {name: value for name, value in values.items() if value}
    distinct = list(dict.fromkeys(values.values()))
    if len(distinct) == 1 or not letters.keys() & values.keys():
        return " or ".join(distinct)
    shown = []
    for value in distinct:
        names = [letters.get(k, k.replace("_", " ")) for k, v in values.items() if v == value]
        # A panel of the name of its data set has said which it is.
        names = [name for name in dict.fromkeys(names) if len(name) < 3 or name not in value]
        shown.append(f"{value}\u00a0({', '.join(names)})" if names else value)
    return " or ".join(shown)
