"""Texts of the registry are what planning is told of them."""

from __future__ import annotations

import pytest

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.registry import source_names


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=list(CORPORA))
def test_an_entry_says_all_that_planning_needs(corpus):
    assert corpus.name in source_names()
    assert corpus.vocabulary == "".join(sorted(set(corpus.vocabulary)))
    assert corpus.n > 1000 and corpus.file.checksum.startswith("sha256:")
    assert all(url.startswith("https://") for url in corpus.file.urls)
    assert corpus.files == {"text": corpus.file} and corpus.licence and corpus.citation
    assert set(corpus.identity()) == {"checksum", "n", "vocabulary"}
