"""Tar archives, whole and cut."""

from __future__ import annotations

import pytest
from made.official_files import RNG, message, tar_gz


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "stl10"])
def test_damaged_tar(stand_in, name):
    whole = tar_gz({"a/train.bin": RNG.bytes(5000), "a/readme.txt": RNG.bytes(5000)})
    assert "not found inside" in message(name, stand_in(name, {"archive": whole}))
    for content in (whole[:3000], whole[:100], b"not a tar", b""):
        said = message(name, stand_in(name, {"archive": content}))
        assert "could not be read" in said or "not found inside" in said
