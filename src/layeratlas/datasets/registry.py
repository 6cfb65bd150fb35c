"""Where every data set comes from: files, checksums, counts, licences, citations.

The entries stand in `sources`. What reads the bytes is in `readers`, what finds the files in
`fetch`. Checksums are those of the official distributions; array checksums are of the decoded uint8
arrays in the layout the file stores (so `cifar10_subset` is hashed channels last).

A new source is an entry in a module of `sources`, and, where its format is new, a module of
`readers`. Neither re-makes a data set of another source: what a prepared data set depends on is its
own `identity`.
"""

from __future__ import annotations

from typing import Any

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.source import Source
from layeratlas.datasets.sources import cifar, mnist, packaged, photographs, subsets
from layeratlas.errors import DatasetError
from layeratlas.words import listed, quoted, suggestion

SOURCES: dict[str, Source] = {
    source.name: source
    for origin in (packaged, mnist, cifar, photographs, subsets)
    for source in origin.SOURCES
}

OWN = ("arrays", "folder", "text")
"""Sources that are files of the user's own."""


def get_source(name: str) -> Source:
    """The registry entry called `name`.

    Raises `DatasetError` for an unknown name; the message has the nearest name and all of them.
    """
    try:
        return SOURCES[name]
    except KeyError:
        pass
    known = source_names()
    if name in known:
        raise DatasetError(
            f"{quoted(name)} is no set of images: layeratlas.datasets.recipe.recipe_of asks for it."
        )
    spelled = str(name).lower().replace("-", "_").replace(" ", "_")
    guess = suggestion(spelled, known, cutoff=0.5, sentence=True)
    raise DatasetError(
        f"There is no data set called {quoted(name)}. {guess}Data sets: {listed(known, 130)}."
    )


def source_names() -> tuple[str, ...]:
    """All that `dataset.source` may be."""
    from layeratlas.datasets.generators.registry import GENERATORS

    return (*SOURCES, *CORPORA, *OWN, *GENERATORS)


def identity(name: str) -> dict[str, Any]:
    """`Source.identity` of the source called `name`, for the parameters of the job that loads it.

    Raises `DatasetError` for an unknown name.
    """
    return get_source(name).identity()
