"""The registry is complete and consistent, and refuses unknown names helpfully."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from layeratlas.datasets import SOURCES, DatasetRecipe, get_source
from layeratlas.datasets.registry import identity
from layeratlas.errors import DatasetError

EXPECTED = [
    "mnist_5k",
    "digits",
    "mnist",
    "fashion_mnist",
    "kmnist",
    "cifar10",
    "cifar100",
    "svhn",
    "stl10",
    "gtsrb",
    "cifar10_subset",
    "gtsrb32_subset",
]


def module_of(source) -> str:
    return source.reader.partition(":")[0].rpartition(".")[2]


def test_all_sources_are_there():
    assert list(SOURCES) == EXPECTED


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_is_described_in_full(source):
    module, _, function = source.reader.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert source.title and source.licence and source.citation
    assert bool(source.files) != bool(source.package)
    channels, rows, columns = source.shape
    assert channels in (1, 3) and rows == columns
    for file in source.files.values():
        assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", file.checksum)
        assert all(url.startswith("http") and url.endswith(file.name) for url in file.urls)
    for digest in source.array_sha256.values():
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    local_only = not any(file.urls for file in source.files.values()) and bool(source.files)
    assert local_only == source.name.endswith("_subset")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fashon-mnist", "fashion_mnist"), ("CIFAR10", "cifar10"), ("mnist5k", "mnist_5k")],
)
def test_unknown_name_gets_the_nearest_and_the_list(typed, meant):
    with pytest.raises(DatasetError) as caught:
        get_source(typed)
    message = str(caught.value)
    assert f"no data set called {typed!r}" in message
    assert f"Did you mean {meant!r}?" in message
    assert all(name in message for name in SOURCES)


def test_a_name_like_no_other_gets_the_list_alone():
    with pytest.raises(DatasetError) as caught:
        get_source("wikipedia")
    assert "Did you mean" not in str(caught.value)
    assert "gtsrb32_subset" in str(caught.value)


def test_documents_know_every_source_and_field():
    repository = Path(__file__).parents[2]
    origins = (repository / "data" / "README.md").read_text(encoding="utf-8")
    guide = (repository / "docs" / "datasets.md").read_text(encoding="utf-8")
    for source in SOURCES.values():
        assert f"| `{source.name}` |" in origins
        counts = f"{source.n_train:,}"
        assert counts in origins
        for file in source.files.values():
            assert module_of(source) in ("idx", "svhn") or file.name in origins
    for name in DatasetRecipe.model_fields:
        assert f"| `{name}` |" in guide


def test_identity_is_canonical_json_of_what_determines_the_data():
    for name in SOURCES:
        told = identity(name)
        assert json.loads(json.dumps(told)) == told
        assert module_of(SOURCES[name]) in told["reader"]
    with pytest.raises(DatasetError, match="no data set called"):
        identity("mnits")
