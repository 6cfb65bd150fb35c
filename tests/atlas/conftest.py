"""A small project whose atlas is made, of each file of tests its own."""

from __future__ import annotations

import pytest
from made.pages import small_atlas


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_atlas(tmp_path_factory.mktemp("project"))
